"""`python -m mirror cutover`: what it changes, asks and prints; steps are fakes, Kubernetes is in memory."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from mirror.commands import cutover as command
from mirror.cutover.lease import identity
from mirror.problems import CouldNotConnect, NotLoggedIn
from tests.unit.commands.cutover_scene import JOURNAL, LEASE, Scene, scene_of
from tests.unit.support.command_line import Run, runner


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return scene_of(monkeypatch)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(monkeypatch, "cutover")


def test_a_dry_run_changes_nothing(run: Run, scene: Scene, capsys: Any) -> None:
    assert run("--dry-run") == 0
    assert "1 user may write" in capsys.readouterr().out
    assert not scene.fenced
    assert scene.api.writes == []


def test_a_dry_run_with_a_blocked_step_is_1(run: Run, scene: Scene, capsys: Any) -> None:
    scene.blocked = True
    assert run("--dry-run") == 1
    assert "fence: accept it" in capsys.readouterr().out


def test_it_does_not_act_without_consent(run: Run, scene: Scene, capsys: Any) -> None:
    assert run() == 2
    assert "add --yes" in capsys.readouterr().err
    assert not scene.fenced
    assert scene.api.writes == []


def test_it_acts_once_and_then_has_nothing_to_do(run: Run, scene: Scene, capsys: Any) -> None:
    assert run("--yes") == 0
    assert scene.fenced
    assert "✓ done: fence" in capsys.readouterr().out
    assert run("--yes") == 0
    assert "nothing to do" in capsys.readouterr().out


def test_json_is_an_event_a_line_and_the_journal_has_what_was_done(
    run: Run, scene: Scene, capsys: Any
) -> None:
    run("--yes", "-o", "json")
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["event"] for one in events] == ["looked", "acting", "done", "ended"]
    journal = json.loads(scene.api.objects[JOURNAL]["data"]["journal.json"])
    assert [one["event"] for one in journal["events"]] == ["acting", "done", "ended"]
    assert journal["kept"] == {"fence": {"users": ["ann"]}}


def test_markdown_is_a_table_at_the_end(run: Run, scene: Scene, capsys: Any) -> None:
    run("--yes", "--markdown")
    printed = capsys.readouterr()
    assert "| fence | done | fenced |  |" in printed.out
    assert "→ fence: 1 user may write" in printed.err  # meanwhile, for the log of a pipeline
    run("--yes", "--markdown", "--quiet")
    assert capsys.readouterr().err == ""


def test_a_blocked_step_is_1_with_its_way_out(run: Run, scene: Scene, capsys: Any) -> None:
    scene.blocked = True
    assert run("--yes") == 1
    assert "Way out: accept it" in capsys.readouterr().out


def test_a_command_that_was_killed_here_blocks_no_rehearsal(run: Run, scene: Scene) -> None:
    """A dry run told that somebody runs a cutover, for 30 s after the end of that process."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead = f"{identity().rpartition('/')[0]}/{ended.pid}"
    spec = {"holderIdentity": dead, "renewTime": "2999-01-01T00:00:00.000000Z", "leaseDurationSeconds": 30}
    scene.api.put(LEASE, {"metadata": {"name": "east-to-west-cutover"}, "spec": spec})
    assert run("--dry-run") == 0


def test_a_second_operator_changes_nothing(run: Run, scene: Scene, capsys: Any) -> None:
    run("--yes", "--until", "fence")
    scene.fenced = False
    lease = scene.api.objects[LEASE]
    lease["spec"] |= {"holderIdentity": "bob@elsewhere/7", "renewTime": "2999-01-01T00:00:00.000000Z"}
    assert run("--yes") == 2
    assert "bob@elsewhere/7 runs a cutover" in capsys.readouterr().err
    assert not scene.fenced
    assert run("--dry-run") == 1
    assert "bob@elsewhere/7 runs a cutover" in capsys.readouterr().out


def test_an_unknown_step_is_one_message(run: Run, scene: Scene, capsys: Any) -> None:
    assert run("--yes", "--until", "tea") == 2
    assert "--until tea: there is no such step" in capsys.readouterr().err


def test_a_rollback_puts_back_and_verifies(run: Run, scene: Scene, capsys: Any) -> None:
    run("--yes")
    assert run("rollback", "--yes") == 0
    assert not scene.fenced
    assert "mirror east-to-west is proven again" in capsys.readouterr().out


