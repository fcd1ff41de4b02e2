"""A client that lasts asks the former coordinator of a group for ever; a new client finds the new one."""

from __future__ import annotations

from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from confluent_kafka import ConsumerGroupState, KafkaError, KafkaException

from mirror.clients import cluster
from mirror.clients.access import ScramCredential
from mirror.clients.answers import settled
from mirror.clients.cluster import Cluster
from mirror.clients.records import Unread
from tests.unit.support.mock_kafka import PlainAccess


def failed(code: int, text: str | None = None) -> Future[Any]:
    answer: Future[Any] = Future()
    answer.set_exception(KafkaException(KafkaError(code, text)))
    return answer


class Admin:
    """Knows the coordinators that were there when it was made."""

    made = 0
    asked: ClassVar[list[tuple[int, list[str]]]] = []

    def __init__(self, config: dict[str, Any]) -> None:
        Admin.made += 1
        self.number = Admin.made

    def describe_consumer_groups(self, groups: list[str], **more: Any) -> dict[str, Future[Any]]:
        Admin.asked.append((self.number, groups))
        answers: dict[str, Future[Any]] = {}
        for group in groups:
            answers[group] = Future()
            if group == "moved" and self.number == 1:
                answers[group] = failed(KafkaError.NOT_COORDINATOR, "ConsumerGroupDescribe: ")
                continue
            answers[group].set_result(SimpleNamespace(members=[1], state=ConsumerGroupState.STABLE))
        return answers


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    monkeypatch.setattr(cluster, "AdminClient", Admin)
    monkeypatch.setattr(cluster, "await_metadata", lambda *_: SimpleNamespace(brokers={}, cluster_id="c"))
    monkeypatch.setattr(Admin, "made", 0)
    monkeypatch.setattr(Admin, "asked", [])
    made = Cluster(PlainAccess("unused", "", ScramCredential("nobody", ""), "east"))
    made.connect()
    return made


def test_a_group_that_has_moved_is_asked_about_by_a_new_client(connected: Cluster) -> None:
    assert connected.members(["stayed", "moved"]) == {"stayed": 1, "moved": 1}
    assert connected.members(["stayed", "moved"]) == {"stayed": 1, "moved": 1}
    assert Admin.asked == [(1, ["stayed", "moved"]), (2, ["moved"]), (2, ["stayed", "moved"])]


def test_an_error_without_a_text_is_named() -> None:
    assert settled(failed(KafkaError.NOT_COORDINATOR, "ConsumerGroupDescribe: ")) == Unread(
        "ConsumerGroupDescribe: NOT_COORDINATOR"
    )
    assert settled(failed(KafkaError.GROUP_AUTHORIZATION_FAILED, "no access")) == Unread("no access")
