"""The steps `start-consumers` and `start-producers`: start workloads on the target after the promotion."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mirror.cutover.step import Journal, Verdict, World
from mirror.cutover.steps.stop_workloads import KEPT
from mirror.cutover.workloads.fleet import Fleet
from mirror.cutover.workloads.judge import replicas_for, starting
from mirror.cutover.workloads.workload import Workload, uid_of
from mirror.mm2.phase import REPLICATE, phase_of
from mirror.problems import CouldNotConnect
from mirror.text.names import few
from settings.model import Role


@dataclass(frozen=True, slots=True)
class StartWorkloads:
    """Starts the workloads of one role with the replicas that they are annotated with or had at the source,
    and waits until they are available."""

    fleet: Fleet
    role: Role
    patience: float
    lasting: bool = False

    @property
    def name(self) -> str:
        """`start-consumers` or `start-producers`."""
        return f"start-{self.role}s"

    def look(self, world: World) -> Verdict:
        """Whether each workload runs and is available. Raises CouldNotRun."""
        found, wanted = self._wanted(world, {})
        if phase_of(world.resource()) == REPLICATE:
            names = few([f"{one} ({wanted.get(str(one), '?')})" for one in found])
            return Verdict("waiting", f"started after the promotion: {names}")
        return starting(found, self.role, wanted, world.settings.mirror.name)

    def do(self, world: World, journal: Journal) -> None:
        """Scale each workload that has no replicas. Raises CouldNotRun."""
        mirror = world.settings.mirror.name
        _, wanted = self._wanted(world, journal.kept(f"stop-{self.role}s", KEPT) or {})

        def started(one: Workload) -> dict[str, Any] | None:
            number = wanted.get(str(one))
            return one.scaled(number, mirror, one.noted(mirror)) if number and not one.replicas else None

        self.fleet.change(world, "target", self.role, started)

    def undo(self, world: World, journal: Journal) -> None:
        """Nothing: it acts after the promotion only, and a rollback is refused then."""

    def _wanted(self, world: World, kept: dict[str, int]) -> tuple[list[Workload], dict[str, int]]:
        found = self.fleet.of(world, "target", self.role)
        sources: list[Workload] = []
        # A source that is lost since the promotion keeps no client from starting.
        with suppress(CouldNotConnect):
            sources = self.fleet.of(world, "source", self.role)
        uid = uid_of(world.resource())
        return found, replicas_for(found, sources, kept, world.settings.mirror.name, uid)
