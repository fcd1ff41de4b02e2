"""A partition whose start time the source does not answer is none whose records are all older."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import confluent_kafka
import pytest
from confluent_kafka import KafkaError, KafkaException

from mirror.clients.cluster import Cluster
from mirror.clients.records import Topic, TopicPartition
from mirror.mm2.connect_format import StartPosition
from mirror.problems import CouldNotRead
from mirror.start.first_deployment import choose
from tests.unit.support.made_up import settings
from tests.unit.support.mock_kafka import PlainAccess

NOON = "2026-11-01T12:00:00+00:00"
EARLIEST, LATEST = -2, -1
NOBODY: Any = None


class Admin:
    """Two partitions with 200 offsets each. `at_noon`: the answers for the time, None for no record."""

    def __init__(self, at_noon: Mapping[int, int | KafkaError | None]) -> None:
        self._answers = {LATEST: {0: 200, 1: 200}, EARLIEST: {0: 0, 1: 0}}
        self._at_noon = at_noon

    def list_offsets(
        self, wanted: Mapping[confluent_kafka.TopicPartition, Any], **_: Any
    ) -> dict[confluent_kafka.TopicPartition, Future[Any]]:
        found = {}
        for one, spec in wanted.items():
            answer = self._answers.get(spec._value, self._at_noon)[one.partition]
            found[one] = future = Future[Any]()
            if isinstance(answer, KafkaError):
                future.set_exception(KafkaException(answer))
            else:
                future.set_result(SimpleNamespace(offset=-1 if answer is None else answer))
        return found


def chosen(monkeypatch: pytest.MonkeyPatch, *at_noon: int | KafkaError | None) -> list[StartPosition]:
    source = Cluster(PlainAccess("east:9092", "", NOBODY, "east"))
    monkeypatch.setattr(source, "topics", lambda: {"orders": Topic("orders", 2, 3)})
    monkeypatch.setattr(source, "_admin", Admin(dict(enumerate(at_noon))))
    monkeypatch.setattr(PlainAccess, "describe", lambda _: "east")
    return choose(settings(start_from=NOON), source, {})


def test_partitions_without_a_younger_record_begin_at_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (TopicPartition("orders", number) for number in (0, 1))
    assert chosen(monkeypatch, 40, None) == [StartPosition(first, 39, 40), StartPosition(second, 199, 200)]


@pytest.mark.parametrize(
    "code", [KafkaError._TIMED_OUT, KafkaError.REQUEST_TIMED_OUT, KafkaError.UNSUPPORTED_FOR_MESSAGE_FORMAT]
)
def test_a_partition_without_an_answer_leaves_nothing_out(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """It began at its end: what was younger than the start time was never mirrored, and was proven."""
    with pytest.raises(CouldNotRead, match=r"reading the offset at mirror\.start_from of orders-1 on east"):
        chosen(monkeypatch, 40, KafkaError(code))
