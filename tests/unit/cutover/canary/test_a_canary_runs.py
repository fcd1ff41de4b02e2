"""A canary moves and comes back, whatever fails in between; clusters and commands are stand-ins."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast

import pytest

from mirror.cutover.canary import run as module
from mirror.cutover.canary.canary import READ, Canary
from mirror.cutover.canary.clusters import Clusters, Copied
from mirror.cutover.canary.judge import judge_canary
from mirror.cutover.canary.records import SourceRecords, Written
from mirror.cutover.canary.results import CanaryReport
from mirror.cutover.canary.run import Commands, Scene, drill_canary
from mirror.cutover.drill.recording import parsed
from mirror.cutover.drill.run import recording
from mirror.problems import CouldNotRead, CouldNotRun
from tests.unit.support.made_up import settings

CUTOVER = """
import json, pathlib
at = "1970-01-01T00:00:01+00:00"
def tell(event, step, text):
    print(json.dumps(dict(event=event, at=at, step=step, text=text)), flush=True)
{body}
raise SystemExit({code})
"""
BEGINS = 'pathlib.Path("begun").touch()\ntell("done", "prove", "it is")'
STOPS = 'tell("stopped", "preflight", "1 failing check")'
ENDS = 'pathlib.Path("begun").unlink()\ntell("undone", "fence", "nothing of it is left")'


class Both:
    """The source's log, and a mirror that copies it at once. `begun`: a file, while a part is in progress."""

    def __init__(self, folder: Path) -> None:
        self.begun = folder / "begun"
        self.log: list[str] = ["x-canary/r0/1"]
        self.group = 0
        self.mirrors = self.fences = self.answers = True
        self.acls = frozenset({"ACL a"})
        self.was_begun = False

    def create(self) -> None:
        assert not self.begun.exists(), "an earlier canary is rolled back first"

    def write(self, numbers: Iterable[int], *, fenced: bool = False) -> list[Written]:
        if self.begun.exists() and self.fences:
            assert fenced
            return [Written(str(number), "refused", 1.0, "not authorized") for number in numbers]
        every = [str(number) for number in numbers]
        self.log += every
        return [Written(one, "accepted", 1.0) for one in every]

    def read(self, last: str) -> list[str]:
        found = self.log[self.group : self.log.index(last) + 1]
        self.group += len(found)
        return found

    def copied(self) -> list[Copied]:
        if not self.answers and self.begun.exists():
            raise CouldNotRead("reading x-canary", "no answer in time", "check the brokers")
        return [Copied(*one) for one in enumerate(self.log)] if self.mirrors else []

    def committed(self) -> int:
        return self.group if self.begun.exists() else self.group - 2

    def permissions(self) -> frozenset[str]:
        self.was_begun = self.was_begun or self.begun.exists()
        return self.acls


class Drill:
    def __init__(self, folder: Path) -> None:
        self.folder, self.both = folder, Both(folder)
        self.canary = Canary(settings(topics=["x-.*"], groups=["x-.*"]), "r1")
        self.cutover, self.code = BEGINS, 0
        self.rollback, self.code_back = ENDS, 0
        self.show: Callable[[str], None] = lambda text: None

    def run(self) -> CanaryReport:
        def argv(body: str, code: int) -> list[str]:
            return [sys.executable, "-c", CUTOVER.format(body=body, code=code)]

        scene = Scene(
            self.canary,
            cast(SourceRecords, self.both),
            cast(Clusters, self.both),
            Commands(argv(self.cutover, self.code), argv(self.rollback, self.code_back)),
            self.folder,
            self.both.begun.exists,
            False,
        )
        with (self.folder / "canary.jsonl").open("w") as file:
            lines = drill_canary(scene, file, self.show)
        assert parsed(recording(self.folder / "canary.jsonl"), "it") == lines
        return judge_canary(lines)


@pytest.fixture
def drill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Drill:
    monkeypatch.setattr(Canary, "patience", 0.0)
    monkeypatch.setattr(module, "OPEN_SECONDS", 0.0)
    return Drill(tmp_path)


def phases(report: CanaryReport) -> list[str]:
    return [one.step for one in report.phases]


WHOLE = ["write", "mirror", "there", "on-target", "back", "goes-on", "count"]


def test_it_goes_there_and_back(drill: Drill) -> None:
    found = drill.run()
    assert found.passed, found.problems
    assert phases(found) == WHOLE
    assert found.fence == "refused"
    assert found.places[0].skipped == found.places[0].again == 0
    assert not drill.both.begun.exists()
    assert drill.both.group == len(drill.both.log), "the group has read everything at the source"


