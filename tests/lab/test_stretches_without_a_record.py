"""A log cleaner leaves batches behind that hold no record: reading across them again and again is no failure.

librdkafka takes a fetch without a record for one that was too small and doubles what it asks for, for as long
as the consumer lives; at 1 GiB it says "might be too large to fetch". An exporter lives for months.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, KafkaError, Producer
from confluent_kafka import TopicPartition as At
from confluent_kafka.admin import AdminClient, NewTopic

from mirror.audit.native import NativeLog
from mirror.clients.reader import Reader
from mirror.clients.records import TopicPartition, Window
from mirror.clients.stretches import Stretch
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.super_user import access
from tests.lab.support.wait import until

SEGMENT = 1024 * 1024  # the least that Kafka allows (KIP-1030)
COMPACTED = {
    "cleanup.policy": "compact",
    "segment.bytes": str(SEGMENT),
    "min.cleanable.dirty.ratio": "0.0",
}
KEYS, ROUNDS = 12, 4
"""In each round every key gets a value, and they fill more than a segment: the cleaner empties the first."""
PASSES = 20
"""From 64 KiB, 14 fetches without a record make a GiB."""


@pytest.fixture(scope="module")
def emptied(regions: Regions) -> Iterator[TopicPartition]:
    """A log that begins with a segment of batches that hold nothing."""
    config, name = regions.kafka("east"), f"scratch-emptied-{uuid.uuid4().hex[:8]}"
    admin = AdminClient(config)
    admin.create_topics([NewTopic(name, 1, config=COMPACTED)])[name].result(60)
    one = TopicPartition(name, 0)

    for _ in range(ROUNDS):
        # The cleaner keeps the last batch of each idempotent producer, for its sequence number.
        producer = Producer({**config, "enable.idempotence": True})
        for key in range(KEYS):
            producer.produce(name, os.urandom(SEGMENT // 10), b"%d" % key, 0)
            assert producer.flush(60) == 0
    until(
        "librdkafka to take the emptied segment for a record too large",
        lambda: complains(config, one),
        seconds=180,
        every=2,
    )
    yield one
    kafka.delete_topic(config, name)


def complains(config: dict[str, object], one: TopicPartition) -> bool:
    """Whether a consumer that has asked for a GiB hears that a message might be too large."""
    consumer = Consumer(
        {
            **config,
            "group.id": "scratch-emptied",
            "enable.partition.eof": True,
            "enable.auto.commit": False,
            "fetch.message.max.bytes": 1_000_000_000,  # the most that it may be set to
        }
    )
    try:
        for _ in range(3):
            consumer.assign([At(one.topic, one.partition, 0)])
            message = consumer.poll(10)
            error = message.error() if message is not None else None
            if error is not None and error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
                return True
        return False
    finally:
        consumer.close()


def test_a_look_reads_across_them_however_often(emptied: TopicPartition, regions: Regions) -> None:
    with (
        Reader(access(regions, "east"), partition_bytes=64 * 1024) as reader,
        NativeLog(access(regions, "east")) as log,
    ):
        for _ in range(PASSES):
            end = log.bounds([emptied])[emptied].end  # type: ignore[union-attr]
            [window] = reader.records([Stretch(emptied, 0, end)])[emptied]
            assert isinstance(window, Window), window
            assert window.records


def test_the_audit_reads_across_them_however_often(emptied: TopicPartition, regions: Regions) -> None:
    with NativeLog(access(regions, "east")) as log:
        for _ in range(PASSES):
            start, end = log.bounds([emptied])[emptied]  # type: ignore[misc]
            with log.blocks(emptied, start, end) as blocks:
                assert sum(len(block) for block in blocks) > 0
