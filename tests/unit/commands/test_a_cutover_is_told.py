"""What `cutover` prints as Markdown, and where nothing can be printed."""

from __future__ import annotations

import io
import json
import os
import sys
from typing import Any

import pytest

from mirror.commands import cutover as command
from mirror.cutover.step import Verdict, World
from mirror.problems import CouldNotRun
from tests.unit.commands.cutover_scene import JOURNAL, LEASE, Fence, Scene, scene_of
from tests.unit.support.command_line import Run, runner


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return scene_of(monkeypatch)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(monkeypatch, "cutover")


@pytest.mark.parametrize("options", [("--dry-run",), ("--yes",)])
def test_markdown_has_the_way_out_of_a_blocked_step(
    run: Run, scene: Scene, capsys: Any, options: tuple[str, ...]
) -> None:
    """The pipelines' moves print Markdown: whoever reads the summary has nothing else."""
    scene.blocked = True
    assert run(*options, "--markdown") == 1
    assert "| 1 users cannot be fenced | accept it |" in capsys.readouterr().out


def test_markdown_says_who_runs_the_mirrors_cutover(run: Run, scene: Scene, capsys: Any) -> None:
    run("--yes", "--until", "fence", "-o", "json")
    lease = scene.api.objects[LEASE]
    lease["spec"] |= {"holderIdentity": "bob@elsewhere/7", "renewTime": "2999-01-01T00:00:00.000000Z"}
    capsys.readouterr()
    assert run("--dry-run", "--markdown") == 1
    shown = capsys.readouterr().out
    assert "bob@elsewhere/7` runs a cutover" in shown
    assert "acting fence: 1 user may write" in shown


def test_markdown_has_what_was_done_before_a_cluster_stopped_answering(
    run: Run, scene: Scene, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Drain(Fence):
        name = "drain"

        def look(self, world: World) -> Verdict:
            raise CouldNotRun("reading topics of the source", "timed out", "check the network")

    monkeypatch.setattr(command, "steps_of", lambda settings: [Fence(scene), Drain(scene)])
    assert run("--yes", "--markdown") == 2
    printed = capsys.readouterr()
    assert "| fence | done | fenced |  |" in printed.out
    assert "timed out" in printed.err


@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_an_output_that_cannot_be_written_stops_no_move(
    run: Run, scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: Any, form: str
) -> None:
    """`cutover | head -1`, or a full disk: the command ended behind the fence, which refuses records."""

    class Ended(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

        def flush(self) -> None:
            raise BrokenPipeError

        def fileno(self) -> int:
            return os.dup(2)  # of which main() makes /dev/null

    class Drain(Fence):
        name = "drain"

        def look(self, world: World) -> Verdict:
            return Verdict("done", "drained")

    monkeypatch.setattr(command, "steps_of", lambda settings: [Fence(scene), Drain(scene)])
    monkeypatch.setattr(sys, "stdout", Ended())
    assert run("--yes", "-o", form) == 2
    assert scene.fenced
    events = json.loads(scene.api.objects[JOURNAL]["data"]["journal.json"])["events"]
    assert events[-1]["text"] == "done: fence"
