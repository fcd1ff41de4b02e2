"""Waits for the answers to requests of an AdminClient."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import TYPE_CHECKING, TypeVar

from confluent_kafka import KafkaError, KafkaException

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.problems import CouldNotRead, one_line

if TYPE_CHECKING:
    from mirror.clients.access import ClusterAccess

REQUEST_SECONDS = 15.0
"""After so long librdkafka gives a request up."""
_MARGIN_SECONDS = 5.0
_OUTDATED = frozenset(
    {
        KafkaError.FENCED_LEADER_EPOCH,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.NOT_LEADER_FOR_PARTITION,
    }
)
K = TypeVar("K")
V = TypeVar("V")


def settled(future: Future[V], seconds: float = REQUEST_SECONDS) -> V | Unread:
    """The answer, or why there is none. `seconds`: the request's own timeout, after which librdkafka answers
    itself, unless it cannot either."""
    return _settled(future, seconds + _MARGIN_SECONDS)


def all_settled(
    futures: Mapping[K, Future[V]], seconds: float = REQUEST_SECONDS, sent: float | None = None
) -> dict[K, V | Unread]:
    """The answers to requests that were sent together, as `settled`. All have the same time: a client that
    cannot answer any more would take it for each of thousands of partitions. `sent`: when, on the monotonic
    clock; now, if nothing is said.
    """
    deadline = (time.monotonic() if sent is None else sent) + seconds + _MARGIN_SECONDS
    found: dict[K, V | Unread] = {}
    for key, future in futures.items():
        answer = _settled(future, max(0.0, deadline - time.monotonic()))
        found[key] = answer
    return found


def _settled(future: Future[V], timeout: float) -> V | Unread:
    try:
        return future.result(timeout)
    except KafkaException as error:
        return Unread(_reason(error.args[0]), error.args[0].code())
    except FutureTimeout:
        return Unread("no answer in time")


def _reason(error: KafkaError) -> str:
    """The broker's text; where it has none (librdkafka says "ConsumerGroupDescribe: "), the code's name."""
    text = one_line(error.str())
    return f"{text} {error.name()}".lstrip() if not text or text.endswith(":") else text


def moved(answer: object) -> bool:
    """Whether a broker said that another one coordinates the group now."""
    return isinstance(answer, Unread) and answer.code == KafkaError.NOT_COORDINATOR


def outdated(answer: object) -> bool:
    """Whether a broker refused what the client believes of a partition's leader."""
    return isinstance(answer, Unread) and answer.code in _OUTDATED


def required(access: ClusterAccess, future: Future[V], what: str) -> V:
    """The answer to a question about the whole cluster. Raises CouldNotRead."""
    answer = settled(future)
    if isinstance(answer, Unread):
        raise CouldNotRead(
            f"asking {access.describe()} for {what}",
            answer.reason,
            "check the broker's health and the user's ACLs",
        )
    return answer


def bounds_of(partition: TopicPartition, answer: Bounds | Unread) -> Bounds:
    """Where a log begins and ends. Raises CouldNotRead where that was not read."""
    if isinstance(answer, Unread):
        raise CouldNotRead(
            f"reading the ends of {partition}", answer.reason, "check the brokers that hold it"
        )
    return answer


def not_there(answer: object) -> bool:
    """Whether a coordinator said that a group does not exist, as it does from DescribeGroups version 6 on
    (KIP-1043)."""
    return isinstance(answer, Unread) and (
        "GROUP_ID_NOT_FOUND" in answer.reason or "group id does not exist" in answer.reason.lower()
    )
