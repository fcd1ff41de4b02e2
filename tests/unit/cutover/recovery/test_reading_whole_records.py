"""Reading the source goes on where an error is about no record of it."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError

from mirror.clients.known_topics import KnownTopics
from mirror.clients.records import TopicPartition
from mirror.cutover.recovery import source_records
from mirror.cutover.recovery.source_records import SourceRecords
from mirror.problems import CouldNotRead
from tests.unit.support.mock_kafka import MockCluster

ORDERS = TopicPartition("orders", 0)


class Message:
    def __init__(self, topic: str | None, offset: int | None, error: int | None = None) -> None:
        self._topic, self._offset, self._error = topic, offset, error

    def topic(self) -> str | None:
        return self._topic

    def offset(self) -> int | None:
        return self._offset

    def error(self) -> KafkaError | None:
        return None if self._error is None else KafkaError(self._error)


class Consumer:
    """Answers with these messages, once."""

    def __init__(self, *messages: Message) -> None:
        self._messages = list(messages)

    def assign(self, _: object) -> None: ...

    def unassign(self) -> None: ...

    def list_topics(self, timeout: float) -> Any:
        return SimpleNamespace(topics={"orders": None})

    def consume(self, *_: object) -> list[Message]:
        found, self._messages = self._messages, []
        return found


def read(*messages: Message) -> list[Any]:
    records = SourceRecords(MockCluster().access)
    records.close()
    records._consumer = cast(Any, Consumer(*messages))
    records._known = KnownTopics(cast(Any, Consumer()))
    return list(records.read(ORDERS, cast(Any, [0, 1])))


def test_an_error_about_a_group_that_is_never_joined_ends_nothing() -> None:
    about_no_partition = Message(None, None, KafkaError.GROUP_AUTHORIZATION_FAILED)
    found = read(Message("orders", 0), about_no_partition, Message("orders", 1))
    assert [one.offset() for one in found] == [0, 1]


def test_an_error_about_the_partition_is_said() -> None:
    with pytest.raises(CouldNotRead, match="orders-0"):
        read(Message("orders", 0), Message("orders", 1, KafkaError.TOPIC_AUTHORIZATION_FAILED))


@pytest.mark.parametrize(
    "again",
    [
        Message("orders", None, KafkaError.MSG_SIZE_TOO_LARGE),
        Message(None, None, KafkaError._TRANSPORT),
        Message("orders", 0),
    ],
)
def test_what_is_no_record_that_is_waited_for_does_not_prolong_the_wait(
    again: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that repeats, or what was fetched before, must not keep a recovery waiting for ever."""
    monkeypatch.setattr(source_records, "SECONDS", 0.2)
    until = time.monotonic() + 5

    class Endless(Consumer):
        def consume(self, *_: object) -> list[Message]:
            assert time.monotonic() < until, "it waits without an end"
            return [again]

    records = SourceRecords(MockCluster().access)
    records.close()
    records._consumer = cast(Any, Endless())
    records._known = KnownTopics(cast(Any, Consumer()))
    with pytest.raises(CouldNotRead, match="from offset 1: no record in"):
        list(records.read(ORDERS, cast(Any, [1])))
