"""Sets groups' offsets on the target, a group at a time: what is set stays set when the next one fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

import confluent_kafka
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException
from confluent_kafka.admin import AdminClient

from mirror.clients.access import ClusterAccess
from mirror.clients.connection import Errors, await_metadata
from mirror.offsets.applying import Change
from mirror.problems import CouldNotRun, one_line

SECONDS = 30.0


def commit(
    access: ClusterAccess, changes: Sequence[Change], done: Callable[[str, int], None] = lambda *_: None
) -> None:
    """`done` hears of each group that is set, with how many offsets.

    Raises CouldNotRun at the first group that is refused; the broker refuses one that has members.
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
                "groups before it are set; put that right and run the same command again: it goes on here",
            )
        done(group, len(offsets))


def _set(admin: AdminClient, group: str, offsets: list[confluent_kafka.TopicPartition]) -> str:
    """What the broker has against it; empty for nothing."""
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
