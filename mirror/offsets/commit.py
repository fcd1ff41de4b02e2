"""Sets groups' offsets: one group after the other, up to the first that is refused, or all at once. Groups
that are set stay set if another one fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

import confluent_kafka
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException
from confluent_kafka.admin import AdminClient

from mirror.clients.access import ClusterAccess
from mirror.clients.connection import Errors, await_metadata
from mirror.offsets.applying import OffsetChange
from mirror.problems import CouldNotRun, one_line

SECONDS = 30.0


def commit(
    access: ClusterAccess, changes: Sequence[OffsetChange], done: Callable[[str, int], None] = lambda *_: None
) -> None:
    """Set the offsets. Calls `done` with each group that is set and its number of offsets.

    Raises CouldNotRun at the first group that the broker rejects, for example because it has members.
    """
    admin = _admin(access)
    for group, offsets in _by_group(changes):
        refused = _answer(_sent(admin, group, offsets))
        if refused:
            raise CouldNotRun(
                f"setting the offsets of group {group} on {access.describe()}",
                refused,
                "the groups before it are set. Correct the cause and run the same command again: it "
                "sets the rest",
            )
        done(group, len(offsets))


def commit_all(access: ClusterAccess, changes: Sequence[OffsetChange]) -> dict[str, str]:
    """Set the offsets of all groups at once. Return why the broker rejected those of a group, by group.

    Raises CouldNotConnect where the cluster does not answer.
    """
    admin = _admin(access)
    sent = {group: _sent(admin, group, offsets) for group, offsets in _by_group(changes)}
    answers = {group: _answer(future) for group, future in sent.items()}
    return {group: refused for group, refused in answers.items() if refused}


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


def _answer(future: Any) -> str:
    """Why the broker rejected the offsets; empty where it accepted them."""
    try:
        answer = future.result(SECONDS + 5)
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
