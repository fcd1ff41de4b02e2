"""Consumer groups, brought to where the history leaves them by real consumers that join and commit."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from lab.workload.connection import Cluster
from lab.workload.roster import Group, Position
from lab.workload.topics import Offsets
from mirror.problems import CouldNotRun, one_line

SESSION_MS = 10_000
"""A member that was killed is missed after this long; its partitions are free again then."""

ADVANCE_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Advance:
    """What bringing a group to its position came to."""

    group: str
    read: int
    committed: Offsets


def group_consumer(
    cluster: Cluster, group: str, user: str, isolation_level: str, settings: Mapping[str, Any] | None = None
) -> Consumer:
    """A consumer that joins `group`, starts with the earliest record and commits when told."""
    return Consumer(
        cluster.consumer_config(
            user,
            group,
            isolation_level,
            {"enable.partition.eof": True, "session.timeout.ms": SESSION_MS, **(settings or {})},
        )
    )


def advance(cluster: Cluster, group: Group, ends: Offsets, seconds: float = ADVANCE_SECONDS) -> Advance:
    """Join `group`, read up to its position, commit once and leave.

    `ends` are the end offsets of its topic. Interrupted before the commit, nothing is committed and the
    next call does it all again. Raises CouldNotRun when Kafka refuses or `seconds` are over.
    """
    consumer = group_consumer(cluster, group.name, group.user, group.isolation_level)
    tried = f"reading {group.topic} as group {group.name} in region {cluster.region}"
    reached: Offsets = {}
    read = 0
    deadline = time.monotonic() + seconds
    try:
        consumer.subscribe([group.topic])
        while len(reached) < len(ends):
            if time.monotonic() > deadline:
                raise CouldNotRun(
                    tried,
                    f"{len(ends) - len(reached)} of {len(ends)} partitions not read within {seconds:.0f} s",
                    "see that no other member holds them, and seed again",
                )
            for message in consumer.consume(500, timeout=0.5):
                partition, offset = _position(message, tried)
                if partition in reached or partition not in ends:
                    continue
                target = _target(group.position, ends[partition])
                at_end = message.error() is not None
                if not at_end and offset < target:
                    read += 1
                    offset += 1
                if at_end or offset >= target:
                    reached[partition] = min(offset, target)
                    consumer.pause([TopicPartition(group.topic, partition)])
        consumer.commit(
            offsets=[TopicPartition(group.topic, partition, offset) for partition, offset in reached.items()],
            asynchronous=False,
        )
    except KafkaException as error:
        raise CouldNotRun(
            tried, one_line(error.args[0].str()), "see that its KafkaUser is Ready, and seed again"
        ) from error
    finally:
        consumer.close()
    return Advance(group.name, read, reached)


def _target(position: Position, end: int) -> int:
    return end // 2 if position is Position.MIDDLE else end


def _position(message: Message, tried: str) -> tuple[int, int]:
    """Partition and offset of a record, or of the end of a partition; any other error is raised."""
    error = message.error()
    if error is not None and error.code() != KafkaError._PARTITION_EOF:
        raise CouldNotRun(tried, one_line(error.str()), "see that its KafkaUser is Ready, and seed again")
    return place_of(message)


def place_of(message: Message) -> tuple[int, int]:
    """Partition and offset of a message that a consumer got; librdkafka's types allow for none of them."""
    partition, offset = message.partition(), message.offset()
    if partition is None or offset is None:
        raise TypeError("librdkafka gave a message without a partition or an offset")
    return partition, offset
