"""A consumer that joined its group on the target fails groups-idle-on-target, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from confluent_kafka import Consumer

from tests.lab.support import kafka
from tests.lab.support.drill import drill
from tests.lab.support.lab import Regions
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

READ = 10


@contextmanager
def joined(config: Mapping[str, Any], group: str, topic: str) -> Iterator[None]:
    """A member of the group that has its partitions and commits nothing."""
    consumer = Consumer({**config, "group.id": group, "client.id": "too-early", "enable.auto.commit": False})
    try:
        consumer.subscribe([topic])

        def assigned() -> bool:
            consumer.poll(0.5)
            return bool(consumer.assignment())

        until(f"{group} to be assigned {topic}", assigned, seconds=120)
        yield
    finally:
        consumer.close()


def test_a_consumer_that_joined_too_early_fails_exactly_this_check(proven: Stack, regions: Regions) -> None:
    # Two steps: a commit of MM2 lies between what the group has read and what it has not.
    with drill(regions, records=READ) as topic:
        topic.produce(*(f"unread {number}" for number in range(READ)))
        topic.mirrored(2 * READ)
        group = f"{topic.topic}-readers"
        kafka.commit(regions.kafka("east"), group, topic.topic, READ)
        try:
            until(
                "the group's translation",
                lambda: kafka.committed(regions.kafka("west"), group, topic.topic) > 0,
                seconds=120,
            )
            until("a proven mirror", lambda: not proven.failed_checks(), seconds=120)
            with joined(regions.kafka("west"), group, topic.topic):
                until(
                    "groups-idle-on-target alone to fail",
                    lambda: proven.failed_checks() == {"groups-idle-on-target"},
                    seconds=120,
                )
                ran = proven.verify("--check", "groups-idle-on-target")
                assert ran.code == 1
                assert group in ran.output
                assert "too-early" in ran.output
        finally:
            kafka.delete_group(regions.kafka("east"), group)
            kafka.delete_group(regions.kafka("west"), group)
