"""Turns a message of confluent-kafka into a plain record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME

from mirror.clients.records import Entry, Record, digest, digest_key

# Half the time of calling `Record`, which a look does for each of ten thousand records and more.
_new: Callable[..., Record] = tuple.__new__


def record_of(message: Any) -> Record:
    """The digest of a consumed message."""
    key, value = message.key(), message.value()
    kind, timestamp = message.timestamp()
    content = digest(key, value, message.headers())
    stamped = kind == TIMESTAMP_LOG_APPEND_TIME or timestamp < 0
    return _new(Record, (message.offset(), timestamp, content, digest_key(key), value is None, stamped))


def entry_of(message: Any) -> Entry:
    """A consumed message with its bytes."""
    return Entry(message.offset(), message.timestamp()[1], message.key(), message.value())


def pair_of(message: Any) -> tuple[bytes | None, bytes | None]:
    """The key and the value of a consumed message."""
    return message.key(), message.value()
