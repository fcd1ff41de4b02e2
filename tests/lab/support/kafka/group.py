"""Consumer groups: their offsets, coordinators and members."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import (
    AdminClient,
)

from tests.lab.support.kafka.client import ANSWER_SECONDS, Config, administrator, forget_administrators
from tests.lab.support.wait import until

_MOVING = (KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_LOAD_IN_PROGRESS)
"""The answers about a group while another broker takes it over."""


def commit(config: Config, group: str, topic: str, offset: int, *, partition: int = 0) -> None:
    """Set a group's offset, as `kafka-consumer-groups --reset-offsets` does."""
    commit_all(config, group, topic, {partition: offset})


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
    answer = administrator(config).alter_consumer_group_offsets([request])[group].result(ANSWER_SECONDS)
    # A partition that is refused is no error of the request.
    assert not [one.error for one in answer.topic_partitions if one.error is not None], answer


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


def delete_group(config: Config, group: str) -> None:
    """Forget a group and its offsets; fine when there is none."""
    admin = administrator(config)
    try:
        admin.delete_consumer_groups([group])[group].result(ANSWER_SECONDS)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.GROUP_ID_NOT_FOUND:
            raise


def delete_empty_group(config: Config, group: str) -> None:
    """Delete a group once it has no member; a killed member is missed after its session's timeout only. A
    client that has seen its cluster die may get no answer from the one that has come back: another is asked.
    """
    not_yet = (KafkaError.NON_EMPTY_GROUP, KafkaError._TIMED_OUT, *_MOVING)

    def deleted() -> bool:
        try:
            delete_group(config, group)
        except KafkaException as error:
            if error.args[0].code() not in not_yet:
                raise
            if error.args[0].code() != KafkaError.NON_EMPTY_GROUP:
                forget_administrators()
            return False
        return True

    until(f"group {group} to be empty", deleted, seconds=180)


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
