"""The steps of a cutover, in their order."""

from __future__ import annotations

from collections.abc import Sequence

from mirror.cutover.fence.chosen import fence_step
from mirror.cutover.fence.prove import ProveFence
from mirror.cutover.preflight import Preflight
from mirror.cutover.step import Step, World
from mirror.cutover.steps.bind import Bind
from mirror.cutover.steps.drain import Drain
from mirror.cutover.steps.find_workloads import FindWorkloads
from mirror.cutover.steps.move_groups import MoveGroups, survey
from mirror.cutover.steps.promote import Promote
from mirror.cutover.steps.prove import CHECKS, Prove
from mirror.cutover.steps.start_workloads import StartWorkloads
from mirror.cutover.steps.stop_sync import StopSync
from mirror.cutover.steps.stop_workloads import StopWorkloads
from mirror.cutover.steps.switch_command import SwitchCommand
from mirror.cutover.unfence_target import UnfenceTarget
from mirror.cutover.workloads.fleet import Fleet
from mirror.verify.reading.look import Look
from mirror.verify.register import reads_of
from mirror.verify.run import judge
from settings.model import Role, Settings, Side


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
        *_bind(settings, "source"),
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


def after_promotion(settings: Settings, fleet: Fleet) -> Sequence[Step]:
    """Return the steps that move applications to the promoted target. They need nothing of the source."""
    cutover = settings.cutover
    patience = float(cutover.rollout_seconds)

    def start(role: Role) -> list[Step]:
        return [StartWorkloads(fleet, role, patience)] if cutover.workloads_of("target", role) else []

    return (
        *([UnfenceTarget()] if cutover.way_back_of else []),
        *_bind(settings, "target"),
        *([SwitchCommand()] if cutover.switch_command else []),
        *start("consumer"),
        *start("producer"),
    )


def _bind(settings: Settings, side: Side) -> list[Step]:
    return [Bind(side)] if settings.cutover.binding is not None else []


def warm(world: World) -> None:
    """Read the groups and all that the checks need once, over the connections that the steps use: a first
    look takes several times as long as the next one.
    """
    survey(world)
    judge(Look(world.session, reads_of(CHECKS)), CHECKS)
