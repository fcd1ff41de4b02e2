"""The steps after a promotion, which a cutover and a failover share.

A module of its own: a failover imports nothing that only proves or drains, and of these steps only those that
the stack file configures, because its clients wait for the imports, too.
"""

from __future__ import annotations

from collections.abc import Sequence

from mirror.cutover.step import Step
from mirror.cutover.workloads.fleet import Fleet
from settings.model import Role, Settings, Side


def after_promotion(settings: Settings, fleet: Fleet) -> Sequence[Step]:
    """Return the steps that move applications to the promoted target. They need nothing of the source."""
    return (
        *_unfence(settings),
        *bind(settings, "target"),
        *_switch(settings),
        *_start(settings, fleet, "consumer"),
        *_start(settings, fleet, "producer"),
    )


def bind(settings: Settings, side: Side) -> list[Step]:
    """Return the step that writes how clients reach this side; none where the stack file has no binding."""
    if settings.cutover.binding is None:
        return []
    from mirror.cutover.steps.bind import Bind

    return [Bind(side)]


def _unfence(settings: Settings) -> list[Step]:
    if not settings.cutover.way_back_of:
        return []
    from mirror.cutover.unfence_target import UnfenceTarget

    return [UnfenceTarget()]


def _switch(settings: Settings) -> list[Step]:
    if not settings.cutover.switch_command:
        return []
    from mirror.cutover.steps.switch_command import SwitchCommand

    return [SwitchCommand()]


def _start(settings: Settings, fleet: Fleet, role: Role) -> list[Step]:
    if not settings.cutover.workloads_of("target", role):
        return []
    from mirror.cutover.steps.start_workloads import StartWorkloads

    return [StartWorkloads(fleet, role, float(settings.cutover.rollout_seconds))]
