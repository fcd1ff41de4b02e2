"""Reads the ends of all copies on the target, as a value of the journal. The source may be away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mirror.clients.cluster import Cluster
from mirror.clients.records import TopicPartition
from mirror.cutover.promoted_ends.journal_entries import LIMIT_BYTES, entry
from mirror.cutover.step import JSON, World
from settings import filters
from settings.model import Settings
from settings.names import original_of


def read_ends(world: World, limit: int = LIMIT_BYTES) -> JSON:
    """Log in to the target, and read the ends of all copies. Raises CouldNotRun."""
    with Cluster(world.session.deployed.target_access(world.resource())) as target:
        target.connect()
        return ends_of_copies(world.settings, target, limit)


def ends_of_copies(settings: Settings, target: Cluster, limit: int) -> JSON:
    """Read the ends of all copies over a connection that is open. Raises CouldNotRun."""
    topics = {name: topic.partitions for name, topic in target.topics().items()}
    return entry(target.bounds(copies_on(settings, topics)), limit)


def copies_on(settings: Settings, topics: Mapping[str, int]) -> list[TopicPartition]:
    """Return all partitions of the mirror's copies on the target; `topics`: name -> partitions. Pure."""
    mirrored = [
        name
        for name in topics
        if (original := original_of(settings, name)) is not None and filters.mirrored(settings, original)
    ]
    return copies(topics, mirrored)


def copies(topics: Mapping[str, int], mirrored: Iterable[str]) -> list[TopicPartition]:
    """Return all partitions of the mirrored topics on the target; `topics`: name -> partitions."""
    names = sorted(set(mirrored) & set(topics))
    return [TopicPartition(name, number) for name in names for number in range(topics[name])]
