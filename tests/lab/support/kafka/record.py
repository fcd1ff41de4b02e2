"""Records: written, read, and compared with a copy."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)

from tests.lab.support.kafka.client import ANSWER_SECONDS, Config, administrator
from tests.lab.support.kafka.topic import topics
from tests.lab.support.side_by_side import labs_running
from tests.lab.support.wait import until

READ_SECONDS = 300
"""For a partition from its begin to its end, while records may still arrive."""


@dataclass(frozen=True)
class Record:
    """What a mirror must carry over unchanged, and where it lies."""

    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int
    headers: tuple[tuple[str, str | bytes | None], ...] = ()


def produce(config: Config, topic: str, values: Iterable[str], *, partition: int = 0) -> None:
    """Append records to one partition, all acknowledged; KafkaException when one is refused."""
    refused: list[KafkaError] = []
    producer = Producer({**config, "acks": "all", "enable.idempotence": False})

    def delivered(error: KafkaError | None, _: object) -> None:
        if error is not None:
            refused.append(error)

    for number, value in enumerate(values):
        producer.produce(topic, value.encode(), f"k{number}".encode(), partition, on_delivery=delivered)
    left = producer.flush(ANSWER_SECONDS)
    if refused:
        raise KafkaException(refused[0])
    assert left == 0, f"{left} records to {topic} were not acknowledged"


@contextmanager
def reader(config: Config) -> Iterator[Consumer]:
    """A consumer that belongs to no group and commits nothing."""
    consumer = Consumer(
        {
            **config,
            "group.id": f"scratch-reader-{uuid.uuid4()}",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
        }
    )
    try:
        yield consumer
    finally:
        consumer.close()


def read(config: Config, topic: str, *, partition: int = 0, start: int = 0) -> list[Record]:
    """The committed records of one partition from offset `start` to its end. Raises AssertionError where it
    is not reached in time: somebody may write faster than this reads.
    """
    records: list[Record] = []
    deadline = time.monotonic() + READ_SECONDS * labs_running()
    with reader(config) as consumer:
        consumer.assign([TopicPartition(topic, partition, start)])
        while True:
            seen = f"{len(records):,} records of {topic}-{partition}"
            assert time.monotonic() < deadline, f"{seen} were read, and not its end in {READ_SECONDS} s"
            message = consumer.poll(ANSWER_SECONDS)
            late = f"{topic}-{partition} gave neither a record nor its end in {ANSWER_SECONDS} s"
            assert message is not None, late
            error = message.error()
            if error is None:
                offset, headers = message.offset(), message.headers() or []
                assert offset is not None
                assert isinstance(headers, list), "librdkafka keeps their order"
                records.append(
                    Record(offset, message.key(), message.value(), message.timestamp()[1], tuple(headers))
                )
            elif error.code() == KafkaError._PARTITION_EOF:
                return records
            else:
                raise KafkaException(error)


def contents(config: Config, topic: str) -> list[list[tuple[Any, ...]]]:
    """Key, value, timestamp and headers of every committed record, in order, by partition: all that a mirror
    has to carry over. Offsets are not part of it.
    """
    admin = administrator(config)
    partitions = admin.list_topics(topic, timeout=ANSWER_SECONDS).topics[topic].partitions
    return [
        [(one.key, one.value, one.timestamp, one.headers) for one in read(config, topic, partition=partition)]
        for partition in sorted(partitions)
    ]


def arrived(config: Config, topic: str, original: list[list[tuple[Any, ...]]]) -> None:
    """Wait until a copy holds as many records as its original (`contents`), and say that they are the same.

    A mirror that is some seconds behind is proven too.
    """
    wanted = sum(map(len, original))
    until(
        f"{wanted} records of {topic}",
        lambda: topic in topics(config) and sum(map(len, contents(config, topic))) >= wanted,
        seconds=90,
    )
    assert contents(config, topic) == original


def reproduce(config: Config, topic: str, records: Iterable[Record]) -> None:
    """Write the same records again: key, value and timestamp as they were."""
    producer = Producer({**config, "acks": "all"})
    for record in records:
        producer.produce(topic, record.value, record.key, 0, timestamp=record.timestamp)
    assert producer.flush(ANSWER_SECONDS) == 0


def produce_at(config: Config, topic: str, value: str, milliseconds: int) -> None:
    """Append one record with this timestamp to partition 0."""
    producer = Producer({**config, "acks": "all"})
    producer.produce(topic, value.encode(), b"k", 0, timestamp=milliseconds)
    assert producer.flush(ANSWER_SECONDS) == 0
