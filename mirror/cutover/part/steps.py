"""The steps of a cutover in parts: those of a whole one, which see the part only.

Workloads, the binding and the switch command are for a whole mirror, so a part has no steps for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mirror.cutover.all_steps import warm
from mirror.cutover.fence.chosen import fence_step
from mirror.cutover.fence.prove import ProveFence
from mirror.cutover.part.part import PART, SCOPE, Part, parsed, to_json
from mirror.cutover.part.promote import PromotePart
from mirror.cutover.preflight import Preflight
from mirror.cutover.step import Journal, Step, Verdict, World
from mirror.cutover.steps.drain import Drain
from mirror.cutover.steps.move_groups import BEFORE, MOVE, MoveGroups
from mirror.cutover.steps.prove import Prove
from mirror.cutover.steps.stop_sync import StopSync

OF_AN_EARLIER_PART = ((MOVE, BEFORE), (PART, SCOPE))
"""Entries of the journal that concern one part only."""


@dataclass(frozen=True, slots=True)
class OfPart:
    """A step before the promotion. Once the part was moved, clients use it on the target, and the step must
    not act again. Which part is moved is written down before the first change.
    """

    step: Step
    part: Part

    @property
    def name(self) -> str:
        """The name of the step."""
        return self.step.name

    @property
    def patience(self) -> float:
        """Seconds that the engine waits for the step."""
        return self.step.patience

    @property
    def lasting(self) -> bool:
        """Whether the step must remain done."""
        return self.step.lasting

    def look(self, world: World) -> Verdict:
        """As the step, until the part was moved. Raises CouldNotRun."""
        if self.part.is_moved(world.resource()):
            return Verdict("done", f"{self.part.told} moved already")
        return self.step.look(world)

    def do(self, world: World, journal: Journal) -> None:
        """As the step. Raises CouldNotRun."""
        if parsed(journal.kept(PART, SCOPE)) != self.part.scope:
            forget(journal)
            journal.keep(PART, SCOPE, to_json(self.part.scope))
        self.step.do(world, journal)

    def undo(self, world: World, journal: Journal) -> str | None:
        """As the step; once producers may write again, no part is in progress. Raises CouldNotRun."""
        left = self.step.undo(world, journal)
        if self.name == "fence":
            journal.forget(PART, SCOPE)
        return left


def forget(journal: Journal) -> None:
    """Remove what the journal keeps of an earlier part: a rollback must not put it back. Raises
    CouldNotRun.
    """
    if journal.kept(PART, SCOPE) is not None:
        for step, key in OF_AN_EARLIER_PART:
            journal.forget(step, key)


def steps_of_part(part: Part) -> Sequence[Step]:
    """Return new steps, for the world of `seen_by`."""
    fence = fence_step(part.whole)
    steps: tuple[Step, ...] = (
        Preflight(fence, warm, part.whole),
        fence,
        ProveFence(),
        Drain(),
        StopSync(),
        MoveGroups(),
        Prove(whole=part.whole),
    )
    return (*(OfPart(step, part) for step in steps), PromotePart(part))


def seen_by(part: Part, world: World) -> World:
    """Return the world as the steps of the part see it, over the same connections. None is opened here: a
    rollback has to work while the target's Kafka is lost.
    """
    settings = part.narrowed
    return replace(world, settings=settings, session=world.session.narrowed(settings))
