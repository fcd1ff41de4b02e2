"""The step `find-workloads`: every entry of `cutover.workloads` is right before anything is changed.

An entry for the target is used after the promotion only, where there is no way back.
"""

from __future__ import annotations

from dataclasses import dataclass

from mirror.cutover.phase import already_promoted
from mirror.cutover.step import OnlyLooks, Verdict, World
from mirror.cutover.workloads.fleet import Fleet
from mirror.cutover.workloads.judge import replicas_for, unprepared
from mirror.cutover.workloads.workload import Workload, uid_of
from settings.model import Role

_ROLES: tuple[Role, ...] = ("consumer", "producer")


@dataclass(frozen=True, slots=True)
class FindWorkloads(OnlyLooks):
    """Reads only."""

    fleet: Fleet
    name: str = "find-workloads"
    patience: float = 0.0
    lasting: bool = False

    def look(self, world: World) -> Verdict:
        """Whether each entry finds a workload, each may be scaled, and each workload of the target has a
        number of replicas. Raises CouldNotRun."""
        resource = world.resource()
        if promoted := already_promoted(resource):
            return promoted
        mirror, uid = world.settings.mirror.name, uid_of(resource)
        targets: list[Workload] = []
        wanted: dict[str, int] = {}
        for role in _ROLES:
            there = self.fleet.of(world, "target", role)
            targets += there
            wanted |= replicas_for(there, self.fleet.of(world, "source", role), {}, mirror, uid)
        verdict = unprepared(self.fleet.empty(world), targets, wanted, mirror)
        if verdict.state == "done" and (reason := self.fleet.rehearse(world)):
            remedy = "grant `patch` on Deployments and StatefulSets in that namespace (RBAC)"
            return Verdict("blocked", f"a workload cannot be scaled: {reason}", remedy)
        return verdict
