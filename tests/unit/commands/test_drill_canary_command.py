"""`python -m mirror drill canary`: what it asks, refuses and prints; the run itself is a stand-in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.commands import drill_canary as command
from mirror.commands.drilling import program
from mirror.cutover.canary.canary import Canary
from mirror.cutover.canary.look import Look
from mirror.cutover.canary.run import Scene
from mirror.cutover.drill.recording import Line
from mirror.cutover.step import World
from mirror.problems import CouldNotRun
from tests.unit.cutover.canary.canaries import Documents, document, lines, there_and_back
from tests.unit.support.command_line import Run, runner
from tests.unit.support.made_up import settings
from tests.unit.support.mock_kafka import PlainAccess


class Drill:
    def __init__(self) -> None:
        self.problems: list[str] = []
        self.recording: Documents = there_and_back()
        self.scene: Scene | None = None

    def look(self, world: World, canary: Canary, accept_coupled: frozenset[str]) -> Look:
        return Look(canary, ["writes records", "fences bob"], self.problems)

    def run(self, scene: Scene, file: Any, show: Any) -> list[Line]:
        self.scene = scene
        return lines(*self.recording)


@pytest.fixture
def drill(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Drill:
    made = Drill()

    @contextmanager
    def opened(*_: object, **given: Any) -> Iterator[World]:
        access = PlainAccess("east:9092", "", cast(Any, SimpleNamespace(principal="User:admin")), "east")
        world = SimpleNamespace(
            settings=settings(),
            source_admin=SimpleNamespace(access=lambda _: access),
            options=given["options"],
            sides=lambda: SimpleNamespace(source=SimpleNamespace(access=access)),
        )
        yield cast(World, world)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "opened", opened)
    monkeypatch.setattr(command, "choose_one", lambda *_: (settings(), Path()))
    monkeypatch.setattr(command, "look", made.look)
    monkeypatch.setattr(command, "drill_canary", made.run)
    return made


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(monkeypatch, "drill", "canary")


def test_every_problem_is_one_message_and_nothing_runs(run: Run, drill: Drill, capsys: Any) -> None:
    drill.problems = ["topic x is not mirrored: add it", "no login may write"]
    assert run("--yes") == 2
    told = capsys.readouterr().err
    assert "moving topic east-to-west-canary and group east-to-west-canary: nothing was changed" in told
    assert "- topic x is not mirrored: add it" in told
    assert "- no login may write" in told
    assert drill.scene is None
    assert run("--dry-run") == 1
    assert "cannot run:" in capsys.readouterr().out


def test_it_tells_what_it_changes_and_does_not_act_without_consent(
    run: Run, drill: Drill, capsys: Any
) -> None:
    assert run("--quiet") == 2
    told = capsys.readouterr().err
    assert "fences bob" in told
    assert "add --yes" in told
    assert drill.scene is None


def test_a_dry_run_tells_what_it_would_change(run: Run, drill: Drill, capsys: Any) -> None:
    assert run("--dry-run", "-o", "json") == 0
    assert json.loads(capsys.readouterr().out)["changes"] == ["writes records", "fences bob"]
    assert run("--dry-run", "--markdown") == 0
    assert "- fences bob" in capsys.readouterr().out
    assert drill.scene is None


def test_the_verdict_is_the_exit_code(run: Run, drill: Drill, capsys: Any) -> None:
    assert run("--yes", "--html", "page.html") == 0
    told = capsys.readouterr()
    assert "PASSED: there in 10 s, back in 8.0 s" in told.out
    assert "Topic east-to-west-canary on east, its copy" in told.err
    assert "<svg" in Path("page.html").read_text()
    drill.recording.append(document("failed", text="reading x: no answer"))
    assert run("--yes", "-o", "json") == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["passed"], found["problems"]) == (False, ["reading x: no answer"])


def test_a_recording_is_reported_again(run: Run, drill: Drill, monkeypatch: Any, capsys: Any) -> None:
    Path("canary.jsonl").write_text("\n".join(map(json.dumps, drill.recording)))
    assert runner(monkeypatch)("drill", "report", "canary.jsonl", "--markdown") == 0
    assert "**PASSED**" in capsys.readouterr().out


def test_a_page_that_cannot_be_written_hides_no_result(drill: Drill, monkeypatch: Any, capsys: Any) -> None:
    Path("canary.jsonl").write_text("\n".join(map(json.dumps, drill.recording)))
    assert runner(monkeypatch)("drill", "report", "canary.jsonl", "--markdown", "--html", "no/such.html") == 2
    told = capsys.readouterr()
    assert "**PASSED**" in told.out
    assert "writing no/such.html" in told.err


def test_a_load_with_one_quotation_mark_is_one_message() -> None:
    with pytest.raises(CouldNotRun, match="No closing quotation"):
        program("load 'x", "REGION_MIRROR_DRILL_LOAD", "there is no load", "name one")


def test_the_commands_are_those_of_an_operator(run: Run, drill: Drill, capsys: Any) -> None:
    run("--yes", "--stack", "prod", "--accept-unfenced", "admin", "--accept-coupled", "ann")
    assert drill.scene is not None
    name = "east-to-west-canary"
    words = ["--topic", name, "--group", name, "--accept-coupled", "ann", "--accept-unfenced", "admin"]
    ends = ["--yes", "--output", "json", "--quiet"]
    assert drill.scene.commands.cutover[2:] == [
        "mirror",
        *("cutover", "--stack", "prod", *words, "--until", "prove"),
        *ends,
    ]
    assert drill.scene.commands.rollback[2:] == ["mirror", "cutover", "rollback", "--stack", "prod", *ends]
    assert drill.scene.accepts_unfenced
