"""`python -m mirror reopen`: what it asks, prints and passes on; steps are fakes, Kubernetes is in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.commands import reopen as command
from mirror.cutover.step import OnlyLooks, Verdict, World
from tests.unit.support.command_line import Run, runner
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi


class WayBack(OnlyLooks):
    name, patience, lasting = "look-at-way-back", 5.0, False

    def __init__(self, accepted: bool) -> None:
        self.accepted = accepted

    def look(self, world: World) -> Verdict:
        return Verdict("done", "accepted") if self.accepted else Verdict("blocked", "no way back", "go home")


class Fence:
    name, patience, lasting = "remove-fence", 5.0, False

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def look(self, world: World) -> Verdict:
        held = self.scene.fenced
        return Verdict("todo", "it holds 1 KafkaUser") if held else Verdict("done", "nothing is fenced")

    def do(self, world: World, journal: Any) -> None:
        self.scene.fenced = False

    def undo(self, world: World, journal: Any) -> None:
        raise AssertionError("nothing is put back")


class Scene:
    def __init__(self) -> None:
        self.api, self.fenced = MemoryApi(), True
        self.left_out: frozenset[str] = frozenset()


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = Scene()

    @contextmanager
    def opened(*_: object, options: Any, **__: object) -> Iterator[World]:
        made.left_out = options.leave_out_groups
        yield cast(World, SimpleNamespace(settings=settings(), target_kubernetes=made.api))

    monkeypatch.setattr(command, "opened", opened)
    monkeypatch.setattr(
        command, "reopening_steps", lambda settings, stack, accepted: [WayBack(accepted), Fence(made)]
    )
    monkeypatch.setattr(command, "choose_one", lambda *_: (settings(), Path()))
    return made


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(monkeypatch, "reopen")


def test_refused_it_says_the_way_out_and_changes_nothing(run: Run, scene: Scene, capsys: Any) -> None:
    assert run("--yes") == 1
    assert "Way out: go home" in capsys.readouterr().out
    assert run("--dry-run") == 1
    printed = capsys.readouterr().out
    assert "reopen of mirror east-to-west" in printed
    assert "look-at-way-back: go home" in printed
    assert scene.fenced


def test_it_does_not_act_without_consent(run: Run, scene: Scene, capsys: Any) -> None:
    assert run("--accept-unmirrored") == 2
    assert "add --yes" in capsys.readouterr().err
    assert scene.fenced


def test_it_acts_once_and_then_has_nothing_to_do(run: Run, scene: Scene, capsys: Any) -> None:
    assert run("--accept-unmirrored", "--yes", "--leave-out-group", "g") == 0
    assert not scene.fenced
    assert scene.left_out == {"g"}
    assert "✓ done: remove-fence" in capsys.readouterr().out
    assert run("--accept-unmirrored", "--yes") == 0
    assert "nothing to do" in capsys.readouterr().out


def test_json_is_an_event_a_line(run: Run, scene: Scene, capsys: Any) -> None:
    run("--accept-unmirrored", "--yes", "-o", "json")
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["event"], one.get("step", "")) for one in events][-2:] == [
        ("done", "remove-fence"),
        ("ended", ""),
    ]
