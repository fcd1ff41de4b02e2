"""Counts the workers of a Kafka Connect cluster: the members of its group, which is no consumer group."""

from __future__ import annotations

import time

from confluent_kafka import KafkaError

from mirror.clients.answers import REQUEST_SECONDS, settled
from mirror.clients.cluster import Cluster
from mirror.clients.records import Unread
from mirror.problems import CouldNotRead
from mirror.text.waiting import Clock

_ON_ITS_WAY = frozenset(
    {
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError._TIMED_OUT,
    }
)
"""The group's coordinator takes over, or there is none yet: brokers make the topic of offsets at the first
question about a group, and answer that one so. librdkafka asks twice more for it, and then for no answer.
"""
COORDINATOR_SECONDS = 20.0
_PAUSE_SECONDS = 0.5


def workers(cluster: Cluster, group: str, clock: Clock = time) -> int:
    """Count the members of a group of Connect. Raises CouldNotRead, of a coordinator that is on its way after
    COORDINATOR_SECONDS.
    """
    until = clock.monotonic() + COORDINATOR_SECONDS
    while (found := cluster.any_group(group)) is None:
        if not (hidden := _hidden(cluster, group)):
            return 0
        if hidden.code not in _ON_ITS_WAY or clock.monotonic() >= until:
            raise _unreadable(cluster, group, hidden.reason)
        clock.sleep(_PAUSE_SECONDS)
    return found.members


def _hidden(cluster: Cluster, group: str) -> Unread | None:
    """Return why the group may be there all the same: the user may not describe it, or its coordinator does
    not know it yet. A list of groups omits such a group silently (`KafkaApis.handleListGroupsRequest`), so it
    would seem to have no members.
    """
    answers = cluster.admin.describe_consumer_groups([group], request_timeout=REQUEST_SECONDS)
    answer = settled(answers[group])
    if not isinstance(answer, Unread):
        return None
    # librdkafka's own codes are below 0. Others mean that the group does not exist, or is one of Connect.
    unknown = {0, KafkaError.GROUP_AUTHORIZATION_FAILED, *_ON_ITS_WAY}
    return answer if answer.code < 0 or answer.code in unknown else None


def _unreadable(cluster: Cluster, group: str, reason: str) -> CouldNotRead:
    return CouldNotRead(
        f"counting the members of group {group} of {cluster.access.describe()}",
        reason,
        "check the broker's health and the user's ACLs: it needs Describe on it",
    )
