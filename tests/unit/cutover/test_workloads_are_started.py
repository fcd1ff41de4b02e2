"""Workloads are started on the target after the promotion, with the replicas that the source had."""

from __future__ import annotations

from typing import Any, cast

import pytest

from mirror.cutover.journal import ConfigMapJournal
from tests.unit.cutover.workload_scene import (
    CONSUMERS,
    NOTE,
    Scene,
    controllers,
    put,
    scene_with_workloads,
    shape,
)


@pytest.fixture
def scene() -> Scene:
    return scene_with_workloads()


def test_it_starts_with_the_replicas_of_the_source_and_waits_until_it_is_available(scene: Scene) -> None:
    for role in ("consumer", "producer"):
        scene.stop(role).do(scene.world, scene.journal)
    assert scene.start().look(scene.world).state == "waiting"
    scene.phase = "promoted"
    step = scene.start()
    found = step.look(scene.world)
    assert (found.state, found.text) == (
        "todo",
        "consumers to start on the target: Deployment shop/reader (2)",
    )
    step.do(scene.world, scene.journal)
    assert shape(scene.west, "reader") == (2, None)
    assert shape(scene.west, "writer") == (0, None)
    assert "has not observed the change yet" in step.look(scene.world).text
    controllers(scene.west, available=False)
    pod = scene.west.objects[scene.west.path("Pod", "shop", "reader-0")]
    waiting = {"reason": "ErrImagePull", "message": "no\nsuch image"}
    pod["status"]["containerStatuses"] = [{"state": {"waiting": waiting}}]
    found = step.look(scene.world)
    assert (found.state, found.text) == (
        "waiting",
        "Deployment shop/reader: 0 of 2 replicas are available (pod reader-0: ErrImagePull no such image)",
    )
    controllers(scene.west)
    assert step.look(scene.world).state == "done"


def test_its_own_number_goes_before_that_of_the_source(scene: Scene) -> None:
    put(scene.west, "reader", CONSUMERS, 0, note="6")
    scene.phase = "promoted"
    scene.start().do(scene.world, scene.journal)
    assert shape(scene.west, "reader") == (6, "6")


def test_a_workload_that_runs_already_keeps_its_replicas(scene: Scene) -> None:
    put(scene.west, "reader", CONSUMERS, 4)
    scene.phase = "promoted"
    scene.start().do(scene.world, scene.journal)
    assert shape(scene.west, "reader") == (4, None)


def test_the_journal_has_the_number_where_the_source_is_lost(scene: Scene) -> None:
    scene.stop("consumer").do(scene.world, scene.journal)
    for one in scene.east.objects.values():
        one["metadata"].pop("annotations", None)
    scene.phase = "promoted"
    scene.start().do(scene.world, scene.journal)
    assert shape(scene.west, "reader") == (2, None)


def test_a_source_that_is_lost_since_keeps_nobody_from_starting(scene: Scene) -> None:
    put(scene.west, "reader", CONSUMERS, 0, note="6")
    scene.phase, scene.east.dead = "promoted", True
    scene.start().do(scene.world, scene.journal)
    assert shape(scene.west, "reader") == (6, "6")
    found = scene.start("producer").look(scene.world)
    assert (found.state, NOTE in found.remedy) == ("blocked", True)


def test_the_engine_reaches_what_the_journal_has_of_a_source_that_is_lost(scene: Scene) -> None:
    """`look` said that the replicas are unknown, so `do`, which knew them, was never asked: clients stayed
    down on the promoted target.
    """
    ConfigMapJournal(cast(Any, scene.west), scene.world.settings).keep(
        "stop-consumers", "replicas", {"Deployment shop/reader": 2, "Deployment shop/other": 9}
    )
    scene.phase, scene.east.dead = "promoted", True
    found = scene.start().look(scene.world)
    assert (found.state, found.text) == (
        "todo",
        "consumers to start on the target: Deployment shop/reader (2)",
    )
    scene.journal.keep("stop-consumers", "replicas", {"Deployment elsewhere/reader": 2})
    scene.start().do(scene.world, scene.journal)
    assert shape(scene.west, "reader") == (2, None)


def test_a_rehearsal_says_what_would_stop_a_failover_behind_its_promotion(scene: Scene) -> None:
    scene.east.dead = True
    found = scene.start().look(scene.world)
    assert found.state == "waiting", "clients of other workloads need not wait for that"
    assert found.text.endswith("The replicas are unknown of Deployment shop/reader")
    assert NOTE in found.remedy
    put(scene.west, "reader", CONSUMERS, 0, note="6")
    found = scene.start().look(scene.world)
    assert (found.text, found.remedy) == ("started after the promotion: Deployment shop/reader (6)", "")
