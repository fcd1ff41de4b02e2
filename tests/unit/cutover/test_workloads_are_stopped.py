"""Workloads are scaled to zero at the source, and a rollback restores their replicas."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.cutover.step import Step, Verdict
from mirror.problems import CouldNotRun
from tests.unit.cutover.workload_scene import PRODUCERS, Scene, controllers, put, scene_with_workloads, shape
from tests.unit.support.memory_journal import MemoryJournal


@pytest.fixture
def scene() -> Scene:
    return scene_with_workloads()


def test_it_is_stopped_once_its_pods_have_ended(scene: Scene) -> None:
    step = scene.stop()
    found = step.look(scene.world)
    assert (found.state, found.text) == (
        "todo",
        "producers run at the source: Deployment shop/writer (3), StatefulSet shop/store (1)",
    )
    step.do(scene.world, scene.journal)
    assert shape(scene.east, "writer") == (0, "3")
    assert shape(scene.east, "store", "StatefulSet") == (0, "1")
    assert shape(scene.east, "reader") == (2, None)
    assert shape(scene.east, "other") == (5, None)
    # The workload says 0; its pods terminate, and may still write.
    found = step.look(scene.world)
    assert (found.state, found.remaining) == ("waiting", 4)
    controllers(scene.east)
    assert step.look(scene.world).state == "done"


def test_the_replicas_are_kept_before_the_change(scene: Scene) -> None:
    class Full(MemoryJournal):
        def keep(self, step: str, key: str, value: Any) -> None:
            raise CouldNotRun("writing the journal", "refused", "free space")

    with pytest.raises(CouldNotRun, match="writing the journal"):
        scene.stop().do(scene.world, Full())
    assert shape(scene.east, "writer") == (3, None)


def test_a_rollback_gives_back_what_there_was(scene: Scene) -> None:
    step = scene.stop()
    step.do(scene.world, scene.journal)
    step.undo(scene.world, scene.journal)
    assert shape(scene.east, "writer") == (3, None)
    assert shape(scene.east, "store", "StatefulSet") == (1, None)
    assert scene.journal.content == {}
    before = len(scene.east.writes)
    step.undo(scene.world, scene.journal)
    assert len(scene.east.writes) == before


@pytest.mark.parametrize("lost", ["annotation", "journal"])
def test_one_of_both_places_is_enough_for_a_rollback(scene: Scene, lost: str) -> None:
    step = scene.stop()
    step.do(scene.world, scene.journal)
    if lost == "journal":
        scene.journal = MemoryJournal()
    else:
        for one in scene.east.objects.values():
            one["metadata"].pop("annotations", None)
    step.undo(scene.world, scene.journal)
    assert shape(scene.east, "writer") == (3, None)


def test_what_had_no_replicas_is_not_started_by_a_rollback(scene: Scene) -> None:
    put(scene.east, "standby", PRODUCERS, 0)
    step = scene.stop()
    step.do(scene.world, scene.journal)
    step.undo(scene.world, scene.journal)
    assert shape(scene.east, "standby") == (0, None)


def test_a_controller_that_starts_it_again_is_named_and_the_first_number_stays(scene: Scene) -> None:
    step = scene.stop()
    step.do(scene.world, scene.journal)
    there = scene.east.objects[scene.east.path("Deployment", "shop", "writer")]
    there["spec"]["replicas"] = 7
    there["metadata"]["managedFields"] = [
        {"manager": "region-mirror-cutover", "time": "2", "fieldsV1": {"f:spec": {"f:replicas": {}}}},
        {"manager": "argocd-controller", "time": "1", "fieldsV1": {"f:spec": {"f:replicas": {}}}},
    ]
    found = step.look(scene.world)
    assert (found.state, found.text) == (
        "todo",
        "started again after the cutover had stopped it: Deployment shop/writer (argocd-controller)",
    )
    step.do(scene.world, scene.journal)
    assert shape(scene.east, "writer") == (0, "3")
    step.undo(scene.world, scene.journal)
    assert shape(scene.east, "writer") == (3, None)


def test_producers_run_on_where_the_fence_is_not_possible(scene: Scene) -> None:
    fence = cast(
        Step, SimpleNamespace(look=lambda _: Verdict("blocked", "CN=admin cannot be fenced", "stop it"))
    )
    assert scene.stop(fence=fence).look(scene.world).text == "CN=admin cannot be fenced"


def test_nothing_is_stopped_after_the_promotion(scene: Scene) -> None:
    scene.phase = "promoted"
    assert scene.stop().look(scene.world).state == "done"
