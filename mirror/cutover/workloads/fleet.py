"""Reads and scales the workloads that `cutover.workloads` names, each through its own Kubernetes API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from mirror.clients.kubernetes import Kubernetes
from mirror.cutover.connectors.change import MANAGER
from mirror.cutover.step import World
from mirror.cutover.workloads.workload import KINDS, Workload, selector_of
from mirror.estate.connection import kubeconfig_path
from mirror.problems import AlreadyChanged, CouldNotConnect, CouldNotRun
from settings.model import Role, Side, WorkloadSettings

ALL: tuple[tuple[Side, Role], ...] = (
    ("source", "consumer"),
    ("source", "producer"),
    ("target", "consumer"),
    ("target", "producer"),
)
Change = Callable[[Workload], dict[str, object] | None]


class Fleet:
    """The workloads of one cutover. Keeps the connections between looks."""

    def __init__(self) -> None:
        self._open: dict[tuple[str | None, str | None], Kubernetes] = {}

    def of(self, world: World, side: Side, role: Role) -> list[Workload]:
        """Return the workloads of one side and role with their pods, each once. Raises CouldNotRun."""
        return [one for _, one in self._pairs(world, side, role)]

    def empty(self, world: World) -> list[str]:
        """Return the entries that find no workload. Raises CouldNotRun."""
        return [
            f"cutover.workloads[{index}] ({one.side}, namespace {one.namespace}, {_labels(one)})"
            for index, one in enumerate(world.settings.cutover.workloads)
            if not self._found(world, one)
        ]

    def change(self, world: World, side: Side, role: Role, change: Change) -> None:
        """Send the change of each workload. One that somebody else has changed meanwhile is left to the next
        look. Raises CouldNotRun.
        """
        for kubernetes, one in self._pairs(world, side, role):
            body = change(one)
            if body is None:
                continue
            try:
                _patch(kubernetes, one, body, {"fieldManager": MANAGER})
            except AlreadyChanged:
                continue

    def rehearse(self, world: World) -> str:
        """Scale each workload to what it has, as a server-side dry run that changes nothing: the same
        permissions and admission are asked for. Return why one cannot be scaled, or an empty text. Raises
        CouldNotRun where an API does not answer.
        """
        for side, role in ALL:
            for kubernetes, one in self._pairs(world, side, role):
                parameters = {"fieldManager": MANAGER, "dryRun": "All"}
                body = {"spec": {"replicas": one.replicas}}
                try:
                    _patch(kubernetes, one, body, parameters)
                except CouldNotConnect:
                    raise
                except CouldNotRun as error:
                    return f"{error.tried}: {error.happened}"
        return ""

    def _pairs(self, world: World, side: Side, role: Role) -> Iterator[tuple[Kubernetes, Workload]]:
        seen = set()
        for entry in world.settings.cutover.workloads_of(side, role):
            kubernetes = self._kubernetes(world, entry)
            for one in self._found(world, entry):
                if (kubernetes.where, str(one)) not in seen:
                    seen.add((kubernetes.where, str(one)))
                    yield kubernetes, one

    def _found(self, world: World, entry: WorkloadSettings) -> Sequence[Workload]:
        kubernetes = self._kubernetes(world, entry)
        found = []
        for kind in KINDS:
            for resource in kubernetes.selected(kind, entry.namespace, _labels(entry)):
                pods = kubernetes.selected("Pod", entry.namespace, selector_of(resource))
                found.append(Workload(kind, resource, pods))
        return found

    def _kubernetes(self, world: World, entry: WorkloadSettings) -> Kubernetes:
        if not entry.own_access:
            side = world.target_kubernetes if entry.side == "target" else world.source_kubernetes
            if side is None:
                way_out = "set `kubeconfig` of the entry in `cutover.workloads`"
                raise CouldNotRun("reading the workloads of the source", "its Kubernetes is unknown", way_out)
            return side
        key = (entry.kubeconfig, entry.context)
        if key not in self._open:
            path = kubeconfig_path(entry.kubeconfig, world.root)
            self._open[key] = Kubernetes.connect(path, entry.context)
        return self._open[key]


def _patch(
    kubernetes: Kubernetes, one: Workload, body: Mapping[str, object], parameters: Mapping[str, str]
) -> None:
    path = kubernetes.path(one.kind, one.namespace, one.name)
    kubernetes.request("PATCH", path, str(one), verb="patch", parameters=parameters, body=body)


def _labels(entry: WorkloadSettings) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(entry.labels.items()))
