"""A group of workers that may not be described is no group without members; one whose coordinator is on its
way is asked for again.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError, KafkaException

from mirror.clients.cluster import Cluster
from mirror.clients.connect_group import COORDINATOR_SECONDS, workers
from mirror.clients.other_groups import ListedGroup
from mirror.problems import CouldNotRead
from tests.unit.support.clock import Clock


class Admin:
    """A broker that lists no group, as where the user may not describe it; the last answer stays."""

    def __init__(self, described: Sequence[int]) -> None:
        self._described = list(described)

    def describe_consumer_groups(self, groups: list[str], **_: Any) -> dict[str, Future[Any]]:
        code = self._described.pop(0) if len(self._described) > 1 else self._described[0]
        answer: Future[Any] = Future()
        if code:
            answer.set_exception(KafkaException(KafkaError(code)))
        else:
            answer.set_result("dead")
        return dict.fromkeys(groups, answer)


class Access:
    def describe(self) -> str:
        return "west at localhost as User:CN=verifier"


class FakeCluster:
    """`listed`: what each list of groups has; the last one stays."""

    def __init__(self, described: Sequence[int], listed: Sequence[ListedGroup | None]) -> None:
        self.admin, self.access, self._listed = Admin(described), Access(), list(listed)

    def any_group(self, group: str) -> ListedGroup | None:
        return self._listed.pop(0) if len(self._listed) > 1 else self._listed[0]


def members(
    *described: int, listed: Sequence[ListedGroup | None] = (None,), clock: Clock | None = None
) -> int:
    return workers(cast(Cluster, FakeCluster(described, listed)), "east-to-west", clock or Clock())


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


@pytest.mark.parametrize("first", [KafkaError.NOT_COORDINATOR, KafkaError._TIMED_OUT])
def test_a_new_cluster_is_asked_again(first: int) -> None:
    """Brokers make the topic of offsets at the first question about a group: the first `pulumi up` to a new
    region ended with `Not coordinator`, or after 15 s with `Timed out`, and the second one deployed.
    """
    assert members(first, 0) == 0


def test_a_group_that_its_coordinator_knows_meanwhile_is_counted() -> None:
    there = ListedGroup("east-to-west", "Stable", "connect", 2, readable=True)
    assert members(KafkaError.COORDINATOR_LOAD_IN_PROGRESS, listed=(None, there)) == 2


def test_a_coordinator_that_does_not_come_is_not_awaited_for_ever() -> None:
    clock = Clock()
    with pytest.raises(CouldNotRead):
        members(KafkaError.COORDINATOR_NOT_AVAILABLE, clock=clock)
    assert clock.passed == COORDINATOR_SECONDS


def test_a_refusal_is_told_at_once() -> None:
    clock = Clock()
    with pytest.raises(CouldNotRead):
        members(KafkaError.GROUP_AUTHORIZATION_FAILED, clock=clock)
    assert clock.passed == 0
