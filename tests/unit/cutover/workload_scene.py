"""Workloads of both regions on APIs in memory, and what Kubernetes' controllers make of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from mirror.cutover.step import Step, World
from mirror.cutover.steps.start_workloads import StartWorkloads
from mirror.cutover.steps.stop_workloads import StopWorkloads
from mirror.cutover.workloads.fleet import Fleet
from mirror.cutover.workloads.workload import annotation
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
    uid: str = "one"
    """Of the KafkaMirrorMaker2; another one is a mirror that was made anew under the same name."""
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    fleet: Fleet = field(default_factory=Fleet)

    @property
    def world(self) -> World:
        annotations = {} if self.phase == "replicate" else {"region-mirror/phase": self.phase}
        made = SimpleNamespace(
            settings=load(raw(cutover__workloads=ENTRIES)),
            source_kubernetes=self.east,
            target_kubernetes=self.west,
            resource=lambda: {"metadata": {"annotations": annotations, "uid": self.uid}},
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


def scene_with_workloads() -> Scene:
    """Consumers and producers run at the source; the same workloads exist on the target with no replica."""
    made = Scene()
    put(made.east, "reader", CONSUMERS, 2)
    put(made.east, "writer", PRODUCERS, 3)
    put(made.east, "store", PRODUCERS, 1, kind="StatefulSet")
    put(made.east, "other", {"app": "other"}, 5)
    for name, labels in (("reader", CONSUMERS), ("writer", PRODUCERS)):
        put(made.west, name, labels, 0)
    put(made.west, "store", PRODUCERS, 0, kind="StatefulSet")
    return made
