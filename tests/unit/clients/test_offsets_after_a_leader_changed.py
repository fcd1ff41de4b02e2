"""Offsets of logs are asked once more, with new metadata, where a broker refuses the leader's epoch."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any, cast

import confluent_kafka
import pytest
from confluent_kafka import IsolationLevel, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from mirror.clients.log_offsets import bounds, offsets_at
from mirror.clients.records import Bounds, TopicPartition, Unread

MOVED, STAYED = TopicPartition("orders", 0), TopicPartition("orders", 1)


class Admin:
    """Partition 0 has another epoch than the client believes, until it reads metadata."""

    def __init__(self, code: int = KafkaError.FENCED_LEADER_EPOCH, renews: bool = True) -> None:
        self.code, self.renews, self.outdated = code, renews, True
        self.asked: list[list[int]] = []
        self.refreshed = 0

    def list_topics(self, timeout: float) -> None:
        self.refreshed += 1
        self.outdated = not self.renews
        if not self.renews:
            raise KafkaException(KafkaError(KafkaError._TRANSPORT))

    def list_offsets(
        self, wanted: Mapping[confluent_kafka.TopicPartition, Any], **_: Any
    ) -> dict[confluent_kafka.TopicPartition, Future[Any]]:
        self.asked.append([one.partition for one in wanted])
        return {one: self._answer(one.partition) for one in wanted}

    def _answer(self, partition: int) -> Future[Any]:
        future: Future[Any] = Future()
        if partition == 0 and self.outdated:
            future.set_exception(KafkaException(KafkaError(self.code)))
        else:
            future.set_result(SimpleNamespace(offset=7))
        return future


def ends(admin: Admin) -> dict[TopicPartition, Bounds | Unread]:
    return bounds(cast(AdminClient, admin), (MOVED, STAYED), IsolationLevel.READ_COMMITTED)


@pytest.mark.parametrize(
    "code",
    [KafkaError.FENCED_LEADER_EPOCH, KafkaError.UNKNOWN_LEADER_EPOCH, KafkaError.NOT_LEADER_FOR_PARTITION],
)
def test_a_client_that_lasts_learns_the_new_epoch(code: int) -> None:
    admin = Admin(code)
    assert ends(admin) == {MOVED: Bounds(7, 7), STAYED: Bounds(7, 7)}
    assert admin.asked == [[0, 1], [0, 1], [0], [0]], "only what was refused is asked again"
    assert admin.refreshed == 1


def test_times_are_asked_again_too() -> None:
    asked = [{MOVED: 1, STAYED: 1}, {MOVED: 2}]
    assert offsets_at(cast(AdminClient, Admin()), asked) == [{MOVED: 7, STAYED: 7}, {MOVED: 7}]


def test_what_stays_refused_is_unread_and_says_why() -> None:
    admin = Admin(renews=False)
    found = ends(admin)
    assert found[STAYED] == Bounds(7, 7)
    refused = found[MOVED]
    assert isinstance(refused, Unread)
    assert refused.code == KafkaError.FENCED_LEADER_EPOCH
    assert admin.refreshed == 1, "it is asked once more, not for ever"


def test_another_error_is_no_reason_to_ask_again() -> None:
    admin = Admin(KafkaError.TOPIC_AUTHORIZATION_FAILED)
    assert isinstance(ends(admin)[MOVED], Unread)
    assert admin.refreshed == 0


def test_nothing_is_asked_for_nothing() -> None:
    admin = Admin()
    assert bounds(cast(AdminClient, admin), (), IsolationLevel.READ_COMMITTED) == {}
    assert offsets_at(cast(AdminClient, admin), [{}]) == [{}]
    assert offsets_at(cast(AdminClient, admin), []) == []
    assert admin.asked == []
