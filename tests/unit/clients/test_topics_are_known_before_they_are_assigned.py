"""A topic that is not known is assigned only after the metadata was read: librdkafka would find it late."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException

from mirror.clients import known_topics
from mirror.clients.known_topics import KnownTopics
from mirror.clients.reader import Reader
from mirror.clients.records import TopicPartition, Window
from mirror.clients.stretches import Stretch
from tests.unit.support.mock_kafka import MockCluster


class Metadata:
    """A consumer whose cluster has these topics."""

    def __init__(self, *topics: str, error: KafkaException | None = None) -> None:
        self.topics = list(topics)
        self.error = error
        self.asked = 0

    def list_topics(self, timeout: float) -> Any:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return SimpleNamespace(topics=dict.fromkeys(self.topics))


def known(metadata: Metadata) -> KnownTopics:
    return KnownTopics(cast(Consumer, metadata))


def test_a_failure_is_not_raised_and_a_minute_later_it_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    metadata, now = Metadata("orders", error=KafkaException(KafkaError(KafkaError._TIMED_OUT))), [0.0]
    monkeypatch.setattr(known_topics, "time", SimpleNamespace(monotonic=lambda: now[0]))
    topics = known(metadata)
    for at, asked in ((0.0, 1), (5.0, 1), (59.0, 1), (61.0, 2)):
        now[0] = at
        topics.learn({"orders"})
        assert metadata.asked == asked, "each call would wait for the time-out, wave after wave"
    metadata.error, now[0] = None, 122.0
    topics.learn({"orders"})
    topics.learn({"orders"})
    assert metadata.asked == 3


def test_a_topic_made_later_is_asked_for() -> None:
    metadata = Metadata("orders")
    topics = known(metadata)
    topics.learn()
    topics.learn({"orders"})
    assert metadata.asked == 1
    metadata.topics.append("returns")
    topics.learn({"orders", "returns"})
    topics.learn({"returns"})
    assert metadata.asked == 2


def test_librdkafka_forgets_so_it_is_asked_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    metadata, now = Metadata("orders"), [1000.0]
    monkeypatch.setattr(known_topics, "time", SimpleNamespace(monotonic=lambda: now[0]))
    topics = known(metadata)
    for at, asked in ((1000.0, 1), (1599.0, 1), (1601.0, 2)):
        now[0] = at
        topics.learn({"orders"})
        assert metadata.asked == asked


def test_a_topic_that_is_not_there_is_asked_for_each_time_and_no_other_one_waits() -> None:
    cluster = MockCluster()
    cluster.write("orders", 0, [(None, b"a"), (None, b"b")])
    there, gone = TopicPartition("orders", 0), TopicPartition("returned", 0)
    with Reader(cluster.access) as reader:
        found = reader.records([Stretch(there, 0, 2), Stretch(gone, 0, 2)], seconds=3)
    (window,) = found[there]
    assert isinstance(window, Window)
    assert len(window.records) == 2
    assert not isinstance(found[gone][0], Window)
