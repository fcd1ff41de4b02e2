"""The quarantine topics on the target: their names, and their creation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from mirror.clients.topics import Topics
from mirror.problems import CouldNotRun, one_line

SUFFIX = ".recovered"
SECONDS = 30.0
CONFIG = {
    # Records keep their timestamps: a limit would delete old ones at once, and compaction those of one key.
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "cleanup.policy": "delete",
    "message.timestamp.type": "CreateTime",
}


def quarantine(topic: str) -> str:
    """Name the quarantine topic of a topic of the target."""
    return topic + SUFFIX


def create(
    config: Mapping[str, Any],
    where: str,
    topics: Topics,
    wanted: Mapping[str, int],
    largest: Mapping[str, str],
) -> None:
    """Create the topics that are missing, and wait for their leaders. `wanted`: name -> partitions.
    `largest`: name -> `max.message.bytes`. Raises CouldNotRun, also where one has too few partitions.
    """
    short = {name: count for name, count in wanted.items() if name in topics.target}
    for name, count in short.items():
        if topics.target[name].partitions < count:
            raise CouldNotRun(
                f"writing to topic {name} on {where}",
                f"it has {topics.target[name].partitions} partitions, and the source topic has {count}",
                f"add partitions: `kafka-topics.sh --alter --topic {name} --partitions {count}`",
            )
    new = [
        NewTopic(
            name,
            count,
            -1,
            config={**CONFIG, **({"max.message.bytes": largest[name]} if name in largest else {})},
        )
        for name, count in wanted.items()
        if name not in short
    ]
    if not new:
        return
    admin = AdminClient({**config, "client.id": "region-mirror-recover", "log_level": 0})
    for name, future in admin.create_topics(new, request_timeout=SECONDS, operation_timeout=SECONDS).items():
        try:
            future.result(SECONDS + 5)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise CouldNotRun(
                    f"creating topic {name} on {where}",
                    one_line(error.args[0].str()),
                    "create it with as many partitions as the source topic has and `retention.ms=-1`, or "
                    "give a login that may create it: --target-admin-config FILE",
                ) from error
