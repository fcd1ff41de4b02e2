"""Start positions are written however many there are, and each refusal is an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import KafkaError

from mirror.problems import CouldNotRun
from mirror.start.initial_offsets import write as writing
from tests.unit.support.mock_kafka import MockCluster

Delivered = Callable[[KafkaError | None, object], None]
PAIRS = [(b"key-%d" % number, b"%d" % number) for number in range(25)]


class SmallQueue:
    """librdkafka's producer with room for three records, which only a poll empties."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.waiting: list[Delivered] = []
        self.delivered = 0
        self.stuck = False

    def produce(self, topic: str, value: bytes, key: bytes, on_delivery: Delivered) -> None:
        if len(self.waiting) == 3:
            raise BufferError
        self.waiting.append(on_delivery)

    def poll(self, seconds: float) -> None:
        if seconds and not self.stuck:
            for one in self.waiting:
                one(None, None)
            self.delivered += len(self.waiting)
            self.waiting.clear()

    def flush(self, seconds: float) -> int:
        self.poll(seconds)
        return len(self.waiting)


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> SmallQueue:
    made = SmallQueue({})
    monkeypatch.setattr(writing, "Producer", lambda config: made)
    monkeypatch.setattr(writing, "_make", lambda *_: None)
    return made


def test_more_positions_than_the_queue_holds(queue: SmallQueue) -> None:
    writing.write(MockCluster().access, "offsets", {}, PAIRS)
    assert queue.delivered == len(PAIRS)


def test_a_broker_that_takes_nothing_is_an_error_in_time(
    queue: SmallQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.stuck = True
    monkeypatch.setattr(writing, "SECONDS", -5.0)
    with pytest.raises(CouldNotRun, match="writing the start positions to topic offsets"):
        writing.write(MockCluster().access, "offsets", {}, PAIRS)


def test_they_are_on_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = MockCluster()
    monkeypatch.setattr(writing, "_make", lambda *_: None)
    writing.write(cluster.access, "offsets", {}, PAIRS)
    topics = cluster.producer.list_topics(timeout=10).topics
    assert "offsets" in topics
