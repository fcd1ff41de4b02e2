"""Sets groups' offsets on the target, one group after the other. Groups that are set stay set if one
fails.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

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
    errors = Errors()
    config = {**access.client_config(), "error_cb": errors, "log_level": 0}
    admin = AdminClient({**config, "client.id": "region-mirror-offsets"})
    await_metadata(admin, access, errors)
    ordered = sorted(changes, key=lambda change: (change.row.group, change.row.target))
    for group, of_group in groupby(ordered, key=lambda change: change.row.group):
        offsets = [
            confluent_kafka.TopicPartition(row.target.topic, row.target.partition, row.offset)
            for row in (change.row for change in of_group)
        ]
        refused = _set(admin, group, offsets)
        if refused:
            raise CouldNotRun(
                f"setting the offsets of group {group} on {access.describe()}",
                refused,
                "the groups before it are set. Correct the cause and run the same command again: it "
                "sets the rest",
            )
        done(group, len(offsets))


def _set(admin: AdminClient, group: str, offsets: list[confluent_kafka.TopicPartition]) -> str:
    """Why the broker rejected the offsets; empty where it accepted them."""
    request = ConsumerGroupTopicPartitions(group, offsets)
    try:
        answer = admin.alter_consumer_group_offsets([request], request_timeout=SECONDS)[group].result(
            SECONDS + 5
        )
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
