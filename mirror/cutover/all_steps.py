"""The steps of a cutover, in their order."""

from __future__ import annotations

from collections.abc import Sequence

from mirror.cutover.after_promotion import after_promotion, bind
from mirror.cutover.fence.chosen import fence_step
from mirror.cutover.fence.prove import ProveFence
from mirror.cutover.preflight import Preflight
from mirror.cutover.step import Step, World
from mirror.cutover.steps.drain import Drain
from mirror.cutover.steps.find_workloads import FindWorkloads
from mirror.cutover.steps.move_groups import MoveGroups, survey
from mirror.cutover.steps.promote import Promote
from mirror.cutover.steps.prove import CHECKS, Prove
from mirror.cutover.steps.stop_sync import StopSync
from mirror.cutover.steps.stop_workloads import StopWorkloads
from mirror.cutover.workloads.fleet import Fleet
from mirror.verify.reading.look import Look
from mirror.verify.register import reads_of
from mirror.verify.run import judge
from settings.model import Role, Settings


def steps_of(settings: Settings) -> Sequence[Step]:
    """Return new steps: some keep what they have seen between looks. A part of `cutover` that the stack file
    does not configure has no step.
    """
    fence = fence_step(settings)
    fleet, cutover = Fleet(), settings.cutover

    patience = float(cutover.rollout_seconds)

    def stop(role: Role, before: Step | None = None) -> list[Step]:
        there = cutover.workloads_of("source", role)
        return [StopWorkloads(fleet, role, patience, before)] if there else []

    return (
        Preflight(fence, warm),
        *([FindWorkloads(fleet)] if cutover.workloads else []),
        *bind(settings, "source"),
        *stop("producer", fence),
        fence,
        ProveFence(),
        Drain(),
        StopSync(),
        *stop("consumer"),
        MoveGroups(),
        Prove(),
        Promote(),
        *after_promotion(settings, fleet),
    )


def warm(world: World) -> None:
    """Read the groups and all that the checks need once, over the connections that the steps use: a first
    look takes several times as long as the next one.
    """
    survey(world)
    judge(Look(world.session, reads_of(CHECKS)), CHECKS)
