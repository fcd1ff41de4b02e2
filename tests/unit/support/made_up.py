"""Made-up observations: records named by letters, so that a test reads like the picture in a docstring."""

from __future__ import annotations

from collections.abc import Iterable

from mirror.clients.records import Record, TopicPartition, Window, digest, digest_key
from settings.load import load
from settings.model import Settings

NOW = 1_800_000_000.0
"""Seconds since the epoch."""

ORDERS = TopicPartition("orders", 0)


def settings(**mirror: object) -> Settings:
    """The smallest stack, with `mirror` settings on top."""
    return load({
        "source": {
            "alias": "east", "cluster": "east", "namespace": "kafka", "listener": "scram",
            "authentication": "scram-sha-512", "user": "mirror-source",
        },
        "target": {
            "alias": "west", "cluster": "west", "namespace": "kafka", "listener": "mtls",
            "authentication": "tls",
        },
        "mirror": {"name": "east-to-west", "topics": ["orders", "payments.*"], **mirror},
    })  # fmt: skip


def record(
    offset: int, name: str, *, key: str | None = None, age: float = 1.0, tombstone: bool = False
) -> Record:
    """A record whose content is its name (and key)."""
    value = None if tombstone else name.encode()
    data = None if key is None else key.encode()
    return Record(
        offset,
        int((NOW - age) * 1000),
        digest(data, value, [("n", name.encode())]),
        digest_key(data),
        tombstone,
    )


def records(names: str, start: int = 0) -> list[Record]:
    """One record a letter from offset `start` on; `.` is an offset without a record (marker, aborted)."""
    return [record(start + index, name) for index, name in enumerate(names) if name != "."]


def window(names: str, start: int = 0, *, at_end: bool = True) -> Window:
    return Window(start, start + len(names), records(names, start), at_end)


def window_of(found: Iterable[Record], start: int, end: int, *, at_end: bool = True) -> Window:
    return Window(start, end, list(found), at_end)
