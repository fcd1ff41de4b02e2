"""A group of workers that may not be described is no group without members."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError, KafkaException

from mirror.clients.cluster import Cluster
from mirror.clients.connect_group import workers
from mirror.problems import CouldNotRead


class Admin:
    """A broker that lists no group, as where the user may not describe it."""

    def __init__(self, described: int) -> None:
        self._described = described

    def describe_consumer_groups(self, groups: list[str], **_: Any) -> dict[str, Future[Any]]:
        answer: Future[Any] = Future()
        answer.set_exception(KafkaException(KafkaError(self._described)))
        return dict.fromkeys(groups, answer)


class Access:
    def describe(self) -> str:
        return "west at localhost as User:CN=verifier"


class FakeCluster:
    def __init__(self, described: int) -> None:
        self.admin, self.access = Admin(described), Access()

    def any_group(self, group: str) -> None:
        return None


def members(described: int) -> int:
    return workers(cast(Cluster, FakeCluster(described)), "east-to-west")


def test_a_group_that_may_not_be_described_is_refused() -> None:
    with pytest.raises(CouldNotRead) as refusal:
        members(KafkaError.GROUP_AUTHORIZATION_FAILED)
    assert "group east-to-west" in str(refusal.value)
    assert "needs Describe" in str(refusal.value)


@pytest.mark.parametrize(
    "said",
    [KafkaError.COORDINATOR_NOT_AVAILABLE, KafkaError.COORDINATOR_LOAD_IN_PROGRESS, KafkaError._TIMED_OUT],
)
def test_a_group_whose_coordinator_does_not_know_it_yet_may_have_members(said: int) -> None:
    """A broker that restarts: leftovers were said to have no member, and MM2 began beside another one."""
    with pytest.raises(CouldNotRead):
        members(said)


@pytest.mark.parametrize("said", [KafkaError.GROUP_ID_NOT_FOUND, KafkaError.INCONSISTENT_GROUP_PROTOCOL])
def test_a_group_that_is_not_there_has_no_members(said: int) -> None:
    assert members(said) == 0
