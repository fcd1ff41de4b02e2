"""What a block must say of records, from confluent-kafka's own messages and the original XXH64."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import confluent_kafka
import xxhash
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Consumer, KafkaError

from mirror.audit.blocks import NO_PRODUCER_TIME, NULL_KEY, TOMBSTONE, RecordBlock
from mirror.clients.records import TopicPartition

_NULL_VALUE = 0x9FB21C651E98DF25
_64_BITS = (1 << 64) - 1


class Row(NamedTuple):
    """A record's place in all columns."""

    offset: int
    timestamp: int
    key: int
    value: int
    headers: int
    flags: int


def rows_of(blocks: Iterable[RecordBlock]) -> list[Row]:
    """Blocks, one row a record."""
    return [
        Row(*(int(number) for number in row))
        for block in blocks
        for row in zip(
            block.offsets,
            block.timestamps,
            block.keys,
            block.values,
            block.headers,
            block.flags,
            strict=True,
        )
    ]


def rows_by_consumer(config: dict[str, Any], one: TopicPartition, start: int = 0) -> list[Row]:
    """The same log, read by confluent-kafka's Consumer."""
    consumer = Consumer(
        {
            **config,
            "group.id": "expected",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
        }
    )
    consumer.assign([confluent_kafka.TopicPartition(one.topic, one.partition, start)])
    rows = []
    try:
        while True:
            for message in consumer.consume(1000, 1):
                error = message.error()
                if error is None:
                    rows.append(row_of(message))
                elif error.code() == KafkaError._PARTITION_EOF:
                    return rows
                else:
                    raise AssertionError(str(error))
    finally:
        consumer.close()


def row_of(message: Any) -> Row:
    """One message of confluent-kafka's Consumer."""
    key, value = message.key(), message.value()
    kind, timestamp = message.timestamp()
    flags = TOMBSTONE * (value is None) | NULL_KEY * (key is None)
    flags |= NO_PRODUCER_TIME * (kind == TIMESTAMP_LOG_APPEND_TIME or timestamp < 0)
    return Row(
        message.offset(),
        timestamp,
        0 if key is None else _digest(key),
        0 if value is None else _digest(value),
        headers_digest(message.headers()),
        flags,
    )


def headers_digest(headers: list[tuple[str, bytes | None]] | None) -> int:
    """Each digest is the seed of the next."""
    if not headers:
        return 0
    digest = 0
    for name, value in headers:
        digest = _digest(name.encode(), digest)
        digest = (digest * _NULL_VALUE + 1) & _64_BITS if value is None else _digest(value, digest)
    return digest or 1


def _digest(content: bytes, seed: int = 0) -> int:
    return xxhash.xxh64_intdigest(content, seed) or 1
