"""A consistent cut: up to which offsets each partition is audited, while traffic goes on.

    1  P   MM2's committed positions: everything up to them is mirrored
    2  T   the target's last stable offsets, a moment later: what P says is visible there
    3  S   the source's last stable offsets, last: what T holds comes from before S

So every source record up to P must be on the target before T, and every target record before T must be on
the source before S. Nothing else is judged. With exactly-once MM2 commits a position in the transaction of
its records (KIP-618); without, it may lag behind what is mirrored, never run ahead.
"""

from __future__ import annotations

import hashlib
import json
import time
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mirror.audit.excuses import Cleaning
from mirror.audit.extent import Extent
from mirror.audit.partition import Rules
from mirror.clients.cluster import Cluster
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.clients.sides import Joined, Sides
from mirror.clients.topic_configs import delete_retention_ms, is_compacted
from mirror.clients.topics import Topics
from mirror.mm2.positions import Positions
from mirror.problems import CouldNotRead, CouldNotRun
from settings.model import Settings
from settings.names import Names

# A transaction's markers reach its partitions one after the other.
MARKERS_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Slice:
    """Every `count`-th partition of each topic: one of several machines' share.

    Where a topic begins its name says, not its place among the others: topics and partitions that enter while
    slices are audited, one after the other, move nothing from one slice to another.
    """

    number: int = 0
    count: int = 1

    def holds(self, partition: TopicPartition) -> bool:
        return (zlib.crc32(partition.topic.encode()) + partition.partition) % self.count == self.number

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


WHOLE = Slice()


