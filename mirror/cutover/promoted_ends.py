"""The ends of the target's logs at the promotion: everything behind them was written by clients.

The step `promote` records them after both connectors have stopped, and before copied users may write. They
need the target only, so a failover records them as well. Where they are missing (an older release promoted
the mirror, or the journal is lost), the copy of the last mirrored record says the same, by content.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress

from mirror.clients.cluster import Cluster
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.cutover.step import JSON, Journal, World
from mirror.problems import CouldNotRun
from settings import filters
from settings.replication_policy import remote_topic, upstream_topic

STEP, KEY = "promote", "target-ends"
"""The entry of the journal: topic on the target -> the end of each partition, -1 where it was not read."""
LIMIT_BYTES = 400_000
"""The journal is one ConfigMap of 1 MiB. More partitions than fit are found by content later."""


def entry(bounds: Mapping[TopicPartition, Bounds | Unread], limit: int = LIMIT_BYTES) -> JSON:
    """Return the journal's value; None where it would be too large."""
    topics: dict[str, list[int]] = {}
    for one, log in sorted(bounds.items()):
        ends = topics.setdefault(one.topic, [])
        ends += [-1] * (one.partition - len(ends))
        ends.append(log.end if isinstance(log, Bounds) else -1)
    return topics if len(json.dumps(topics)) <= limit else None


def parsed(value: JSON) -> dict[TopicPartition, int]:
    """Read the journal's value; empty where there is none."""
    found = {}
    if isinstance(value, Mapping):
        for topic, ends in value.items():
            for number, end in enumerate(ends if isinstance(ends, list) else ()):
                if isinstance(end, int) and end >= 0:
                    found[TopicPartition(str(topic), number)] = end
    return found


def copies(topics: Mapping[str, int], mirrored: Iterable[str]) -> list[TopicPartition]:
    """Return all partitions of the mirrored topics on the target; `topics`: name -> partitions."""
    names = sorted(set(mirrored) & set(topics))
    return [TopicPartition(name, number) for name in names for number in range(topics[name])]


def read(world: World) -> JSON:
    """Read the ends of all copies, from the target alone: the source may be away. Raises CouldNotRun."""
    settings = world.settings
    mirror, alias = settings.mirror, settings.source.alias
    policy, separator = mirror.replication_policy, mirror.replication_policy_separator
    with Cluster(world.session.deployed.target_access(world.resource())) as target:
        target.connect()
        topics = {name: topic.partitions for name, topic in target.topics().items()}
        mirrored = [
            name
            for name in topics
            if (original := upstream_topic(policy, separator, alias, name)) is not None
            and filters.mirrored(settings, original)
            and remote_topic(policy, separator, alias, original) == name
        ]
        return entry(target.bounds(copies(topics, mirrored)))


def keep(world: World, journal: Journal) -> None:
    """Record the ends once. The promotion does not fail because they cannot be read: they can be found by
    content later. Raises CouldNotRun where the journal cannot be written.
    """
    if journal.kept(STEP, KEY) is not None:
        return
    ends: JSON = None
    with suppress(CouldNotRun):
        ends = read(world)
    if ends is not None:
        journal.keep(STEP, KEY, ends)
