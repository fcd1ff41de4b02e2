"""The ends of the target's logs at the promotion: everything behind them was written by clients.

The step `promote` records them after both connectors have stopped, and before copied users may write. They
need the target only, so a failover records them as well. Where they are missing (an older release promoted
the mirror, or the journal is lost), the copy of the last mirrored record says the same, by content.

A part has its own promotion, and its own ends: they are recorded before the mirror excludes it, because
clients write from that change on. The promotion of the rest does not see the topics of a part any more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from manifests.strimzi.moved import moved_of
from mirror.clients.cluster import Cluster
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.cutover.step import JSON, Journal, World
from mirror.mm2.phase import REPLICATE, phase_of
from mirror.problems import CouldNotRun
from settings import filters
from settings.model import Settings
from settings.names import copy_of, original_of

STEP, KEY = "promote", "target-ends"
"""The entry of the journal: topic on the target -> the end of each partition, -1 where it was not read."""
OF_PARTS = "target-ends-of-parts"
"""The same of all topics that were moved in parts, each at its own promotion."""
LIMIT_BYTES = 400_000
"""Of both entries: the journal is one ConfigMap of 1 MiB. More partitions than fit are found by content
later."""


class Kept(Protocol):
    """The part of the journal that is read here."""

    def kept(self, step: str, key: str) -> JSON:
        """Return a value that was written down, or None."""


def entry(bounds: Mapping[TopicPartition, Bounds | Unread], limit: int = LIMIT_BYTES) -> JSON:
    """Return the journal's value; None where it would be too large."""
    topics: dict[str, list[int]] = {}
    for one, log in sorted(bounds.items()):
        ends = topics.setdefault(one.topic, [])
        ends += [-1] * (one.partition - len(ends))
        ends.append(log.end if isinstance(log, Bounds) else -1)
    return topics if _size(topics) <= limit else None


def parsed(value: JSON) -> dict[TopicPartition, int]:
    """Read the journal's value; empty where there is none."""
    found = {}
    if isinstance(value, Mapping):
        for topic, ends in value.items():
            for number, end in enumerate(ends if isinstance(ends, list) else ()):
                if isinstance(end, int) and end >= 0:
                    found[TopicPartition(str(topic), number)] = end
    return found


def of_parts(journal: Kept) -> dict[TopicPartition, int]:
    """Return the recorded ends of what was moved in parts."""
    return parsed(journal.kept(STEP, OF_PARTS))


def known(journal: Kept) -> dict[TopicPartition, int]:
    """Return every recorded end: those of the promotion, and of each part at its own."""
    return {**parsed(journal.kept(STEP, KEY)), **of_parts(journal)}


def with_part(kept: JSON, topics: Collection[str], ends: JSON, limit: int = LIMIT_BYTES) -> JSON:
    """Return the entry of all parts after one more; `topics`: its names on the target. Ends that an earlier
    attempt has recorded for these topics are out of date: they are dropped also where the new ones could not
    be read, or are too many. Pure.
    """
    earlier = kept if isinstance(kept, Mapping) else {}
    others = {topic: found for topic, found in earlier.items() if topic not in topics}
    both = {**others, **(ends or {})}
    return both if _size(both) <= limit else others


def copies(topics: Mapping[str, int], mirrored: Iterable[str]) -> list[TopicPartition]:
    """Return all partitions of the mirrored topics on the target; `topics`: name -> partitions."""
    names = sorted(set(mirrored) & set(topics))
    return [TopicPartition(name, number) for name in names for number in range(topics[name])]


def read(world: World, limit: int = LIMIT_BYTES) -> JSON:
    """Read the ends of all copies, from the target alone: the source may be away. Raises CouldNotRun."""
    with Cluster(world.session.deployed.target_access(world.resource())) as target:
        target.connect()
        return of_cluster(world.settings, target, limit)


def begin(resource: Mapping[str, Any], settings: Settings, journal: Journal) -> None:
    """Before the promotion, drop what an earlier mirror of this name has recorded: its ends are not those of
    this one. Ends of parts of this mirror remain. Raises CouldNotRun.
    """
    if phase_of(resource) != REPLICATE:
        return
    journal.forget(STEP, KEY)
    kept = journal.kept(STEP, OF_PARTS)
    moved = {copy_of(settings, topic) for topic in moved_of(resource).topics}
    if isinstance(kept, Mapping) and not moved.issuperset(kept):
        journal.keep(STEP, OF_PARTS, {topic: kept[topic] for topic in kept if topic in moved})


def of_cluster(settings: Settings, target: Cluster, limit: int) -> JSON:
    """Read the ends of all copies over a connection that is open. Raises CouldNotRun."""
    topics = {name: topic.partitions for name, topic in target.topics().items()}
    mirrored = [
        name
        for name in topics
        if (original := original_of(settings, name)) is not None and filters.mirrored(settings, original)
    ]
    return entry(target.bounds(copies(topics, mirrored)), limit)


def keep(world: World, journal: Journal, ends_of: Callable[[World, int], JSON] | None = None) -> None:
    """Record the ends once. The promotion does not fail because they cannot be read: they can be found by
    content later. Raises CouldNotRun where the journal cannot be written.
    """
    if journal.kept(STEP, KEY) is not None:
        return
    ends: JSON = None
    with suppress(CouldNotRun):
        ends = (ends_of or read)(world, LIMIT_BYTES - _size(journal.kept(STEP, OF_PARTS)))
    if ends is not None:
        journal.keep(STEP, KEY, ends)


def keep_part(world: World, journal: Journal, topics: Iterable[str]) -> None:
    """Record the ends of a part, again at each attempt until the mirror excludes it: nobody writes to its
    copies before. `world`: as the steps of the part see it; `topics`: its names on the source. As `keep`, it
    does not fail because they cannot be read. Raises CouldNotRun where the journal cannot be written.
    """
    ends: JSON = None
    with suppress(CouldNotRun):
        ends = read(world)
    kept, whole = journal.kept(STEP, OF_PARTS), journal.kept(STEP, KEY)
    names = {copy_of(world.settings, one) for one in topics}
    found = with_part(kept, names, ends, LIMIT_BYTES - _size(whole))
    if found or kept:
        journal.keep(STEP, OF_PARTS, found)


def _size(value: JSON) -> int:
    return 0 if value is None else len(json.dumps(value))
