"""The command `cutover` with one step that is a fake, and Kubernetes in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.commands import cutover as command
from mirror.commands import proven_again
from mirror.cutover.step import Verdict, World
from mirror.problems import CouldNotConnect, CouldNotRun
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi

LEASE = "/apis/coordination.k8s.io/v1/namespaces/kafka/leases/east-to-west-cutover"
JOURNAL = "/api/v1/namespaces/kafka/configmaps/east-to-west-cutover"


class Fence:
    name, patience, lasting = "fence", 5.0, False

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def look(self, world: World) -> Verdict:
        if self.scene.source_lost is not None:
            raise self.scene.source_lost
        if self.scene.blocked:
            return Verdict("blocked", "1 users cannot be fenced", "accept it")
        return Verdict("done", "fenced") if self.scene.fenced else Verdict("todo", "1 user may write")

    def do(self, world: World, journal: Any) -> None:
        journal.keep("fence", "users", ["ann"])
        self.scene.fenced = True

    def undo(self, world: World, journal: Any) -> None:
        if self.scene.undo_fails:
            raise CouldNotRun("changing KafkaUser ann", "forbidden", "ask for permission")
        self.scene.fenced = False


class Scene:
    def __init__(self) -> None:
        self.api = MemoryApi()
        self.fenced = self.blocked = self.undo_fails = False
        self.lost: CouldNotConnect | None = None
        self.lost_at_once: CouldNotConnect | None = None
        self.source_lost: CouldNotConnect | None = None
        self.phase = "replicate"
        self.unproven: list[str] = []
        self.unverifiable: CouldNotConnect | None = None


def scene_of(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Put the command into the scene."""
    made = Scene()

    @contextmanager
    def opened(*_: object, **__: object) -> Iterator[World]:
        if made.lost_at_once is not None:
            raise made.lost_at_once
        annotations = {"region-mirror/phase": made.phase} if made.phase != "replicate" else {}

        def resource() -> dict[str, Any]:
            if made.lost is not None:
                raise made.lost
            return {"metadata": {"annotations": annotations}}

        world = SimpleNamespace(settings=settings(), target_kubernetes=made.api, resource=resource)
        yield cast(World, world)

    def verify(*_: object, **__: object) -> Any:
        if made.unverifiable is not None:
            raise made.unverifiable
        return SimpleNamespace(checks=[SimpleNamespace(name=one, passed=False) for one in made.unproven])

    monkeypatch.setattr(command, "opened", opened)
    monkeypatch.setattr(command, "steps_of", lambda settings: [Fence(made)])
    monkeypatch.setattr(command, "choose_one", lambda *_: (settings(), Path()))
    monkeypatch.setattr(proven_again, "verify", verify)
    return made
