"""The steps `bind-source` and `bind-target`: applications find the active region in a ConfigMap and Secrets.

The first writes the source's connection, and proves that the target's can be written later. The second
replaces it after the promotion, before workloads start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mirror.clients.kubernetes import Kubernetes
from mirror.cutover.binding.read import connection, logins
from mirror.cutover.binding.render import Wanted, foreign, objects
from mirror.cutover.connectors.change import MANAGER
from mirror.cutover.phase import already_promoted
from mirror.cutover.step import Journal, Verdict, World
from mirror.mm2.phase import REPLICATE, phase_of
from mirror.problems import AlreadyChanged, CouldNotConnect, CouldNotRun, NotThere
from mirror.text.names import few
from settings.model import Side


@dataclass(frozen=True, slots=True)
class Bind:
    """Writes the connection of one side."""

    side: Side
    patience: float = 60.0
    lasting: bool = False

    @property
    def name(self) -> str:
        """`bind-source` or `bind-target`."""
        return f"bind-{self.side}"

    def look(self, world: World) -> Verdict:
        """Whether each object has the connection of the side. Raises CouldNotRun."""
        before = phase_of(world.resource()) == REPLICATE
        if self.side == "source" and not before:
            return already_promoted(world.resource()) or Verdict("done", "the mirror is promoted")
        try:
            wanted = wanted_objects(world, self.side)
            if self.side == "source":
                wanted_objects(world, "target")
        except CouldNotConnect:
            raise
        except CouldNotRun as error:
            return Verdict("blocked", f"{error.tried}: {error.happened}", error.way_out)
        if self.side == "target" and before:
            return Verdict("waiting", f"written after the promotion: {few([str(one) for one in wanted])}")
        return judge(world, wanted)

    def do(self, world: World, journal: Journal) -> None:
        """Create or change what differs. Raises CouldNotRun."""
        kubernetes, mirror = world.target_kubernetes, world.settings.mirror.name
        for one in wanted_objects(world, self.side):
            there = _read(kubernetes, one)
            if there is not None and foreign(there, mirror):
                continue
            try:
                if there is None:
                    _send(kubernetes, "POST", one, one.manifest(mirror))
                elif (patch := one.patch(there)) is not None:
                    _send(kubernetes, "PATCH", one, patch)
            except AlreadyChanged:
                continue  # the next look reads it again

    def undo(self, world: World, journal: Journal) -> None:
        """Nothing: until the promotion it leads to the source."""


def wanted_objects(world: World, side: Side) -> list[Wanted]:
    """Return the objects with the connection of a side, the ConfigMap last. Raises CouldNotRun."""
    binding = world.settings.cutover.binding
    if binding is None:
        raise AssertionError("a step without its setting")
    users = logins(world, side)
    namespace = binding.namespace or world.settings.target.namespace
    return objects(binding.name, namespace, connection(world, side, users), users)


def judge(world: World, wanted: list[Wanted]) -> Verdict:
    """Compare the objects with those in Kubernetes. The verdict has names, no content. Raises CouldNotRun."""
    mirror = world.settings.mirror.name
    others, differing = [], []
    for one in wanted:
        found = _read(world.target_kubernetes, one)
        if found is not None and foreign(found, mirror):
            others.append(str(one))
        elif found is None or one.patch(found) is not None:
            differing.append(str(one))
    names, region = [str(one) for one in wanted], wanted[-1].region
    evidence = {"objects": names, "region": region}
    if others:
        text = f"{few(others)} exists already, and mirror {mirror} has not made it"
        return Verdict("blocked", text, "set cutover.binding.name to a name that is not in use", evidence)
    if differing:
        text = f"{few(differing)} is without the connection to {region}"
        return Verdict("todo", text, "", evidence, len(differing))
    return Verdict("done", f"{few(names)}: connection to {region}", "", evidence, 0)


def _read(kubernetes: Kubernetes, one: Wanted) -> Mapping[str, Any] | None:
    path = kubernetes.path(one.kind, one.namespace, one.name)
    try:
        return kubernetes.request("GET", path, str(one), verb="get")
    except NotThere:
        return None


def _send(kubernetes: Kubernetes, method: str, one: Wanted, body: Mapping[str, Any]) -> None:
    verb, name = ("create", "") if method == "POST" else ("patch", one.name)
    kubernetes.request(
        method,
        kubernetes.path(one.kind, one.namespace, name),
        str(one),
        verb=verb,
        parameters={"fieldManager": MANAGER},
        body=body,
    )
