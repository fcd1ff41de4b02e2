"""The steps that open the old region to clients again, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from mirror.cutover.reopening.remove_fence import RemoveFence
from mirror.cutover.reopening.return_groups import ReturnGroups
from mirror.cutover.reopening.way_back import LookAtWayBack
from mirror.cutover.step import Step
from settings.model import Settings


def reopening_steps(settings: Settings, stack: ExitStack, *, accepted: bool) -> Sequence[Step]:
    """Return new steps; `stack` closes what they read with. Groups come before producers, so that consumers
    can start first. With names that are kept, the cutover of the way back has moved the groups already.
    """
    groups: list[Step] = []
    if settings.mirror.replication_policy == "default":
        groups = [ReturnGroups(stack, accepted)]
    return (LookAtWayBack(accepted), *groups, RemoveFence())
