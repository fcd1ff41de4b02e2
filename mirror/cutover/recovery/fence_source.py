"""Fences the old region after a failover, which could not: nobody mirrors what producers write there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mirror.cutover.events import Event
from mirror.cutover.fence.acls import FENCE_SOURCE
from mirror.cutover.fence.chosen import FenceStep, fence_step
from mirror.cutover.mirrors_home import refuse_production
from mirror.cutover.recovery.moved_parts import as_one
from mirror.cutover.recovery.recover import refuse_running
from mirror.cutover.run import running
from mirror.cutover.step import Journal, Verdict, World
from mirror.problems import CouldNotRun


@dataclass(frozen=True, slots=True)
class FenceSource:
    """The step `fence` of a cutover, which stays: `reopen` and the cutover home remove it."""

    fence: FenceStep
    name: str = FENCE_SOURCE
    patience: float = 150.0
    lasting: bool = False

    def look(self, world: World) -> Verdict:
        """Judge who may still write. Raises CouldNotRun."""
        return self.fence.look(world)

    def do(self, world: World, journal: Journal) -> None:
        """Take Write from each of them, after it was written down. Raises CouldNotRun."""
        self.fence.do(world, journal)

    def undo(self, world: World, journal: Journal) -> None:
        """Nothing: the mirror is promoted."""


def fence_source(world: World, say: Callable[[str], None]) -> None:
    """Fence the source of a promoted mirror, and wait until that is in effect. Idempotent. Raises CouldNotRun
    where the mirror may still run, where the source is production again, where the fence is blocked or late,
    and where another operator works.
    """
    refuse_production(world, refuse_running(world), f"fencing {world.settings.source.alias}")
    world = as_one(world)
    told: list[Event] = []

    def show(event: Event) -> None:
        told.append(event)
        if event.step and event.kind != "looked":
            say(f"{event.step}: {event.text}")

    step = FenceSource(fence_step(world.settings))
    with running(world, [step], show, rollback="reopen") as engine:
        outcome = engine.forward()
    if outcome == "stopped":
        gate = next(event for event in told if event.kind == "stopped")
        raise CouldNotRun(f"fencing {world.settings.source.alias}", gate.text, gate.remedy)
