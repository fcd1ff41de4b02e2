"""Writes start positions into Connect's offsets topic, as the mirror's own user."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from confluent_kafka import KafkaError, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from mirror.clients.access import ClusterAccess
from mirror.clients.answers import settled
from mirror.clients.records import Unread
from mirror.mm2.connect_format import Pair
from mirror.problems import CouldNotRun, one_line

SECONDS = 30.0
PARTITIONS, REPLICATION_FACTOR = 25, -1
"""The default of `offset.storage.partitions`, and -1 for the broker's default replication factor."""


def write(access: ClusterAccess, topic: str, worker: Mapping[str, str], pairs: Sequence[Pair]) -> None:
    """Write the records. Create the topic if it is missing, as Connect would (`KafkaOffsetBackingStore.
    newTopicDescription`). `worker` is the workers' configuration in the stack file.

    Raises CouldNotRun unless every record is acknowledged by all in-sync replicas.
    """
    _make(access, topic, worker)
    refused: list[KafkaError] = []
    producer = Producer(
        {
            **access.client_config(),
            "acks": "all",
            # Java's default partitioner: MM2 writes its later positions to the same partition.
            "partitioner": "murmur2_random",
            "message.timeout.ms": int(SECONDS * 1000),
            "client.id": "region-mirror-start",
            "log_level": 0,
        }
    )

    def delivered(error: KafkaError | None, _: object) -> None:
        if error is not None:
            refused.append(error)

    deadline = time.monotonic() + SECONDS + 5
    for key, value in pairs:
        _produce(producer, topic, key, value, delivered, deadline)
    left = producer.flush(max(1.0, deadline - time.monotonic()))
    if refused or left:
        reason = one_line(refused[0].str()) if refused else f"{left} were not acknowledged in time"
        raise _failure(access, topic, reason)


def _produce(
    producer: Producer,
    topic: str,
    key: bytes,
    value: bytes | None,
    delivered: Callable[[KafkaError | None, object], None],
    deadline: float,
) -> None:
    """Queue a record. While the queue is full (`queue.buffering.max.messages`), let librdkafka report
    deliveries, which only a poll does; give up at the deadline, where `flush` counts what is left.
    """
    while True:
        try:
            producer.produce(topic, value, key, on_delivery=delivered)
            producer.poll(0)
            return
        except BufferError:
            if time.monotonic() > deadline:
                delivered(KafkaError(KafkaError._QUEUE_FULL, "the broker takes no records"), None)
                return
            producer.poll(0.1)


def _make(access: ClusterAccess, topic: str, worker: Mapping[str, str]) -> None:
    admin = AdminClient({**access.client_config(), "log_level": 0, "client.id": "region-mirror-start"})
    wanted = NewTopic(
        topic,
        int(worker.get("offset.storage.partitions", PARTITIONS)),
        int(worker.get("offset.storage.replication.factor", REPLICATION_FACTOR)),
        config={"cleanup.policy": "compact"},
    )
    answer = settled(admin.create_topics([wanted], request_timeout=SECONDS)[topic], SECONDS)
    if isinstance(answer, Unread) and answer.code != KafkaError.TOPIC_ALREADY_EXISTS:
        raise _failure(access, topic, answer.reason)


def _failure(access: ClusterAccess, topic: str, reason: str) -> CouldNotRun:
    return CouldNotRun(
        f"writing the start positions to topic {topic} of {access.describe()}",
        reason,
        "check the broker's health and the ACLs of the mirror's user, and run `pulumi up` again",
    )
