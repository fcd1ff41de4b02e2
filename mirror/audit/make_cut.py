"""Makes a consistent cut: the offsets up to which each partition is audited while producers and MM2 run.

It reads three values of each partition, in this order:

    1  P   MM2's committed source position: all records up to it are mirrored
    2  T   the target's last stable offset, a moment later: the records up to P are visible before it
    3  S   the source's last stable offset: the originals of all target records before T are before it

So every source record up to P must be on the target before T, and every target record before T must be on
the source before S. No other record is judged. With exactly-once, MM2 commits the position in the transaction
of its records (KIP-618). Without, the position may lag behind the mirrored records but is never ahead.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from mirror.audit.cut import Cut
from mirror.audit.extent import Extent
from mirror.audit.rules import AuditRules, cleaning
from mirror.audit.selection import ChosenPartitions
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.clients.sides import Joined, Sides
from mirror.clients.topics import Topics
from mirror.mm2.positions import Positions
from mirror.problems import CouldNotRead
from settings.model import Settings
from settings.names import Names

MARKERS_SECONDS = 1.0
"""How long to wait between reading MM2's positions and the target's end: the markers of one transaction reach
its partitions one after another."""


def make_cut(settings: Settings, sides: Sides, chosen: ChosenPartitions) -> Cut:
    """Make the cut. Raises CouldNotRun if MM2's positions cannot be read."""
    positions, starts, copy_ends = read_positions(settings, sides, chosen.topics)
    time.sleep(MARKERS_SECONDS)
    targets = sides.target.bounds(one.target for one in chosen.joined)
    sources = sides.source.bounds([*(one.source for one in chosen.joined), *chosen.absent])
    not_yet, unreadable = without_copy(chosen.absent, positions, sources)
    extents = []
    for pair in chosen.joined:
        source, target = sources[pair.source], targets[pair.target]
        if isinstance(source, Bounds) and isinstance(target, Bounds):
            extents.append(extent(pair, source, target, positions.get(pair.source, -1), starts, copy_ends))
        else:
            unreadable[pair.source] = next(one.reason for one in (source, target) if isinstance(one, Unread))
    return Cut(
        settings.mirror.name,
        settings.source.alias,
        settings.target.alias,
        datetime.now(UTC).isoformat(timespec="seconds"),
        settings.mirror.exactly_once,
        tuple(extents),
        _rules(settings, sides, chosen.joined),
        unreadable,
        not_yet,
    )


def without_copy(
    absent: Iterable[TopicPartition],
    positions: Mapping[TopicPartition, int],
    sources: Mapping[TopicPartition, Bounds | Unread],
) -> tuple[dict[TopicPartition, int], dict[TopicPartition, str]]:
    """Return the source offsets of partitions that MM2 has not begun to mirror, and why others cannot be
    audited. Pure.
    """
    not_yet: dict[TopicPartition, int] = {}
    unreadable: dict[TopicPartition, str] = {}
    for one in absent:
        bounds = sources[one]
        if one in positions:
            unreadable[one] = (
                f"the target has no copy of it, but MM2 has mirrored up to source offset {positions[one]}"
            )
        elif isinstance(bounds, Unread):
            unreadable[one] = f"the target has no copy of it, and the source does not answer: {bounds.reason}"
        else:
            not_yet[one] = bounds.end - bounds.start
    return not_yet, unreadable


def extent(
    pair: Joined,
    source: Bounds,
    target: Bounds,
    position: int,
    starts: Mapping[TopicPartition, int],
    copy_ends: Mapping[TopicPartition, int] = MappingProxyType({}),
) -> Extent:
    """Return one partition's part of the cut."""
    copy_end = copy_ends.get(pair.source, 0)
    left_out = starts.get(pair.source, -1)
    start = max(source.start, left_out + 1)
    return Extent(
        pair.source,
        pair.target,
        start,
        max(source.end, start),
        max(target.start, copy_end),
        max(target.end, copy_end),
        position,
        left_out,
        copy_end - 1,
    )


def read_positions(
    settings: Settings, sides: Sides, topics: Topics
) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int], dict[TopicPartition, int]]:
    """Return MM2's committed positions, the start positions (`Positions.starts`) and the ends of the copies
    before it wrote to them (`Positions.copy_ends`). Raises CouldNotRead.
    """
    names = Names.of(settings)
    topic = topics.target.get(names.offsets_topic)
    if topic is None:
        raise CouldNotRead(
            f"reading MM2's committed source positions on {sides.target.alias}",
            f"there is no topic {names.offsets_topic}, or the verifier may not Describe it",
            "a Connect worker creates it when it starts: check the worker's log and the mirror's ACLs",
        )
    reader = Positions(
        sides.target,
        sides.target_reader,
        topic.name,
        topic.partitions,
        names.source_connector,
        settings.source.alias,
    )
    found = reader.read()
    return found, reader.starts, reader.copy_ends


def _rules(settings: Settings, sides: Sides, joined: Collection[Joined]) -> dict[str, AuditRules]:
    """Read the topics' settings; a topic counts as not compacted if they cannot be read: no excuses."""
    topics = {one.source.topic: one.target.topic for one in joined}
    on_source, on_target = sides.together(
        lambda: sides.source.topic_configs(topics), lambda: sides.target.topic_configs(topics.values())
    )
    return {
        topic: AuditRules(
            cleaning(on_source.get(topic)), cleaning(on_target.get(copy)), settings.mirror.exactly_once
        )
        for topic, copy in topics.items()
    }
