"""Counts the workers of a Kafka Connect cluster: the members of its group, which is no consumer group."""

from __future__ import annotations

from concurrent.futures import TimeoutError as FutureTimeout

from confluent_kafka import KafkaError, KafkaException

from mirror.clients.answers import REQUEST_SECONDS
from mirror.clients.cluster import Cluster
from mirror.problems import CouldNotRead, one_line

_UNKNOWN = frozenset(
    {
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
    }
)


def workers(cluster: Cluster, group: str) -> int:
    """Count the members of a group of Connect. Raises CouldNotRead."""
    found = cluster.any_group(group)
    if found is None:
        _must_be_visible(cluster, group)
        return 0
    return found.members


def _must_be_visible(cluster: Cluster, group: str) -> None:
    """Raise CouldNotRead where the user may not describe the group, or its coordinator does not know it yet.
    A list of groups omits such a group silently (`KafkaApis.handleListGroupsRequest`), so it would seem to
    have no members.
    """
    answers = cluster.admin.describe_consumer_groups([group], request_timeout=REQUEST_SECONDS)
    try:
        answers[group].result(REQUEST_SECONDS + 5)
    except KafkaException as error:
        # librdkafka's own codes are below 0. Others mean that the group does not exist, or is one of Connect.
        code = error.args[0].code()
        if code < 0 or code in _UNKNOWN:
            raise _unreadable(cluster, group, one_line(error.args[0].str())) from error
    except FutureTimeout as error:
        raise _unreadable(cluster, group, "no answer in time") from error


def _unreadable(cluster: Cluster, group: str, reason: str) -> CouldNotRead:
    return CouldNotRead(
        f"counting the members of group {group} of {cluster.access.describe()}",
        reason,
        "check the broker's health and the user's ACLs: it needs Describe on it",
    )
