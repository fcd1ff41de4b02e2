"""The steps of a cutover, in their order."""

from __future__ import annotations

from collections.abc import Sequence

from mirror.cutover.fence.acls import AclFence
from mirror.cutover.fence.manual import ManualFence
from mirror.cutover.fence.prove import ProveFence
from mirror.cutover.fence.strimzi import StrimziFence
from mirror.cutover.preflight import Preflight
from mirror.cutover.step import Step, World
from mirror.cutover.steps.drain import Drain
from mirror.cutover.steps.move_groups import MoveGroups, survey
from mirror.cutover.steps.promote import Promote
from mirror.cutover.steps.prove import CHECKS, Prove
from mirror.cutover.steps.stop_sync import StopSync
from mirror.verify.reading.look import Look
from mirror.verify.register import reads_of
from mirror.verify.run import judge
from settings.model import Fence, Settings

_FENCES: dict[Fence, type[StrimziFence] | type[AclFence] | type[ManualFence]] = {
    "strimzi": StrimziFence,
    "acls": AclFence,
    "manual": ManualFence,
}


def steps_of(settings: Settings) -> Sequence[Step]:
    """Return new steps: some keep what they have seen between looks."""
    fence: Step = _FENCES[settings.fence]()
    return (
        Preflight(fence, _warm),
        fence,
        ProveFence(),
        Drain(),
        StopSync(),
        MoveGroups(),
        Prove(),
        Promote(),
    )


def _warm(world: World) -> None:
    """Read the groups and all that the checks need once, over the connections that the steps use: a first
    look takes several times as long as the next one.
    """
    survey(world)
    judge(Look(world.session, reads_of(CHECKS)), CHECKS)
