"""A listing without the groups of one broker, or of the types that librdkafka leaves out, is not whole."""

from __future__ import annotations

import warnings
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import ConsumerGroupState, KafkaError, KafkaException

from mirror.clients.access import ScramCredential
from mirror.clients.cluster import Cluster
from mirror.clients.group_server import _listed
from mirror.clients.records import Unread
from mirror.problems import CouldNotRead
from tests.unit.support.mock_kafka import PlainAccess


def done(value: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(value)
    return future


class Admin:
    """Stands for the AdminClient of a cluster with these groups."""

    def __init__(self, consumer: list[str], every: list[tuple[str, str, str]], *errors: KafkaError) -> None:
        self.consumer, self.every, self.errors = consumer, every, list(errors)

    def list_consumer_groups(self, **_: Any) -> Future[Any]:
        valid = [SimpleNamespace(group_id=name, state=ConsumerGroupState.EMPTY) for name in self.consumer]
        return done(SimpleNamespace(valid=valid, errors=self.errors))

    def list_groups(self, **_: Any) -> list[Any]:
        warnings.warn("list_groups() is deprecated", DeprecationWarning, stacklevel=1)
        if self.errors:
            raise KafkaException(self.errors[0])
        return [
            SimpleNamespace(id=name, protocol_type=kind, state=state, error=None, members=[])
            for name, kind, state in self.every
        ]

    def describe_consumer_groups(self, groups: list[str], **_: Any) -> dict[str, Future[Any]]:
        dead = SimpleNamespace(state=ConsumerGroupState.DEAD, members=[])
        return {group: done(dead) for group in groups}


def cluster(*admin: Any) -> Cluster:
    made = Cluster(PlainAccess("unused", "", ScramCredential("nobody", ""), "east"))
    made._admin = Admin(*admin)  # type: ignore[assignment]
    made._group_helper.ask = lambda request, _: _listed(made.admin, request["list"])[0]  # type: ignore[assignment, index, method-assign]
    return made


EVERY = [
    ("billing", "consumer", "Empty"),
    ("kip-848", "", "Dead"),  # as the old request describes it
    ("worker", "connect", "Stable"),
    ("fan-out", "", "Dead"),
]


@pytest.mark.parametrize("listing", ["groups", "listed_groups", "group_states", "other_groups"])
def test_a_broker_that_does_not_answer_is_a_failure(listing: str) -> None:
    error = KafkaError(KafkaError._TIMED_OUT, "broker 2 timed out")
    with pytest.raises(CouldNotRead, match="broker 2 timed out"):
        getattr(cluster(["billing"], EVERY, error), listing)()


def test_groups_of_the_types_that_are_not_listed_are_found() -> None:
    assert cluster(["billing", "kip-848"], EVERY).other_groups() == ["fan-out"]
    assert cluster(["billing"], EVERY[:1]).other_groups() == []


def test_members_of_a_streams_group_are_unknown_and_a_group_that_is_not_there_has_none() -> None:
    members = cluster(["billing", "kip-848"], EVERY).members(["fan-out", "nowhere"])
    assert members["nowhere"] == 0
    assert isinstance(members["fan-out"], Unread)
