"""Reads the records of `__transaction_state`: who holds which transaction open. Pure.

Kafka's own Admin client asks the coordinators (DescribeTransactions, KIP-664); librdkafka cannot. The
coordinators keep the same in this topic. The formats are those of `TransactionLogKey.json` and
`TransactionLogValue.json`; version 1 is written from Kafka 4.0 on (KIP-890).
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from mirror.clients.records import TopicPartition

TOPIC = "__transaction_state"
_OPEN = frozenset({1, 2, 3})
"""Ongoing, PrepareCommit, PrepareAbort (`TransactionState`): markers are still to be written."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A transaction that is not ended. `since`: its start, in milliseconds since the epoch."""

    transactional_id: str
    producer_id: int
    partitions: frozenset[TopicPartition]
    since: int

    def __str__(self) -> str:
        since = datetime.fromtimestamp(self.since / 1000, UTC)
        return f"{self.transactional_id} (producer id {self.producer_id}, since {since:%H:%M:%S} UTC)"


class _Bytes:
    """Values of Kafka's protocol, one after the other. Raises struct.error or IndexError at the end."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def number(self, form: str) -> int:
        (value,) = struct.unpack_from(f">{form}", self._data, self._at)
        self._at += struct.calcsize(f">{form}")
        return int(value)

    def varint(self) -> int:
        """Return an unsigned varint."""
        value, shift = 0, 0
        while True:
            byte = self._data[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def text(self, size: int) -> str:
        found = self._data[self._at : self._at + size]
        self._at += size
        return found.decode("utf-8", "replace")

    def skip_tags(self) -> None:
        for _ in range(self.varint()):
            self.varint()
            self._at += self.varint()


def holders(
    messages: Iterable[tuple[bytes | None, bytes | None]], among: Collection[TopicPartition]
) -> list[Holder]:
    """Return the open transactions that have one of these partitions, by transactional id.

    `messages`: keys and values of the topic, in their order within each partition. A message that is not
    understood is left out.
    """
    last: dict[str, Holder | None] = {}
    for key, value in messages:
        try:
            name = _name(key or b"")
            last[name] = None if value is None else _holder(name, value)
        except (struct.error, IndexError):
            continue
    wanted = frozenset(among)
    found = [one for one in last.values() if one is not None and one.partitions & wanted]
    return sorted(found, key=lambda one: one.transactional_id)


def _name(key: bytes) -> str:
    data = _Bytes(key)
    data.number("h")
    return data.text(data.number("h"))


def _holder(name: str, value: bytes) -> Holder | None:
    data = _Bytes(value)
    flexible = data.number("h") >= 1
    producer_id = data.number("q")
    data.number("h")  # epoch
    data.number("i")  # timeout
    state = data.number("b")
    partitions = [
        TopicPartition(topic, number) for topic, numbers in _topics(data, flexible) for number in numbers
    ]
    data.number("q")  # last update
    since = data.number("q")
    return Holder(name, producer_id, frozenset(partitions), since) if state in _OPEN else None


def _topics(data: _Bytes, flexible: bool) -> list[tuple[str, list[int]]]:
    found = []
    for _ in range(data.varint() - 1 if flexible else data.number("i")):
        topic = data.text(data.varint() - 1 if flexible else data.number("h"))
        count = data.varint() - 1 if flexible else data.number("i")
        found.append((topic, [data.number("i") for _ in range(count)]))
        if flexible:
            data.skip_tags()
    return found
