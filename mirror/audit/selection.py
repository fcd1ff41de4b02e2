"""The partitions of one audit: of the chosen topics, in one slice; and the key that names the audit."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from mirror.clients.cluster import Cluster
from mirror.clients.records import TopicPartition, Unread
from mirror.clients.sides import Joined, Sides
from mirror.clients.topics import Topics
from mirror.problems import CouldNotRead, CouldNotRun
from settings.model import Settings


@dataclass(frozen=True, slots=True)
class PartitionSlice:
    """The share of one of several machines: every `count`-th partition of each topic.

    The name of a topic decides in which slice its partition 0 is. So topics and partitions that are created
    between the audits of two slices move no other partition to another slice.
    """

    number: int = 0
    count: int = 1

    def holds(self, partition: TopicPartition) -> bool:
        """Whether the partition belongs to this slice."""
        return (zlib.crc32(partition.topic.encode()) + partition.partition) % self.count == self.number

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


WHOLE = PartitionSlice()


@dataclass(frozen=True, slots=True)
class ChosenPartitions:
    """The partitions of one audit; `absent` ones are not on the target."""

    topics: Topics
    joined: tuple[Joined, ...]
    absent: tuple[TopicPartition, ...]
    part: PartitionSlice = WHOLE


def choose(topics: Topics, only: Collection[str], part: PartitionSlice) -> ChosenPartitions:
    """Choose the partitions. Raises CouldNotRun if a topic is not mirrored, or if none is."""
    if unknown := sorted(set(only) - set(topics.matched)):
        known = ", ".join(sorted(topics.matched)[:20]) or "none"
        raise CouldNotRun(
            "choosing the topics", f"not mirrored: {', '.join(unknown)}", f"mirrored are: {known}"
        )
    if topics.nothing_of_clients and not only:
        raise CouldNotRun(
            "choosing the topics",
            "none of the source's topics matches `mirror.topics`: there is nothing to audit",
            "check the patterns, and that the source user may Describe the topics",
        )
    joined = {one.source: one for one in topics.joined}
    mine = [one for one in topics.partitions if part.holds(one) and (not only or one.topic in only)]
    return ChosenPartitions(
        topics,
        tuple(joined[one] for one in mine if one in joined),
        tuple(one for one in mine if one not in joined),
        part,
    )


class TopicIdentity(NamedTuple):
    """The ids of a topic and of its copy (KIP-516), and its partitions on the source."""

    source: str
    target: str
    partitions: int


def identities(sides: Sides, chosen: ChosenPartitions) -> dict[str, TopicIdentity]:
    """Return the identity of each chosen topic that is on the target. Raises CouldNotRead."""
    copies = {one.source.topic: one.target.topic for one in chosen.joined}
    on_source, on_target = sides.together(
        lambda: topic_ids(sides.source, sorted(copies)),
        lambda: topic_ids(sides.target, sorted(set(copies.values()))),
    )
    return {
        name: TopicIdentity(
            on_source.get(name, ""), on_target.get(copy, ""), chosen.topics.source[name].partitions
        )
        for name, copy in sorted(copies.items())
    }


def audit_key(
    settings: Settings,
    chosen: ChosenPartitions,
    topics: Mapping[str, TopicIdentity],
    how: Mapping[str, Any],
) -> str:
    """Return the key of an audit: a digest of its topics (by id), partitions and settings."""
    identity = {
        "mirror": settings.mirror.name,
        "source": [settings.source.alias, {name: one.source for name, one in topics.items()}],
        "target": [settings.target.alias, {name: one.target for name, one in topics.items()}],
        "exactly_once": settings.mirror.exactly_once,
        "partitions": [[*one.source, *one.target] for one in chosen.joined],
        "absent": [list(one) for one in chosen.absent],
        "slice": str(chosen.part),
        "how": dict(how),
        "version": 2,
    }
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]


def topic_ids(cluster: Cluster, topics: Collection[str]) -> dict[str, str]:
    """Return the ids of topics; a recreated topic has a new one. Raises CouldNotRead."""
    found = {}
    for name, number in cluster.topic_ids(topics).items():
        if isinstance(number, Unread):
            raise CouldNotRead(
                f"describing topic {name} of {cluster.alias}",
                number.reason,
                "check that the topic still exists and that the user may Describe it",
            )
        found[name] = number
    return found
