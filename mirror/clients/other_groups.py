"""Finds groups that are no consumer groups: streams groups (KIP-1071), share groups (KIP-932), Connect's.

librdkafka 2.16 lists only groups whose protocol type is `consumer` or empty (`rd_kafka_ListConsumerGroups`).
It describes the others as it describes a group that does not exist: DEAD, without members and without an
error. The older `rd_kafka_list_groups` shows every group, streams and share groups as Dead and without a
protocol type. It is deprecated, and there is no other way with confluent-kafka 2.16.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from confluent_kafka import KafkaError

from mirror.clients.group_helper import GroupHelper
from mirror.problems import CouldNotRead

WHAT = "a streams or share group (KIP-1071, KIP-932)"
MEMBERS_UNSEEN = f"it is {WHAT} there, whose members this client cannot see"


class ListedGroup(NamedTuple):
    """A group of any type, as `ListGroups` and `DescribeGroups` show it."""

    group: str
    state: str
    protocol_type: str
    members: int
    readable: bool


def other_groups(helper: GroupHelper, consumer_groups: Callable[[], Collection[str]]) -> list[str]:
    """The groups that are no consumer groups, of those that the user may describe: two requests a broker.

    `consumer_groups` lists the others; it is called afterwards, so that a new consumer group is not mistaken.
    Raises CouldNotRead, also where only one broker does not answer.
    """
    of_no_type = sorted(
        one.group
        for one in _listed(helper, None)
        if one.readable and one.state == "Dead" and not one.protocol_type
    )
    if not of_no_type:
        return []
    known = consumer_groups()
    return [group for group in of_no_type if group not in known]


def described(helper: GroupHelper, group: str) -> ListedGroup | None:
    """Describe one group of any type; None where it does not exist or the user may not describe it.

    Raises CouldNotRead.
    """
    found = _listed(helper, group)
    return found[0] if found else None


def _listed(helper: GroupHelper, group: str | None) -> list[ListedGroup]:
    what = "all groups" if group is None else f"group {group}"
    answer = helper.ask({"list": group}, what)
    problems = [answer["failed"]]
    if group is not None:
        problems += [one["error"] for one in answer["groups"]]
    for problem in problems:
        if problem is not None and problem["code"] != KafkaError.GROUP_ID_NOT_FOUND:
            raise CouldNotRead(
                f"listing {what} of {helper.access.describe()}",
                problem["reason"],
                "check the health of its brokers, and that the user may Describe groups",
            )
    return [
        ListedGroup(
            one["id"], one["state"], one["protocol_type"], one["members"], readable=one["error"] is None
        )
        for one in answer["groups"]
    ]
