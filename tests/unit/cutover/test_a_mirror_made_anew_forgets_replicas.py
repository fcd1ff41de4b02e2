"""Replicas that the cutover of an earlier mirror of the same name has annotated are old."""

from __future__ import annotations

import pytest

from tests.unit.cutover.workload_scene import CONSUMERS, PRODUCERS, Scene, put, scene_with_workloads, shape
from tests.unit.support.memory_journal import MemoryJournal


@pytest.fixture
def scene() -> Scene:
    """A mirror was promoted, production went home with more replicas, and the mirror was made anew."""
    made = scene_with_workloads()
    for role in ("consumer", "producer"):
        made.stop(role).do(made.world, made.journal)
    made.phase = "promoted"
    for role in ("consumer", "producer"):
        made.start(role).do(made.world, made.journal)
    scale(made, "east", 7)
    scale(made, "west", 0)
    made.phase, made.uid, made.journal = "replicate", "two", MemoryJournal()
    return made


def scale(scene: Scene, side: str, replicas: int) -> None:
    api = getattr(scene, side)
    for path, one in api.objects.items():
        if "/deployments/" in path or "/statefulsets/" in path:
            one["spec"]["replicas"] = replicas


def test_the_target_gets_the_replicas_of_now(scene: Scene) -> None:
    assert (
        scene.stop().look(scene.world).text.startswith("producers run at the source: Deployment shop/writer")
    )
    for role in ("consumer", "producer"):
        scene.stop(role).do(scene.world, scene.journal)
    assert shape(scene.east, "writer") == (0, "7")
    scene.phase = "promoted"
    scene.start().do(scene.world, scene.journal)
    assert shape(scene.west, "reader") == (7, None)


def test_a_rollback_restores_the_replicas_of_now_and_starts_nothing_else(scene: Scene) -> None:
    put(scene.east, "reader", CONSUMERS, 0, note="2")
    put(scene.east, "standby", PRODUCERS, 0, note="3")
    scene.stop().do(scene.world, scene.journal)
    for role in ("consumer", "producer"):
        scene.stop(role).undo(scene.world, scene.journal)
    assert shape(scene.east, "writer") == (7, None)
    assert shape(scene.east, "standby") == (0, "3")
    assert shape(scene.east, "reader") == (0, "2")
