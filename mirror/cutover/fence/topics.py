"""The topics of the source that are fenced."""

from __future__ import annotations

from mirror.clients.topics import matched_topics
from mirror.cutover.step import World
from settings.replication_policy import HEARTBEATS


def fenced_topics(world: World) -> list[str]:
    """Return every mirrored topic that exists on the source now. The heartbeats topic stays open: the mirror
    writes to it. Raises CouldNotRun.
    """
    found = matched_topics(world.settings, world.sides().source.topics())
    ours = HEARTBEATS if world.settings.mirror.heartbeats_interval_seconds else None
    return [topic for topic in found if topic != ours]
