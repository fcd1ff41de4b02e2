"""Kafka as a test's own hand: topics, records and offsets, as super user, to break things on purpose."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    ElectionType,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from tests.lab.support.wait import until

Config = Mapping[str, Any]

ANSWER_SECONDS = 120
"""For a broker's answer. It asserts nothing: a broker of a machine with two labs may take long."""

_MOVING = (KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_LOAD_IN_PROGRESS)
"""The answers about a group while another broker takes it over."""


def administrator(config: Config) -> AdminClient:
    """A client for these properties, kept for the run: a login costs the broker more than a request."""
    return _administrator(tuple(sorted(config.items())))


@lru_cache(maxsize=32)
def _administrator(properties: tuple[tuple[str, Any], ...]) -> AdminClient:
    return AdminClient(dict(properties))


@dataclass(frozen=True)
class Record:
    """What a mirror must carry over unchanged, and where it lies."""

    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int
    headers: tuple[tuple[str, str | bytes | None], ...] = ()


def create_topic(config: Config, topic: str, partitions: int = 1) -> None:
    """A topic with the broker's defaults; fine when it is there already."""
    admin = administrator(config)
    try:
        admin.create_topics([NewTopic(topic, partitions)])[topic].result(ANSWER_SECONDS)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise


def delete_topic(config: Config, topic: str) -> None:
    """Remove the topic; fine when it is not there."""
    admin = administrator(config)
    try:
        admin.delete_topics([topic])[topic].result(ANSWER_SECONDS)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise


def configure(config: Config, topic: str, name: str, value: str | None) -> None:
    """Set one property of a topic; None removes it."""
    admin = administrator(config)
    operation = AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET
    entry = ConfigEntry(name, value, incremental_operation=operation)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    admin.incremental_alter_configs([resource])[resource].result(ANSWER_SECONDS)


def delete_records(config: Config, topic: str, before: int, *, partition: int = 0) -> None:
    """Remove the records before an offset, as retention does."""
    admin = administrator(config)
    where = TopicPartition(topic, partition, before)
    admin.delete_records([where])[where].result(ANSWER_SECONDS)


def topics(config: Config) -> set[str]:
    """The names of all topics."""
    admin = administrator(config)
    return set(admin.list_topics(timeout=ANSWER_SECONDS).topics)


def produce(config: Config, topic: str, values: Iterable[str], *, partition: int = 0) -> None:
    """Append records to one partition, all acknowledged; KafkaException when one is refused."""
    refused: list[KafkaError] = []
    producer = Producer({**config, "acks": "all", "enable.idempotence": False})

    def delivered(error: KafkaError | None, _: object) -> None:
        if error is not None:
            refused.append(error)

    for number, value in enumerate(values):
        producer.produce(topic, value.encode(), f"k{number}".encode(), partition, on_delivery=delivered)
    left = producer.flush(ANSWER_SECONDS)
    if refused:
        raise KafkaException(refused[0])
    assert left == 0, f"{left} records to {topic} were not acknowledged"


@contextmanager
def reader(config: Config) -> Iterator[Consumer]:
    """A consumer that belongs to no group and commits nothing."""
    consumer = Consumer(
        {
            **config,
            "group.id": f"scratch-reader-{uuid.uuid4()}",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
        }
    )
    try:
        yield consumer
    finally:
        consumer.close()


def read(config: Config, topic: str, *, partition: int = 0, start: int = 0) -> list[Record]:
    """The committed records of one partition from offset `start` to its end."""
    records: list[Record] = []
    with reader(config) as consumer:
        consumer.assign([TopicPartition(topic, partition, start)])
        while True:
            message = consumer.poll(ANSWER_SECONDS)
            late = f"{topic}-{partition} gave neither a record nor its end in {ANSWER_SECONDS} s"
            assert message is not None, late
            error = message.error()
            if error is None:
                offset, headers = message.offset(), message.headers() or []
                assert offset is not None
                assert isinstance(headers, list), "librdkafka keeps their order"
                records.append(
                    Record(offset, message.key(), message.value(), message.timestamp()[1], tuple(headers))
                )
            elif error.code() == KafkaError._PARTITION_EOF:
                return records
            else:
                raise KafkaException(error)


def contents(config: Config, topic: str) -> list[list[tuple[Any, ...]]]:
    """Key, value, timestamp and headers of every committed record, in order, by partition: all that a mirror
    has to carry over. Offsets are not part of it.
    """
    admin = administrator(config)
    partitions = admin.list_topics(topic, timeout=ANSWER_SECONDS).topics[topic].partitions
    return [
        [(one.key, one.value, one.timestamp, one.headers) for one in read(config, topic, partition=partition)]
        for partition in sorted(partitions)
    ]


def arrived(config: Config, topic: str, original: list[list[tuple[Any, ...]]]) -> None:
    """Wait until a copy holds as many records as its original (`contents`), and say that they are the same.

    A mirror that is some seconds behind is proven too.
    """
    wanted = sum(map(len, original))
    until(
        f"{wanted} records of {topic}",
        lambda: topic in topics(config) and sum(map(len, contents(config, topic))) >= wanted,
        seconds=90,
    )
    assert contents(config, topic) == original


