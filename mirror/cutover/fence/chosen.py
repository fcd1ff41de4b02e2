"""The step `fence` that a stack file chooses by `cutover.fence`."""

from __future__ import annotations

from typing import Protocol

from mirror.cutover.fence.acls import AclFence
from mirror.cutover.fence.manual import ManualFence
from mirror.cutover.fence.strimzi import StrimziFence
from mirror.cutover.step import Journal, Step, World
from settings.model import Fence, Settings


class FenceStep(Step, Protocol):
    """The step `fence`, which also tells after the promotion what of it is left."""

    @property
    def holds(self) -> str:
        """What the fence has changed, as a noun: `KafkaUser`."""

    def remains(self, world: World, journal: Journal) -> list[str]:
        """Return the names of what the fence still holds; `undo` removes it. Raises CouldNotRun."""


_FENCES: dict[Fence, type[StrimziFence] | type[AclFence] | type[ManualFence]] = {
    "strimzi": StrimziFence,
    "acls": AclFence,
    "manual": ManualFence,
}


def fence_step(settings: Settings) -> FenceStep:
    """Return a new step that fences the source of this mirror."""
    return _FENCES[settings.fence]()