def test_the_next_run_does_not_mind_the_records_of_this_one(drill: Drill) -> None:
    drill.run()
    drill.both.log = [one if "/" in one else f"x-canary/r1/{one}" for one in drill.both.log]
    drill.canary = Canary(drill.canary.settings, "r2")
    found = drill.run()
    assert found.passed, found.problems


def test_a_part_that_a_killed_run_has_left_is_rolled_back_first(drill: Drill) -> None:
    drill.both.begun.touch()
    found = drill.run()
    assert found.passed, found.problems
    assert phases(found) == ["roll-back-first", *WHOLE]
    assert not drill.both.was_begun, "the ACLs are read before the fence and after it"


def test_nothing_is_moved_where_that_rollback_fails(drill: Drill) -> None:
    drill.both.begun.touch()
    drill.rollback, drill.code_back = 'tell("undo-failed", "fence", "forbidden")', 1
    found = drill.run()
    assert found.problems[0] == "`cutover rollback` ended with exit code 1: forbidden"
    assert phases(found) == ["roll-back-first"]
    assert drill.both.log == ["x-canary/r0/1"]


def test_nothing_is_moved_where_the_mirror_does_not_copy(drill: Drill) -> None:
    drill.both.mirrors = False
    found = drill.run()
    assert found.problems[0].startswith(f"topic {drill.canary.copy} on the target lacks 20 of")
    assert phases(found) == ["write", "mirror"]


def test_a_cutover_that_stops_before_any_change_is_not_rolled_back(drill: Drill) -> None:
    # Without a part in progress `cutover rollback` would undo a cutover of the whole mirror.
    drill.cutover, drill.code = STOPS, 1
    drill.rollback = 'raise SystemExit("the whole mirror")'
    found = drill.run()
    assert found.problems == (
        "`cutover` ended with exit code 1: 1 failing check",
        "phase on-target was not reached",
    )


@pytest.mark.parametrize("code", [1, 2])
def test_a_cutover_that_stops_later_is_rolled_back(drill: Drill, code: int) -> None:
    drill.cutover, drill.code = BEGINS + "\n" + STOPS, code
    if code == 2:
        with pytest.raises(CouldNotRun, match="running `cutover`"):
            drill.run()
    else:
        found = drill.run()
        assert phases(found) == ["write", "mirror", "there", "back"]
        assert not found.passed
    assert not drill.both.begun.exists()


def test_a_target_that_does_not_answer_is_rolled_back_from(drill: Drill) -> None:
    drill.both.answers = False
    found = drill.run()
    assert "reading x-canary: no answer in time" in found.problems[0]
    assert phases(found) == WHOLE
    assert not drill.both.begun.exists()


def test_an_interrupt_is_rolled_back_from(drill: Drill, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(drill.both, "committed", lambda: interrupted() if drill.both.begun.exists() else 3)
    with pytest.raises(KeyboardInterrupt):
        drill.run()
    assert not drill.both.begun.exists()


def test_an_interrupted_command_has_ended_before_the_rollback(drill: Drill) -> None:
    def interrupted(text: str) -> None:
        if text == "prove: it is":
            raise KeyboardInterrupt

    drill.show = interrupted
    drill.cutover = BEGINS + '\nimport time; time.sleep(0.5)\npathlib.Path("ended").touch()'
    drill.rollback = 'assert pathlib.Path("ended").exists()\n' + ENDS
    with pytest.raises(KeyboardInterrupt):
        drill.run()
    assert not drill.both.begun.exists()


def test_a_writer_that_no_fence_stops_is_seen(drill: Drill) -> None:
    drill.both.fences = False
    found = drill.run()
    assert found.problems == (
        "east accepted a record behind the fence, although nobody was accepted as unfenced",
    )


def test_acls_that_the_rollback_leaves_behind_are_named(
    drill: Drill, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([frozenset({"ACL a"}), frozenset({"ACL b"})])
    monkeypatch.setattr(drill.both, "permissions", lambda: next(answers))
    assert drill.run().problems == (
        "not as before, if nobody else has changed it meanwhile: removed: ACL a",
        "not as before, if nobody else has changed it meanwhile: added: ACL b",
    )


def test_the_group_reads_a_known_number_of_this_runs_records(drill: Drill) -> None:
    drill.run()
    lines = parsed(recording(drill.folder / "canary.jsonl"), "it")
    read = [one for one in lines if getattr(one, "kind", "") == "read"]
    assert [one.record for one in read[:READ]] == [str(number) for number in range(1, READ + 1)]  # type: ignore[union-attr]