def test_a_rollback_to_an_unproven_mirror_is_1(run: Run, scene: Scene, capsys: Any) -> None:
    scene.unproven = ["lag"]
    assert run("rollback", "--yes") == 1
    assert "not proven: lag" in capsys.readouterr().out


def test_a_rollback_did_run_where_nothing_can_be_verified(run: Run, scene: Scene, capsys: Any) -> None:
    """Without the target's Kafka it ended with 2, "could not run", after it had undone every step."""
    scene.unverifiable = CouldNotConnect("connecting to Kafka cluster west", "not reachable", "check it")
    run("--yes")
    assert run("rollback", "--yes") == 1
    told = " ".join(capsys.readouterr().out.split())
    assert "mirror east-to-west is not verified: connecting to Kafka cluster west: not reachable." in told
    assert not scene.fenced


def test_a_rollback_that_leaves_producers_denied_is_1(
    run: Run, scene: Scene, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipeline took it for done."""
    monkeypatch.setattr(command, "left_denied", lambda world: "Write is STILL DENIED")
    scene.fenced = True
    assert run("rollback", "--yes") == 1
    assert "STILL DENIED" in capsys.readouterr().out


def test_a_rollback_that_fails_says_that_the_source_stays_fenced(run: Run, scene: Scene, capsys: Any) -> None:
    run("--yes")
    scene.undo_fails = True
    assert run("rollback", "--yes") == 1
    assert "THE SOURCE STAYS FENCED" in capsys.readouterr().out
    assert scene.fenced


def test_a_target_that_does_not_answer_is_no_dead_end(
    run: Run, scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """Its region was lost behind the fence of the source."""

    dead = CouldNotConnect("reaching https://west", "no answer in time", "check the network")
    for scene.lost, scene.lost_at_once in ((dead, None), (None, dead)):
        assert run("rollback", "--yes") == 2
        assert "where west is lost, --target-is-lost lets producers write again" in capsys.readouterr().err
    asked: list[object] = []

    def opened(*given: object) -> list[str]:
        asked.append(given)
        return ["open", "then this"]

    monkeypatch.setattr(command, "source_kubernetes_of", lambda *given: given[-1])
    monkeypatch.setattr(command, "open_source", opened)
    assert run("rollback", "--target-is-lost") == 2, "nobody was asked"
    assert asked == []
    assert run("rollback", "--target-is-lost", "--yes") == 0
    assert len(asked) == 1
    assert "✓ then this" in capsys.readouterr().out


def test_a_source_that_is_lost_after_the_promotion_is_no_dead_end(
    run: Run, scene: Scene, capsys: Any
) -> None:
    """The command was interrupted before it started clients, and its steps look at the fence first."""
    scene.source_lost = CouldNotConnect("reaching https://east", "no answer in time", "check the network")
    way_out = "where east is lost, `region-mirror failover` does what is left"
    for scene.phase, told in (("promoted", True), ("replicate", False)):
        for options in (["--yes"], ["--dry-run"]):
            assert run(*options) == 2
            assert (way_out in " ".join(capsys.readouterr().err.split())) is told
    scene.phase, scene.source_lost = "promoted", NotLoggedIn("reaching https://east", "401", "renew it")
    assert run("--yes") == 2
    assert "failover" not in capsys.readouterr().err, "it answers"


def test_an_expired_login_is_no_lost_target(run: Run, scene: Scene, capsys: Any) -> None:
    scene.lost = NotLoggedIn("reaching https://west", "not logged in (401)", "renew the token")
    assert run("rollback", "--yes") == 2
    assert "is lost" not in capsys.readouterr().err


def test_there_is_no_way_back_after_the_promotion(run: Run, scene: Scene, capsys: Any) -> None:
    run("--yes")
    scene.phase = "promoted"
    assert run("rollback", "--yes") == 1
    assert "would lose these records. Nothing was changed" in capsys.readouterr().out
    assert scene.fenced


def test_the_status_shows_steps_and_events_and_changes_nothing(run: Run, scene: Scene, capsys: Any) -> None:
    run("--yes")
    writes = len(scene.api.writes)
    capsys.readouterr()
    assert run("status") == 0
    printed = capsys.readouterr().out
    assert "fenced" in printed
    assert "ended" in printed
    assert len(scene.api.writes) == writes
