"""The steps `stop-producers` and `stop-consumers`: scale workloads at the source to zero.

Producers stop before the fence: a fenced producer drops the records that it is given, a stopped one has
flushed them. Consumers stop before the groups are moved: they commit their offsets and leave their groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mirror.cutover.phase import already_promoted
from mirror.cutover.step import Journal, Step, Verdict, World
from mirror.cutover.workloads.fleet import Fleet
from mirror.cutover.workloads.judge import stopping
from mirror.cutover.workloads.workload import Workload, uid_of
from mirror.problems import CouldNotRun
from mirror.text.names import few
from mirror.text.waiting import until
from settings.model import Role

KEPT = "replicas"
_UNDO_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class StopWorkloads:
    """Stops the workloads of one role. Lasting: a workload that somebody starts again ends the cutover."""

    fleet: Fleet
    role: Role
    patience: float
    fence: Step | None = None
    """A fence that is not possible is found before its producers are stopped."""
    lasting: bool = True

    @property
    def name(self) -> str:
        """`stop-producers` or `stop-consumers`."""
        return f"stop-{self.role}s"

    def look(self, world: World) -> Verdict:
        """Whether they are at zero, and their pods have ended. Raises CouldNotRun."""
        if promoted := already_promoted(world.resource()):
            return promoted
        found = self.fleet.of(world, "source", self.role)
        verdict = stopping(found, self.role, *_mover(world))
        if verdict.state == "todo" and self.fence is not None:
            fence = self.fence.look(world)
            if fence.state == "blocked":
                return fence
        return verdict

    def do(self, world: World, journal: Journal) -> None:
        """Note the replicas of each workload, then scale it to zero. Raises CouldNotRun."""
        mirror, uid = _mover(world)
        up = [one for one in self.fleet.of(world, "source", self.role) if one.replicas]
        now = {str(one): one.stopped_with(mirror, uid) or one.replicas for one in up}
        journal.keep(self.name, KEPT, {**now, **(journal.kept(self.name, KEPT) or {})})

        def stopped(one: Workload) -> dict[str, Any] | None:
            # An annotation of this cutover stays: somebody else has scaled the workload since.
            if not one.replicas:
                return None
            return one.scaled(0, mirror, one.stopped_with(mirror, uid) or one.replicas, uid)

        self.fleet.change(world, "source", self.role, stopped)

    def undo(self, world: World, journal: Journal) -> None:
        """Give each workload the replicas that it had. Whether its pods become ready is not awaited. Raises
        CouldNotRun."""
        mirror, uid = _mover(world)
        kept: dict[str, int] = journal.kept(self.name, KEPT) or {}

        def restored(one: Workload) -> dict[str, Any] | None:
            had = one.stopped_with(mirror, uid) or (kept.get(str(one)) if not one.replicas else None)
            # Replicas that somebody else has set since remain.
            return None if had is None else one.scaled(one.replicas or had, mirror, None)

        def late() -> str:
            self.fleet.change(world, "source", self.role, restored)
            left = [one for one in self.fleet.of(world, "source", self.role) if restored(one) is not None]
            return few([str(one) for one in left])

        if left := until(late, _UNDO_SECONDS):
            way_out = "check who else scales these workloads"
            raise CouldNotRun(f"starting {left} at the source again", "somebody else changes it", way_out)
        journal.forget(self.name, KEPT)


def _mover(world: World) -> tuple[str, str]:
    """Return the name of the mirror and the uid of its KafkaMirrorMaker2."""
    return world.settings.mirror.name, uid_of(world.resource())
