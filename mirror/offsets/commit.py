"""Sets groups' offsets, many groups at once: producers or clients wait for that, often in another region.
Groups that are set stay set if another one fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

import confluent_kafka
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException
from confluent_kafka.admin import AdminClient

from mirror.clients.access import ClusterAccess
from mirror.clients.connection import Errors, await_metadata
from mirror.offsets.applying import OffsetChange
from mirror.problems import CouldNotRead, one_line

SECONDS = 30.0
_AT_ONCE = 500
"""Groups, each with a request of its own."""


def commit(
    access: ClusterAccess, changes: Sequence[OffsetChange], done: Callable[[str, int], None] = lambda *_: None
) -> None:
    """Set the offsets. Calls `done` with each group that is set and its number of offsets.

    Raises CouldNotRead where the broker does not answer, or rejects those of a group, for example because it
    has members; CouldNotConnect.
    """
    refused = commit_all(access, changes, done)
    if refused:
        group, reason = min(refused.items())
        more = f", and of {len(refused) - 1:,} more" if len(refused) > 1 else ""
        raise CouldNotRead(
            f"setting the offsets of group {group}{more} on {access.describe()}",
            reason,
            "the other groups are set. Correct the cause and run the same command again: it sets the rest",
        )


def commit_all(
    access: ClusterAccess, changes: Sequence[OffsetChange], done: Callable[[str, int], None] = lambda *_: None
) -> dict[str, str]:
    """Set the offsets. Return why the broker rejected those of a group, by group.

    Raises CouldNotConnect where the cluster does not answer.
    """
    admin, refused = _admin(access), {}
    ordered = list(_by_group(changes))
    for first in range(0, len(ordered), _AT_ONCE):
        part = ordered[first : first + _AT_ONCE]
        pending = [_sent(admin, *one) for one in part]
        deadline = time.monotonic() + SECONDS + 5  # of all: they were sent together
        for (group, offsets), sent in zip(part, pending, strict=True):
            if reason := _answer(sent, max(0.0, deadline - time.monotonic())):
                refused[group] = reason
            else:
                done(group, len(offsets))
    return refused


def _admin(access: ClusterAccess) -> AdminClient:
    errors = Errors()
    config = {**access.client_config(), "error_cb": errors, "log_level": 0}
    admin = AdminClient({**config, "client.id": "region-mirror-offsets"})
    await_metadata(admin, access, errors)
    return admin


def _by_group(changes: Sequence[OffsetChange]) -> Iterator[tuple[str, list[confluent_kafka.TopicPartition]]]:
    ordered = sorted(changes, key=lambda change: (change.row.group, change.row.target))
    for group, of_group in groupby(ordered, key=lambda change: change.row.group):
        yield (
            group,
            [
                confluent_kafka.TopicPartition(
                    one.row.target.topic, one.row.target.partition, one.row.offset, one.metadata
                )
                for one in of_group
            ],
        )


def _sent(admin: AdminClient, group: str, offsets: list[confluent_kafka.TopicPartition]) -> Any:
    request = ConsumerGroupTopicPartitions(group, offsets)
    return admin.alter_consumer_group_offsets([request], request_timeout=SECONDS)[group]


def _answer(future: Any, seconds: float) -> str:
    """Why the broker rejected the offsets; empty where it accepted them."""
    try:
        answer = future.result(seconds)
    except KafkaException as error:
        return one_line(error.args[0].str())
    except TimeoutError:
        return "no answer in time"
    refused = [
        f"{one.topic}-{one.partition}: {one_line(one.error.str())}"
        for one in answer.topic_partitions
        if one.error is not None
    ]
    return "; ".join(refused)