def commit(config: Config, group: str, topic: str, offset: int, *, partition: int = 0) -> None:
    """Set a group's offset, as `kafka-consumer-groups --reset-offsets` does."""
    admin = administrator(config)
    request = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, partition, offset)])
    admin.alter_consumer_group_offsets([request])[group].result(ANSWER_SECONDS)


def committed(config: Config, group: str, topic: str, *, partition: int = 0) -> int:
    """A group's offset; -1001 (OFFSET_INVALID) when it has none.

    Asked by a consumer that joins nothing: AdminClient.list_consumer_group_offsets ends the process while a
    coordinator is still loading (librdkafka #5040).
    """
    consumer = Consumer({**config, "group.id": group, "enable.auto.commit": False})
    try:
        offset: int = consumer.committed([TopicPartition(topic, partition)], timeout=ANSWER_SECONDS)[0].offset
        return offset
    finally:
        consumer.close()


def commit_all(config: Config, group: str, topic: str, offsets: Mapping[int, int]) -> None:
    """Set a group's offsets, by partition, in one request."""
    partitions = [TopicPartition(topic, number, offset) for number, offset in offsets.items()]
    request = ConsumerGroupTopicPartitions(group, partitions)
    administrator(config).alter_consumer_group_offsets([request])[group].result(ANSWER_SECONDS)


def committed_all(config: Config, group: str, topic: str, partitions: int) -> dict[int, int]:
    """A group's offset of each partition, as `committed`."""
    consumer = Consumer({**config, "group.id": group, "enable.auto.commit": False})
    try:
        asked = [TopicPartition(topic, number) for number in range(partitions)]
        return {one.partition: one.offset for one in consumer.committed(asked, timeout=ANSWER_SECONDS)}
    finally:
        consumer.close()


def coordinators(config: Config, groups: Iterable[str]) -> dict[str, int]:
    """The broker that coordinates each group, asked by a new client: one that lasts asks a former one."""

    def asked() -> dict[str, int] | None:
        admin = AdminClient(dict(config))
        answers = admin.describe_consumer_groups(list(groups), request_timeout=ANSWER_SECONDS)
        try:
            return {group: answer.result(ANSWER_SECONDS).coordinator.id for group, answer in answers.items()}
        except KafkaException as error:
            if error.args[0].code() not in _MOVING:
                raise
            return None

    groups = tuple(groups)
    return until("the groups' coordinators", asked, seconds=ANSWER_SECONDS)


def brokers(config: Config) -> set[int]:
    """The brokers that the cluster has now."""
    return set(administrator(config).list_topics(timeout=ANSWER_SECONDS).brokers)


def leaders(config: Config, topic: str) -> set[int]:
    """The brokers that lead a partition of the topic; -1 for a partition without a leader."""
    found = administrator(config).list_topics(topic, timeout=ANSWER_SECONDS).topics[topic]
    return {partition.leader for partition in found.partitions.values()}


def elect_preferred_leaders(config: Config) -> None:
    """Let each partition be led by its first replica again, where that is in sync."""
    administrator(config).elect_leaders(ElectionType.PREFERRED).result(ANSWER_SECONDS)


def delete_group(config: Config, group: str) -> None:
    """Forget a group and its offsets; fine when there is none."""
    admin = administrator(config)
    try:
        admin.delete_consumer_groups([group])[group].result(ANSWER_SECONDS)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.GROUP_ID_NOT_FOUND:
            raise


@contextmanager
def member(config: Config, group: str, topic: str, client_id: str = "scratch") -> Iterator[None]:
    """A consumer that has joined a group and got its partitions, for a while; it commits nothing."""
    consumer = Consumer({**config, "group.id": group, "client.id": client_id, "enable.auto.commit": False})
    assigned, ends = threading.Event(), threading.Event()
    consumer.subscribe([topic], on_assign=lambda *_: assigned.set())

    def poll() -> None:
        while not ends.is_set():
            consumer.poll(0.2)

    polling = threading.Thread(target=poll, name=f"member of {group}", daemon=True)
    polling.start()
    try:
        until(f"{group} to be assigned {topic}", assigned.is_set, seconds=120)
        yield
    finally:
        ends.set()
        polling.join()
        consumer.close()


def reproduce(config: Config, topic: str, records: Iterable[Record]) -> None:
    """Write the same records again: key, value and timestamp as they were."""
    producer = Producer({**config, "acks": "all"})
    for record in records:
        producer.produce(topic, record.value, record.key, 0, timestamp=record.timestamp)
    assert producer.flush(ANSWER_SECONDS) == 0


def produce_at(config: Config, topic: str, value: str, milliseconds: int) -> None:
    """Append one record with this timestamp to partition 0."""
    producer = Producer({**config, "acks": "all"})
    producer.produce(topic, value.encode(), b"k", 0, timestamp=milliseconds)
    assert producer.flush(ANSWER_SECONDS) == 0
