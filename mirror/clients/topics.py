"""Reads the topics of both sides, and pairs each mirrored partition with its copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mirror.clients.records import Topic, TopicPartition
from mirror.clients.sides import Joined, Sides
from settings import filters
from settings.model import Settings
from settings.names import copy_of
from settings.replication_policy import HEARTBEATS


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of both clusters, from one metadata request to each."""

    source: Mapping[str, Topic]
    target: Mapping[str, Topic]
    matched: Mapping[str, str]  # matched source topic -> its name on the target
    joined: tuple[Joined, ...] = ()
    absent: tuple[TopicPartition, ...] = ()  # matched source partitions without their copy
    source_cluster: str = ""  # its id
    source_brokers: int = 0
    target_brokers: int = 0
    own: frozenset[str] = frozenset()  # matched topics that hold records of the mirror itself: its heartbeats

    @property
    def nothing_of_clients(self) -> bool:
        """Whether no topic of clients is mirrored."""
        return self.matched.keys() <= self.own

    @property
    def partitions(self) -> list[TopicPartition]:
        """Every source partition that MM2 mirrors."""
        return [
            TopicPartition(name, number)
            for name in self.matched
            for number in range(self.source[name].partitions)
        ]


def read_topics(settings: Settings, sides: Sides) -> Topics:
    """Read the topics of both clusters. Raises CouldNotConnect."""
    source, target = sides.together(sides.source.topics, sides.target.topics)
    matched = matched_topics(settings, source)
    joined, absent = join(matched, source, target)
    return Topics(
        source,
        target,
        matched,
        joined,
        absent,
        sides.source.cluster_id,
        sides.source.brokers,
        sides.target.brokers,
        own_topics(settings, matched),
    )


def matched_topics(settings: Settings, source_topics: Mapping[str, object]) -> dict[str, str]:
    """Each source topic that MM2 mirrors, with its name on the target."""
    return {
        name: copy_of(settings, name) for name in sorted(source_topics) if filters.mirrored(settings, name)
    }


def own_topics(settings: Settings, matched: Mapping[str, str]) -> frozenset[str]:
    """The matched topics that hold records of the mirror itself, unless the stack file asks for no others."""
    mirror = settings.mirror
    own = HEARTBEATS if mirror.heartbeats_interval_seconds and mirror.topics != (HEARTBEATS,) else None
    return frozenset(name for name in matched if name == own)


def join(
    matched: Mapping[str, str], source: Mapping[str, Topic], target: Mapping[str, Topic]
) -> tuple[tuple[Joined, ...], tuple[TopicPartition, ...]]:
    """The mirrored partitions with their copies, and the partitions without a copy."""
    joined, absent = [], []
    for name, remote in matched.items():
        copies = target[remote].partitions if remote in target else 0
        for number in range(source[name].partitions):
            one = TopicPartition(name, number)
            if number < copies:
                joined.append(Joined(one, TopicPartition(remote, number)))
            else:
                absent.append(one)
    return tuple(joined), tuple(absent)
