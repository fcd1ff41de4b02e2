"""A group with the new protocol (KIP-848) that shares out partitions has a state that librdkafka lacks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import ConsumerGroupState, KafkaError

from mirror.clients.access import ScramCredential
from mirror.clients.cluster import Cluster
from mirror.clients.group_states import is_idle, with_members
from mirror.clients.records import Unread
from tests.unit.clients.test_groups_are_listed_whole import done
from tests.unit.support.mock_kafka import PlainAccess


class Admin:
    """The AdminClient of a cluster with a group in each state; it notes which are described."""

    def __init__(self) -> None:
        self.described: list[str] = []

    def list_consumer_groups(self, **_: Any) -> Any:
        valid = [SimpleNamespace(group_id=one.name, state=one) for one in ConsumerGroupState]
        return done(SimpleNamespace(valid=valid, errors=[]))

    def describe_consumer_groups(self, groups: list[str], **_: Any) -> dict[str, Any]:
        self.described += groups
        busy = SimpleNamespace(state=ConsumerGroupState.UNKNOWN, members=["a member"])
        return {group: done(busy) for group in groups}


def test_a_group_in_a_state_that_the_client_lacks_is_asked_for_its_members() -> None:
    made = Cluster(PlainAccess("unused", "", ScramCredential("nobody", ""), "east"))
    made._admin = admin = Admin()  # type: ignore[assignment]
    assert made.listed_groups() == {
        "UNKNOWN": True,
        "PREPARING_REBALANCING": True,
        "COMPLETING_REBALANCING": True,
        "STABLE": True,
        "DEAD": False,
        "EMPTY": False,
    }
    assert admin.described == ["UNKNOWN"]
    assert made.groups() == sorted(one.name for one in ConsumerGroupState)
    assert admin.described == ["UNKNOWN"], "names need no description"


@pytest.mark.parametrize(
    ("answer", "active"),
    [(0, False), (2, True), (Unread(KafkaError(KafkaError._TIMED_OUT).str()), True)],
)
def test_members_decide_and_an_unknown_number_is_not_none(answer: int | Unread, active: bool) -> None:
    assert with_members({"billing": "UNKNOWN"}, lambda _: {"billing": answer}) == {"billing": active}


@pytest.mark.parametrize("state", ["Assigning", "Reconciling", "UNKNOWN", "Stable", "not listed", ""])
def test_states_that_may_have_members(state: str) -> None:
    assert not is_idle(state)


@pytest.mark.parametrize("state", ["EMPTY", "Empty", "DEAD", "Dead"])
def test_states_without_members(state: str) -> None:
    assert is_idle(state)
