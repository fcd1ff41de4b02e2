"""The topics of the source that are fenced."""

from __future__ import annotations

from mirror.clients.topics import matched_topics
from mirror.cutover.step import World
from mirror.mm2.phase import REPLICATE, phase_of
from settings.replication_policy import HEARTBEATS


def fenced_topics(world: World) -> list[str]:
    """Return every mirrored topic that exists on the source now. The heartbeats topic stays open: the mirror
    writes to it. Raises CouldNotRun.
    """
    found = matched_topics(world.settings, world.sides().source.topics())
    ours = HEARTBEATS if world.settings.mirror.heartbeats_interval_seconds else None
    return [topic for topic in found if topic != ours]


def stay_fenced(world: World) -> frozenset[str]:
    """Return the topics whose fence a rollback must not remove: they were moved earlier, as a part, and a
    record that is written to the source now is on no other cluster. Raises CouldNotRun.

    After the promotion the fence is removed as a whole, once the way home was completed.
    """
    moved = world.settings.mirror.moved.topics
    return frozenset(moved if moved and phase_of(world.resource()) == REPLICATE else ())
