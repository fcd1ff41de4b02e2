"""However often and in whichever order runs end, a pull request has one comment for each stack that it
concerns.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mirror.forge.api import Gone
from mirror.forge.forge import Forge
from mirror.forge.github import GitHub
from mirror.forge.gitlab import GitLab
from mirror.forge.keep import Run, keep
from mirror.forge.mark import Mark, marked
from mirror.forge.report import StackReport
from tests.unit.forge.made_up import report
from tests.unit.support.forge_server import Answer, ForgeServer

PERSON = {"login": "alice", "type": "User", "author": {"id": 6}}


@pytest.fixture(params=["github", "gitlab"])
def forge(request: Any) -> Any:
    return request.getfixturevalue({"github": "hub", "gitlab": "lab"}[request.param])


def actions(forge: Forge, run: Run, *reports: StackReport) -> list[str]:
    return [f"{one.stack} {one.action}" for one in keep(forge, run, reports)]


def test_it_is_created_then_edited_in_place(forge: Forge, server: ForgeServer, run: Run) -> None:
    assert actions(forge, run, report("a"), report("b")) == ["a created", "b created"]
    numbers = [one["id"] for one in server.comments]
    later = replace(run, number=43)
    assert actions(forge, later, report("a", plan="### other\n"), report("b")) == ["a edited", "b edited"]
    assert [one["id"] for one in server.comments] == numbers
    assert "### other" in server.bodies[0]


def test_nothing_is_written_where_nothing_changed(forge: Forge, server: ForgeServer, run: Run) -> None:
    keep(forge, run, [report()])
    before = len(server.requests)
    assert actions(forge, run, report()) == ["prod-west unchanged"]
    assert {method for method, _ in server.requests[before:]} == {"GET"}


def test_it_is_found_behind_a_hundred_others(forge: Forge, server: ForgeServer, run: Run) -> None:
    for number in range(250):
        server.add(f"I think {number}", PERSON)
    keep(forge, run, [report()])
    for number in range(150):
        server.add(f"And {number}", PERSON)
    assert actions(forge, replace(run, number=43), report()) == ["prod-west edited"]
    assert len(server.comments) == 401


def test_it_goes_when_the_stack_is_no_longer_concerned(forge: Forge, server: ForgeServer, run: Run) -> None:
    keep(forge, run, [report("a"), report("b")])
    assert actions(forge, replace(run, number=43), report("b")) == ["b edited", "a deleted"]
    assert [marked(body).stack for body in server.bodies if marked(body)] == ["b"]  # type: ignore[union-attr]
    assert actions(forge, replace(run, number=44)) == ["b deleted"]
    assert server.comments == []


def test_other_projects_and_people_keep_theirs(forge: Forge, server: ForgeServer, run: Run) -> None:
    mark = str(Mark("region-mirror", "prod-west", run.commit, 1))
    server.add(f"> {mark}\nwhat is this?")
    server.add(f"{mark}\nforged", PERSON)
    server.add(f"{Mark('other-project', 'prod-west', run.commit, 1)}\ntheirs")
    assert actions(forge, run, report()) == ["prod-west created"]
    assert actions(forge, run) == ["prod-west deleted"]
    assert len(server.comments) == 3


def test_an_older_run_that_ends_later_changes_nothing(forge: Forge, server: ForgeServer, run: Run) -> None:
    keep(forge, run, [report("a"), report("b")])
    older = Run("region-mirror", "a" * 40, 41, "https://forge.example/runs/41")
    before = server.bodies
    assert actions(forge, older, report("a", plan="old")) == [
        "a left to a newer run",
        "b left to a newer run",
    ]
    assert server.bodies == before


def test_it_says_that_the_pull_request_has_moved_on(forge: Forge, server: ForgeServer, run: Run) -> None:
    server.head = "c" * 40
    keep(forge, run, [report()])
    assert (
        f"Stale: this reports commit `{'b' * 12}`, but the pull request is at `{'c' * 12}`"
        in server.bodies[0]
    )
    current = Run("region-mirror", "c" * 40, 43, "https://forge.example/runs/43")
    keep(forge, current, [report()])
    assert "Stale" not in server.bodies[0]


def test_a_missing_report_marks_the_old_one_as_stale(forge: Forge, server: ForgeServer, run: Run) -> None:
    keep(forge, run, [report()])
    server.head = "c" * 40
    later = Run("region-mirror", "c" * 40, 43, "https://forge.example/runs/43")
    for _ in range(2):
        assert actions(forge, later, StackReport("prod-west", ())) == ["prod-west marked as stale"]
    assert server.bodies[0].count("Stale") == 1
    assert "invoices" in server.bodies[0]
    assert "(https://forge.example/runs/43)" in server.bodies[0]
    assert actions(forge, replace(later, number=44), report()) == ["prod-west edited"]
    assert "Stale" not in server.bodies[0]


def test_a_stack_without_any_report_has_not_passed(forge: Forge, server: ForgeServer, run: Run) -> None:
    keep(forge, run, [StackReport("prod-west", ())])
    assert "**failed**" in server.bodies[0]
    assert "The run has no report about this stack" in server.bodies[0]


def test_two_runs_at_once_leave_one_comment(forge: Forge, server: ForgeServer, run: Run) -> None:
    other = f"{Mark('region-mirror', 'prod-west', 'a' * 40, 41)}\nof the run at the same time\n"
    done: list[bool] = []

    def before(method: str, _: str) -> Answer | None:
        if method == "POST" and not done:
            done.append(True)
            server.add(other)
        return None

    server.before = before
    keep(forge, run, [report()])
    assert len(server.comments) == 1
    assert "commit=" + "b" * 40 in server.bodies[0]


def test_an_older_run_that_writes_at_the_same_time_does_not_stay(
    forge: Forge, server: ForgeServer, run: Run
) -> None:
    """It had listed the comments before, and wrote after this run: its state was shown as the newest."""
    keep(forge, replace(run, number=40), [report()])
    older = f"{Mark('region-mirror', 'prod-west', 'a' * 40, 41)}\nof the older run\n"
    done: list[bool] = []

    def before(method: str, _: str) -> Answer | None:
        if method in ("PATCH", "PUT") and not done:
            done.append(True)
            server.comments[0]["body"] = older
            return 200, server.comments[0], {}
        return None

    server.before = before
    keep(forge, run, [report()])
    (body,) = server.bodies
    assert "of the older run" not in body
    assert f"run={run.number} " in body


def test_a_commit_that_is_pushed_while_the_comments_are_written_makes_them_stale(
    forge: Forge, server: ForgeServer, run: Run
) -> None:
    keep(forge, replace(run, number=40), [report("a"), report("b")])

    def before(method: str, _: str) -> Answer | None:
        if method in ("PATCH", "PUT"):
            server.head = "c" * 40
        return None

    server.before = before
    keep(forge, run, [report("a"), report("b")])
    assert ["Stale" in body for body in server.bodies] == [True, True]


def test_a_comment_that_somebody_deletes_meanwhile_is_created_anew(
    forge: Forge, server: ForgeServer, run: Run
) -> None:
    keep(forge, run, [report()])

    def before(method: str, _: str) -> Answer | None:
        if method in ("PATCH", "PUT"):
            server.comments.clear()
        return None

    server.before = before
    assert actions(forge, replace(run, number=43), report()) == ["prod-west created"]
    assert len(server.comments) == 1


def test_a_comment_that_always_disappears_ends(hub: GitHub, server: ForgeServer, run: Run) -> None:
    keep(hub, run, [report()])
    server.before = lambda method, _: (404, {"message": "Not Found"}, {}) if method == "PATCH" else None
    with pytest.raises(Gone):
        keep(hub, replace(run, number=43), [report()])


def test_an_answer_that_is_lost_creates_no_second_comment(lab: GitLab, server: ForgeServer, run: Run) -> None:
    lost: list[bool] = []

    def before(method: str, _: str) -> Answer | None:
        if method == "POST" and not lost:
            lost.append(True)
            server.add(f"{Mark('region-mirror', 'prod-west', run.commit, run.number)}\n")
            return 502, {"message": "Bad Gateway"}, {}
        return None

    server.before = before
    assert actions(lab, run, report()) == ["prod-west edited"]
    assert len(server.comments) == 1
