"""A partition that nobody leads costs the others neither their records nor their time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import confluent_kafka
import pytest
from confluent_kafka import TIMESTAMP_CREATE_TIME

from mirror.clients.connection import Errors
from mirror.clients.reader import Reader
from mirror.clients.records import TopicPartition, Unread, Window
from mirror.clients.stretches import Stretch
from tests.unit.support.clock import Clock
from tests.unit.support.mock_kafka import MockCluster

STUCK, ONE, TWO = (TopicPartition("orders", number) for number in range(3))


class Message(NamedTuple):
    number: int
    at: int

    def topic(self) -> str:
        return "orders"

    def partition(self) -> int:
        return self.number

    def offset(self) -> int:
        return self.at

    def error(self) -> None:
        return None

    def key(self) -> bytes:
        return b"k"

    def value(self) -> bytes:
        return b"%d" % self.at

    def headers(self) -> None:
        return None

    def timestamp(self) -> tuple[int, int]:
        return TIMESTAMP_CREATE_TIME, 1000 + self.at


class Consumer:
    """Gives one record after the other of each partition but STUCK. `slow`: seconds before the first."""

    def __init__(self, slow: float = 0.0) -> None:
        self._slow = slow
        self.clock = Clock()
        self._next: dict[int, int] = {}
        self.assigned: list[set[int]] = []

    def assign(self, partitions: Sequence[confluent_kafka.TopicPartition]) -> None:
        self._next = {one.partition: one.offset for one in partitions}
        self.assigned.append(set(self._next))
        self.clock.sleep(self._slow)

    def consume(self, count: int, timeout: float) -> list[Message]:
        found = []
        for number in self._next.keys() - {STUCK.partition}:
            found.append(Message(number, self._next[number]))
            self._next[number] += 1
        if not found:
            self.clock.sleep(timeout)
        return found

    def incremental_unassign(self, partitions: Sequence[confluent_kafka.TopicPartition]) -> None:
        for one in partitions:
            del self._next[one.partition]

    def unassign(self) -> None:
        self._next = {}

    def close(self) -> None: ...


class Known:
    def learn(self, *_: Any) -> None: ...


def reader(consumer: Consumer, patch: pytest.MonkeyPatch) -> Reader:
    patch.setattr("mirror.clients.reader.time", consumer.clock)
    made = Reader(MockCluster().access)
    made._consumer.close()
    made.errors = Errors()
    made._consumer, made._known = consumer, Known()  # type: ignore[assignment]
    return made


def offsets(found: Sequence[Window | Unread]) -> list[list[int]]:
    return [[] if isinstance(one, Unread) else [each.offset for each in one.records] for one in found]


def test_the_later_stretches_of_the_others_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Head, middle and tail of a thousand healthy partitions: with one partition without a leader, middle and
    tail of all of them were unread, and each was a finding.
    """
    consumer = Consumer()
    wanted = [Stretch(one, at, at + 2) for one in (STUCK, ONE, TWO) for at in (0, 10, 20)]
    found = reader(consumer, monkeypatch).records(wanted, 45)
    assert offsets(found[ONE]) == offsets(found[TWO]) == [[0, 1], [10, 11], [20, 21]]
    assert found[STUCK] == [Unread("not read in time")] * 3
    assert consumer.clock.passed == pytest.approx(45, abs=0.1), "it is waited for once"
    assert consumer.assigned == [{0, 1, 2}, {1, 2}, {1, 2}]


def test_many_stretches_of_one_partition_may_take_longer_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of groups at offsets far from each other, 80 ms from the source: after 45 s the rest of them
    was unread, and no group of that partition could be judged.
    """
    wanted = [Stretch(ONE, at, at + 1) for at in range(0, 10_000, 10)]
    found = reader(Consumer(slow=0.18), monkeypatch).records(wanted, 45)
    assert offsets(found[ONE]) == [[at] for at in range(0, 10_000, 10)]


def test_they_have_an_end_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    consumer = Consumer(slow=20)
    wanted = [Stretch(ONE, at, at + 1) for at in range(0, 10_000, 10)]
    found = reader(consumer, monkeypatch).records(wanted, 45)
    assert consumer.clock.passed < 11 * 45
    assert offsets(found[ONE])[:2] == [[0], [10]]
    assert isinstance(found[ONE][-1], Unread)
