"""Thousands of partitions and groups on both clusters, as if a mirror had filled the target."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from lab.layout import Lab
from lab.region.clients import admin_client_config
from mirror.clients.records import TopicPartition as Partition
from mirror.mm2.connect_format import key, value
from settings.load import load
from settings.model import Settings
from settings.names import Names

PARTITIONS_A_TOPIC = 50


PARTITIONS_A_GROUP = 10


NAME = "bench-status"


SECONDS = 240.0


PARTITION_UA = -1
"""`RD_KAFKA_PARTITION_UA`: the partitioner decides."""


LATE = 10
"""Of so many partitions one is late, by some records."""


def settings() -> Settings:
    """A mirror of the bench's topics and groups."""
    side = {"namespace": "kafka", "authentication": "tls", "listener": "mtls"}
    return load({
        "source": {"alias": "east", "cluster": "east", "user": "nobody", **side},
        "target": {"alias": "west", "cluster": "west", **side},
        "mirror": {"name": NAME, "topics": [f"{NAME}-.*"], "groups": [f"{NAME}-.*"]},
    })  # fmt: skip


def names(partitions: int) -> list[str]:
    """The topics that hold so many partitions."""
    return [f"{NAME}-{number:04d}" for number in range(-(-partitions // PARTITIONS_A_TOPIC))]


def _wait(futures: Sequence[Any], borne: tuple[str, ...] = ()) -> None:
    for future in futures:
        try:
            future.result(SECONDS + 10)
        except KafkaException as error:
            if error.args[0].name() not in borne:
                raise


@contextmanager
def estate(lab: Lab, partitions: int, groups: int) -> Iterator[None]:
    """Topics, records, positions and groups; nothing of it is left."""
    topics, offsets = names(partitions), Names.of(settings()).offsets_topic
    with ExitStack() as undo:
        for region in ("east", "west"):
            admin = AdminClient(admin_client_config(lab, region))
            more = [offsets] if region == "west" else []
            undo.callback(_delete, admin, [*topics, *more], groups)
            new = [NewTopic(topic, PARTITIONS_A_TOPIC) for topic in topics] + [NewTopic(o, 25) for o in more]
            # One request for thousands of partitions would outlast the controller's patience.
            for first in range(0, len(new), 10):
                made = admin.create_topics(new[first : first + 10], request_timeout=SECONDS)
                _wait(list(made.values()), ("TOPIC_ALREADY_EXISTS",))
            _records(lab, region, topics, 3 if region == "east" else 2)
            _groups(admin, topics, groups, 2)
        _positions(lab, offsets, topics)
        yield


def _records(lab: Lab, region: str, topics: Sequence[str], count: int) -> None:
    _produce(
        lab,
        region,
        (
            (topic, number, None, b"x" * 100)
            for topic in topics
            for number in range(PARTITIONS_A_TOPIC)
            for _ in range(count if number % LATE == 0 else 2)
        ),
    )


def _positions(lab: Lab, topic: str, topics: Sequence[str]) -> None:
    connector = Names.of(settings()).source_connector
    _produce(
        lab,
        "west",
        (
            (topic, PARTITION_UA, key(connector, "east", Partition(one, number)), value(1))
            for one in topics
            for number in range(PARTITIONS_A_TOPIC)
        ),
    )


def _produce(lab: Lab, region: str, records: Iterable[tuple[str, int, bytes | None, bytes]]) -> None:
    """Write them all; AssertionError when one is refused."""
    refused: list[Any] = []
    producer = Producer(
        {
            **admin_client_config(lab, region),
            "linger.ms": 100,
            "message.timeout.ms": 600_000,
            # A controller that makes thousands of partitions tells of them late.
            "topic.metadata.propagation.max.ms": 300_000,
            "partitioner": "murmur2_random",
            "acks": 1,
        }
    )
    for topic, partition, its_key, its_value in records:
        producer.produce(
            topic,
            its_value,
            its_key,
            partition,
            on_delivery=lambda error, _: None if error is None else refused.append(error),
        )
        producer.poll(0)
    assert producer.flush(600) == 0
    assert not refused, refused[0]


def _groups(admin: AdminClient, topics: Sequence[str], groups: int, offset: int) -> None:
    for first in range(0, groups, 100):
        futures: list[Any] = []
        for number in range(first, min(groups, first + 100)):
            committed = [
                TopicPartition(
                    topics[(number + each) % len(topics)], (number + each) % PARTITIONS_A_TOPIC, offset
                )
                for each in range(PARTITIONS_A_GROUP)
            ]
            request = ConsumerGroupTopicPartitions(f"{NAME}-group-{number:05d}", committed)
            futures += admin.alter_consumer_group_offsets([request], request_timeout=SECONDS).values()
        _wait(futures)


def _delete(admin: AdminClient, topics: Sequence[str], groups: int) -> None:
    every = [f"{NAME}-group-{number:05d}" for number in range(groups)]
    for first in range(0, len(every), 200):
        some = admin.delete_consumer_groups(every[first : first + 200], request_timeout=SECONDS)
        _wait(list(some.values()), ("GROUP_ID_NOT_FOUND",))
    for first in range(0, len(topics), 10):
        gone = admin.delete_topics(list(topics[first : first + 10]), request_timeout=SECONDS)
        _wait(list(gone.values()), ("UNKNOWN_TOPIC_OR_PART",))
    # The next size makes topics of the same names: no broker may still lead one of these.
    ends = time.monotonic() + SECONDS
    while left := set(topics) & set(admin.list_topics(timeout=30).topics):
        assert time.monotonic() < ends, f"{len(left)} topics are still there"
        time.sleep(1)
