"""Finds groups that are no consumer groups: streams groups (KIP-1071) and share groups (KIP-932).

librdkafka 2.16 lists only groups whose protocol type is `consumer` or empty (`rd_kafka_ListConsumerGroups`).
It describes the others as it describes a group that does not exist: DEAD, without members and without an
error. The older `rd_kafka_list_groups` shows every group, these as Dead and without a protocol type. It is
deprecated, and there is no other way with confluent-kafka 2.16.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Collection
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from mirror.clients.access import ClusterAccess
from mirror.clients.answers import REQUEST_SECONDS
from mirror.problems import CouldNotRead, one_line

WHAT = "a streams or share group (KIP-1071, KIP-932)"
MEMBERS_UNSEEN = f"it is {WHAT} there, whose members this client cannot see"
_ONE_AT_A_TIME = threading.Lock()
"""`warnings.catch_warnings` is not for several threads."""


def other_groups(
    admin: AdminClient, access: ClusterAccess, consumer_groups: Callable[[], Collection[str]]
) -> list[str]:
    """The groups that are no consumer groups, of those that the user may describe: two requests a broker.

    `consumer_groups` lists the others; it is called afterwards, so that a new consumer group is not mistaken.
    Raises CouldNotRead, also where only one broker does not answer.
    """
    try:
        with _ONE_AT_A_TIME, warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            listed: list[Any] = admin.list_groups(timeout=REQUEST_SECONDS)
    except KafkaException as error:
        raise CouldNotRead(
            f"listing all groups of {access.alias}",
            one_line(error.args[0].str()),
            "check the health of its brokers, and that the user may Describe groups",
        ) from error
    of_no_type = sorted(group.id for group in listed if _without_type(group))
    if not of_no_type:
        return []
    known = consumer_groups()
    return [group for group in of_no_type if group not in known]


def _without_type(group: Any) -> bool:
    return group.error is None and group.state == "Dead" and not group.protocol_type
