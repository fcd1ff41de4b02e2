"""Turns a message of confluent-kafka into a plain record."""

from __future__ import annotations

from typing import Any

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME

from mirror.clients.records import Entry, Record, digest, digest_key


def record_of(message: Any) -> Record:
    """The digest of a consumed message."""
    key, value = message.key(), message.value()
    kind, timestamp = message.timestamp()
    return Record(
        message.offset(),
        timestamp,
        digest(key, value, message.headers()),
        digest_key(key),
        value is None,
        kind == TIMESTAMP_LOG_APPEND_TIME,
    )


def entry_of(message: Any) -> Entry:
    """A consumed message with its bytes."""
    return Entry(message.offset(), message.timestamp()[1], message.key(), message.value())


def pair_of(message: Any) -> tuple[bytes | None, bytes | None]:
    """The key and the value of a consumed message."""
    return message.key(), message.value()
