"""The steps `start-consumers` and `start-producers`: start workloads on the target after the promotion."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.promoted_ends.journal_entries import Kept
from mirror.cutover.step import Journal, Verdict, World
from mirror.cutover.steps.stop_workloads import KEPT
from mirror.cutover.workloads.fleet import Fleet
from mirror.cutover.workloads.judge import note, replicas_for, starting
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
        """Whether each workload runs and is available. Before the promotion it tells what is unknown: a
        failover has no other step that does. Raises CouldNotRun."""
        mirror = world.settings.mirror.name
        found, numbers = wanted(self.fleet, world, self.role, lambda: journal_of(world))
        if phase_of(world.resource()) != REPLICATE:
            return starting(found, self.role, numbers, mirror)
        names = few([f"{one} ({numbers.get(str(one), '?')})" for one in found])
        text = f"started after the promotion: {names}"
        if unknown := [str(one) for one in found if str(one) not in numbers]:
            return Verdict("waiting", f"{text}. The replicas are unknown of {few(unknown)}", note(mirror))
        return Verdict("waiting", text)

    def do(self, world: World, journal: Journal) -> None:
        """Scale each workload that has no replicas. Raises CouldNotRun."""
        mirror = world.settings.mirror.name
        _, numbers = wanted(self.fleet, world, self.role, lambda: journal)

        def started(one: Workload) -> dict[str, Any] | None:
            number = numbers.get(str(one))
            return one.scaled(number, mirror, one.noted(mirror)) if number and not one.replicas else None

        self.fleet.change(world, "target", self.role, started)

    def undo(self, world: World, journal: Journal) -> None:
        """Nothing: it acts after the promotion only, and a rollback is refused then."""


def wanted(
    fleet: Fleet, world: World, role: Role, journal: Callable[[], Kept]
) -> tuple[list[Workload], dict[str, int]]:
    """Return the workloads of a role on the target, and the replicas that each is to have. `journal`: asked
    only where a number is unknown without, as where an annotation at the source was removed. Raises
    CouldNotRun.
    """
    found = fleet.of(world, "target", role)
    sources: list[Workload] = []
    # A source that is lost since the promotion keeps no client from starting.
    with suppress(CouldNotConnect):
        sources = fleet.of(world, "source", role)
    mirror, uid = world.settings.mirror.name, uid_of(world.resource())
    numbers = replicas_for(found, sources, {}, mirror, uid)
    if any(str(one) not in numbers for one in found):
        kept = journal().kept(f"stop-{role}s", KEPT) or {}
        numbers = replicas_for(found, sources, kept, mirror, uid)
    return found, numbers


def journal_of(world: World) -> ConfigMapJournal:
    """Read the journal, for a look. Raises CouldNotRun."""
    return ConfigMapJournal(world.target_kubernetes, world.settings)
