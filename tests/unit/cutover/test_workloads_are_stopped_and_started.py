"""Workloads are scaled to zero at the source and started on the target, on an API in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.cutover.step import Step, Verdict, World
from mirror.cutover.steps.find_workloads import FindWorkloads
from mirror.cutover.steps.start_workloads import StartWorkloads
from mirror.cutover.steps.stop_workloads import StopWorkloads
from mirror.cutover.workloads.fleet import Fleet
from mirror.cutover.workloads.workload import Workload, annotation, selector_of
from mirror.problems import CouldNotRun
from settings.load import load
from tests.unit.settings.sample import raw
from tests.unit.support.memory_api import MemoryApi
from tests.unit.support.memory_journal import MemoryJournal

NOTE = annotation("east-to-west")
CONSUMERS = {"app": "readers"}
PRODUCERS = {"app": "writers"}


def entry(side: str, role: str) -> dict[str, Any]:
    labels = CONSUMERS if role == "consumer" else PRODUCERS
    return {"side": side, "role": role, "namespace": "shop", "labels": labels}


ENTRIES = [entry(side, role) for side in ("source", "target") for role in ("consumer", "producer")]


@dataclass
class Scene:
    """Both APIs; `controllers` do what Kubernetes' controllers would."""

    east: MemoryApi = field(default_factory=MemoryApi)
    west: MemoryApi = field(default_factory=MemoryApi)
    phase: str = "replicate"
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    fleet: Fleet = field(default_factory=Fleet)

    @property
    def world(self) -> World:
        annotations = {} if self.phase == "replicate" else {"region-mirror/phase": self.phase}
        made = SimpleNamespace(
            settings=load(raw(cutover__workloads=ENTRIES)),
            source_kubernetes=self.east,
            target_kubernetes=self.west,
            resource=lambda: {"metadata": {"annotations": annotations}},
        )
        return cast(World, made)

    def stop(self, role: Any = "producer", fence: Step | None = None) -> StopWorkloads:
        return StopWorkloads(self.fleet, role, 60, fence)

    def start(self, role: Any = "consumer") -> StartWorkloads:
        return StartWorkloads(self.fleet, role, 60)


def put(
    api: MemoryApi, name: str, labels: dict[str, str], replicas: int, kind: str = "Deployment", **notes: str
) -> None:
    api.put(
        api.path(kind, "shop", name),
        {
            "metadata": {
                "name": name, "namespace": "shop", "labels": labels,
                "annotations": {f"{NOTE}": notes["note"]} if notes else {},
            },
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"pod": name}}},
        },
    )  # fmt: skip
    controllers(api)


def controllers(api: MemoryApi, *, available: bool = True) -> None:
    """Make the pods that each workload declares, and its status."""
    for path in [path for path in api.objects if "/pods/" in path]:
        del api.objects[path]
    for path, one in list(api.objects.items()):
        if "/deployments/" in path or "/statefulsets/" in path:
            name, replicas = one["metadata"]["name"], one["spec"]["replicas"]
            for number in range(replicas):
                pod: dict[str, Any] = {
                    "name": f"{name}-{number}",
                    "namespace": "shop",
                    "labels": {"pod": name},
                }
                api.put(
                    api.path("Pod", "shop", pod["name"]), {"metadata": pod, "status": {"phase": "Running"}}
                )
            api.objects[path]["status"] = {
                "observedGeneration": one["metadata"]["generation"],
                "updatedReplicas": replicas,
                "availableReplicas": replicas if available else 0,
            }


def shape(api: MemoryApi, name: str, kind: str = "Deployment") -> tuple[int, str | None]:
    one = api.objects[api.path(kind, "shop", name)]
    return one["spec"]["replicas"], (one["metadata"].get("annotations") or {}).get(NOTE)


@pytest.fixture
def scene() -> Scene:
    made = Scene()
    put(made.east, "reader", CONSUMERS, 2)
    put(made.east, "writer", PRODUCERS, 3)
    put(made.east, "store", PRODUCERS, 1, kind="StatefulSet")
    put(made.east, "other", {"app": "other"}, 5)
    for name, labels in (("reader", CONSUMERS), ("writer", PRODUCERS)):
        put(made.west, name, labels, 0)
    put(made.west, "store", PRODUCERS, 0, kind="StatefulSet")
    return made


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
    assert shape(scene.west, "reader") == (2, "2")
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
    assert shape(scene.west, "reader") == (2, "2")


def test_a_source_that_is_lost_since_keeps_nobody_from_starting(scene: Scene) -> None:
    put(scene.west, "reader", CONSUMERS, 0, note="6")
    scene.phase, scene.east.dead = "promoted", True
    scene.start().do(scene.world, scene.journal)
    assert shape(scene.west, "reader") == (6, "6")
    found = scene.start("producer").look(scene.world)
    assert (found.state, NOTE in found.remedy) == ("blocked", True)


def test_everything_is_found_before_anything_is_changed(scene: Scene) -> None:
    found = FindWorkloads(scene.fleet).look(scene.world)
    assert found.state == "done"
    assert found.evidence["replicas"] == {
        "Deployment shop/reader": 2,
        "Deployment shop/writer": 3,
        "StatefulSet shop/store": 1,
    }


def test_an_entry_that_finds_nothing_is_named(scene: Scene) -> None:
    del scene.west.objects[scene.west.path("Deployment", "shop", "reader")]
    found = FindWorkloads(scene.fleet).look(scene.world)
    assert (found.state, found.text) == (
        "blocked",
        "no Deployment or StatefulSet for cutover.workloads[2] (target, namespace shop, app=readers)",
    )


def test_a_workload_without_a_number_is_named(scene: Scene) -> None:
    put(scene.west, "newcomer", CONSUMERS, 0)
    found = FindWorkloads(scene.fleet).look(scene.world)
    assert found.state == "blocked"
    assert "the replicas are unknown of Deployment shop/newcomer" in found.text
    assert f'{NOTE}: "NUMBER"' in found.remedy


def test_a_workload_that_may_not_be_scaled_is_found_before_the_promotion(scene: Scene) -> None:
    scene.west.forbidden.add(scene.west.path("StatefulSet", "shop", "store"))
    writes = len(scene.west.writes)
    found = FindWorkloads(scene.fleet).look(scene.world)
    assert found.state == "blocked"
    assert "changing StatefulSet shop/store" in found.text
    assert "grant `patch`" in found.remedy
    assert len(scene.west.writes) == writes


def test_a_selector_is_written_as_the_api_takes_it() -> None:
    expressions = [
        {"key": "tier", "operator": "In", "values": ["a", "b"]},
        {"key": "old", "operator": "DoesNotExist"},
        {"key": "app", "operator": "Exists"},
        {"key": "env", "operator": "NotIn", "values": ["dev"]},
    ]
    selector = {"matchLabels": {"x": "1"}, "matchExpressions": expressions}
    assert selector_of({"spec": {"selector": selector}}) == "x=1,tier in (a,b),!old,app,env notin (dev)"


@pytest.mark.parametrize("note", ["0", "-1", "many", ""])
def test_an_annotation_that_is_no_number_is_none(note: str) -> None:
    resource = {"metadata": {"name": "a", "namespace": "b", "annotations": {NOTE: note}}}
    assert Workload("Deployment", resource).noted("east-to-west") is None
