"""The topics that a bench moves, and the comparison of both logs and of the groups' offsets afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Message

from lab.drill.consuming import read_all
from lab.drill.tell import Tell, number_of
from tests.lab.support import kafka

Log = dict[int, list[tuple[int, str]]]
"""Offset and identity of each record, by partition."""


@dataclass(frozen=True)
class Size:
    """Topics with their partitions, and how many groups read each topic."""

    partitions: Mapping[str, int]
    groups_each: int = 1

    def __str__(self) -> str:
        groups = self.groups_each * len(self.partitions)
        return f"{sum(self.partitions.values()):,} partitions, {groups} groups"


SMALL = Size({"orders": 24, "payments": 6, "customers": 4, "audit": 2})
"""As the lab's production has."""
LARGE = Size({f"stream-{number:02}": 25 for number in range(40)}, groups_each=5)


class Kept(Tell):
    """Keeps what the producers tell, instead of printing it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []

    def line(self, **values: Any) -> None:
        """Keep a line."""
        self.lines.append(values)

    def accepted(self) -> list[dict[str, Any]]:
        """The records that the source has accepted."""
        return [one for one in list(self.lines) if one["event"] == "accepted"]


def read_log(config: kafka.Config, topic: str, partitions: int) -> Log:
    """Read the committed records of a topic."""
    found: Log = {number: [] for number in range(partitions)}
    config = {**config, "isolation.level": "read_committed"}
    for message in read_all({**config, "fetch.queue.backoff.ms": 10}, topic):
        number, offset = message.partition(), message.offset()
        if number is None or offset is None:
            raise TypeError("librdkafka gave a message without a partition or an offset")
        found[number].append((offset, _name(message)))
    return found


def difference(where: str, here: list[tuple[int, str]], there: list[tuple[int, str]]) -> list[str]:
    """Return how a copy differs from its partition."""
    mine, copies = [name for _, name in here], [name for _, name in there]
    if mine == copies:
        return []
    lost, doubled = len(set(mine) - set(copies)), len(copies) - len(set(copies))
    return [f"{where}: {lost} lost, {doubled} doubled, {len(mine)} here and {len(copies)} there"]


def unread(records: list[tuple[int, str]], offset: int) -> list[str]:
    """Return the records that a group at this offset has not read; without an offset, all."""
    return [name for at, name in records if at >= offset]


def inexact(where: str, here: list[str], there: list[str]) -> list[str]:
    """Return how the unread records of a group differ from those at the source."""
    if here == there:
        return []
    return [f"{where}: {len(here)} records unread at the source, {len(there)} on the target"]


def _name(message: Message) -> str:
    """The identity of a record; those from before the first move have none but their value."""
    value = message.value()
    return number_of(message) if message.headers() else (value or b"").decode()