@dataclass(frozen=True, slots=True)
class Cut:
    """What is audited. It goes through JSON: a resumed audit keeps the cut that it began with."""

    mirror: str
    source: str
    target: str
    at: str
    exactly_once: bool
    extents: tuple[Extent, ...]
    rules: Mapping[str, Rules] = field(default_factory=dict)  # by source topic
    unreadable: Mapping[TopicPartition, str] = field(default_factory=dict)
    not_yet: tuple[TopicPartition, ...] = ()
    """Partitions that have no copy, and of which MM2 has mirrored nothing."""

    def to_json(self) -> dict[str, Any]:
        return {
            "mirror": self.mirror,
            "source": self.source,
            "target": self.target,
            "at": self.at,
            "exactly_once": self.exactly_once,
            "extents": [one.to_json() for one in self.extents],
            "rules": {
                topic: [[side.compacted, side.delete_retention_ms] for side in (rules.source, rules.target)]
                for topic, rules in self.rules.items()
            },
            "unreadable": [[*one, why] for one, why in self.unreadable.items()],
            "not_yet": [list(one) for one in self.not_yet],
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Cut:
        return cls(
            plain["mirror"],
            plain["source"],
            plain["target"],
            plain["at"],
            plain["exactly_once"],
            tuple(Extent.from_json(one) for one in plain["extents"]),
            {
                topic: Rules(Cleaning(*source), Cleaning(*target), plain["exactly_once"])
                for topic, (source, target) in plain["rules"].items()
            },
            {TopicPartition(topic, number): why for topic, number, why in plain["unreadable"]},
            tuple(TopicPartition(*one) for one in plain["not_yet"]),
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """The partitions of this audit: of these topics, of this slice."""

    topics: Topics
    joined: tuple[Joined, ...]
    absent: tuple[TopicPartition, ...]
    part: Slice = WHOLE


def choose(topics: Topics, only: Collection[str], part: Slice) -> Chosen:
    """Raises CouldNotRun for a topic that is not mirrored, and where nothing is."""
    if unknown := sorted(set(only) - set(topics.matched)):
        known = ", ".join(sorted(topics.matched)[:20]) or "none"
        raise CouldNotRun(
            "choosing the topics", f"not mirrored: {', '.join(unknown)}", f"mirrored are: {known}"
        )
    if not topics.matched:
        raise CouldNotRun(
            "choosing the topics",
            "none of the source's topics matches `mirror.topics`: there is nothing to audit",
            "check the patterns, and that the source user may Describe the topics",
        )
    joined = {one.source: one for one in topics.joined}
    mine = [one for one in topics.partitions if part.holds(one) and (not only or one.topic in only)]
    return Chosen(
        topics,
        tuple(joined[one] for one in mine if one in joined),
        tuple(one for one in mine if one not in joined),
        part,
    )


def key_of(settings: Settings, sides: Sides, chosen: Chosen, how: Mapping[str, Any]) -> str:
    """Names an audit: the same topics (by id), partitions and settings. Anything else is another audit."""
    sources = sorted({one.source.topic for one in chosen.joined})
    copies = sorted({one.target.topic for one in chosen.joined})
    on_source, on_target = sides.together(
        lambda: topic_ids(sides.source, sources), lambda: topic_ids(sides.target, copies)
    )
    told = {
        "mirror": settings.mirror.name,
        "source": [settings.source.alias, on_source],
        "target": [settings.target.alias, on_target],
        "exactly_once": settings.mirror.exactly_once,
        "partitions": [[*one.source, *one.target] for one in chosen.joined],
        "absent": [list(one) for one in chosen.absent],
        "slice": str(chosen.part),
        "how": dict(how),
        "version": 1,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def topic_ids(cluster: Cluster, topics: Collection[str]) -> dict[str, str]:
    """The ids of topics: a topic that is deleted and created again has another one. Raises CouldNotRead."""
    found = {}
    for name, number in cluster.topic_ids(topics).items():
        if isinstance(number, Unread):
            raise CouldNotRead(
                f"describing topic {name} of {cluster.alias}",
                number.reason,
                "see that it is still there and the user may Describe it",
            )
        found[name] = number
    return found


def make_cut(settings: Settings, sides: Sides, chosen: Chosen) -> Cut:
    """Raises CouldNotRun where MM2's positions cannot be read."""
    positions, starts = _positions(settings, sides, chosen.topics)
    time.sleep(MARKERS_SECONDS)
    targets = sides.target.bounds(one.target for one in chosen.joined)
    sources = sides.source.bounds(one.source for one in chosen.joined)
    extents, unreadable, not_yet = [], {}, []
    for one in chosen.absent:
        if one in positions:
            unreadable[one] = (
                f"it has no copy on the target, though MM2 has mirrored up to source offset {positions[one]}"
            )
        else:
            not_yet.append(one)
    for pair in chosen.joined:
        source, target = sources[pair.source], targets[pair.target]
        if isinstance(source, Bounds) and isinstance(target, Bounds):
            extents.append(extent(pair, source, target, positions.get(pair.source, -1), starts))
        else:
            unread = source if isinstance(source, Unread) else target
            assert isinstance(unread, Unread)
            unreadable[pair.source] = unread.reason
    return Cut(
        settings.mirror.name,
        settings.source.alias,
        settings.target.alias,
        datetime.now(UTC).isoformat(timespec="seconds"),
        settings.mirror.exactly_once,
        tuple(extents),
        _rules(settings, sides, chosen.joined),
        unreadable,
        tuple(not_yet),
    )


def extent(
    pair: Joined, source: Bounds, target: Bounds, position: int, starts: Mapping[TopicPartition, int]
) -> Extent:
    """One partition's part of the cut."""
    left_out = starts.get(pair.source, -1)
    start = max(source.start, left_out + 1)
    return Extent(
        pair.source,
        pair.target,
        start,
        max(source.end, start),
        target.start,
        target.end,
        position,
        left_out,
    )


def _positions(
    settings: Settings, sides: Sides, topics: Topics
) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
    names = Names.of(settings)
    topic = topics.target.get(names.offsets_topic)
    if topic is None:
        raise CouldNotRead(
            f"reading MM2's committed source positions on {sides.target.alias}",
            f"there is no topic {names.offsets_topic}, or the verifier may not Describe it",
            "Connect makes it when its worker starts: look at the worker's log and the mirror's ACLs",
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
    return found, reader.starts


def _rules(settings: Settings, sides: Sides, joined: Collection[Joined]) -> dict[str, Rules]:
    """What cannot be read is not compacted: nothing is excused then."""
    topics = {one.source.topic: one.target.topic for one in joined}
    on_source, on_target = sides.together(
        lambda: sides.source.topic_configs(topics), lambda: sides.target.topic_configs(topics.values())
    )
    return {
        topic: Rules(
            cleaning(on_source.get(topic)), cleaning(on_target.get(copy)), settings.mirror.exactly_once
        )
        for topic, copy in topics.items()
    }


def cleaning(config: Mapping[str, str] | Unread | None) -> Cleaning:
    """What a topic's configuration lets the log cleaner remove."""
    if config is None or isinstance(config, Unread):
        return Cleaning()
    return Cleaning(is_compacted(config), delete_retention_ms(config, Cleaning().delete_retention_ms))
