"""The step `find-workloads`: every entry of `cutover.workloads` is right before anything is changed.

An entry for the target is used after the promotion only, where there is no way back.
"""

from __future__ import annotations

from dataclasses import dataclass

from mirror.cutover.phase import already_promoted
from mirror.cutover.step import OnlyLooks, Verdict, World
from mirror.cutover.steps.start_workloads import journal_of, wanted
from mirror.cutover.workloads.fleet import Fleet
from mirror.cutover.workloads.judge import unprepared
from mirror.cutover.workloads.workload import Workload
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
        if promoted := already_promoted(world.resource()):
            return promoted
        targets: list[Workload] = []
        numbers: dict[str, int] = {}
        for role in _ROLES:
            there, known = wanted(self.fleet, world, role, lambda: journal_of(world))
            targets, numbers = [*targets, *there], {**numbers, **known}
        verdict = unprepared(self.fleet.empty(world), targets, numbers, world.settings.mirror.name)
        if verdict.state == "done" and (reason := self.fleet.rehearse(world)):
            remedy = "grant `patch` on Deployments and StatefulSets in that namespace (RBAC)"
            return Verdict("blocked", f"a workload cannot be scaled: {reason}", remedy)
        return verdict
