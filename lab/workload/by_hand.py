"""What a person or a test does by hand: send one record, watch a topic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event
from typing import Any

from confluent_kafka import (
    OFFSET_END,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)

from lab.workload.connection import Cluster
from lab.workload.loading import producer_settings
from lab.workload.records import Headers
from lab.workload.refusals import Said, partitions_of, refused, unknown
from lab.workload.roster import TOPICS, Topic, topic_named
from mirror.problems import CouldNotRun

SEND_SECONDS = 15.0
METADATA_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a record that was sent by hand is."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}: partition {self.partition}, offset {self.offset}"


def send(
    cluster: Cluster,
    topic: str,
    key: str | None,
    value: str | None,
    headers: Headers = (),
    user: str | None = None,
    seconds: float = SEND_SECONDS,
) -> Sent:
    """Produce one record as the topic's own producer; `value` None is a tombstone. Raises CouldNotRun."""
    known = topic_named(topic)
    user = user or (known.producer if known else None)
    if user is None:
        raise unknown("topic", topic, [item.name for item in TOPICS])
    tried = f"sending a record to {topic} in region {cluster.region} as {user}"
    settings: dict[str, Any] = {"linger.ms": 0, "message.timeout.ms": int(seconds * 1000)}
    if known is not None and known.read_committed:
        settings["transactional.id"] = f"{known.name}-by-hand"
    said = Said()
    producer = Producer(cluster.config(user, producer_settings(settings | {"error_cb": said})))
    outcome: list[tuple[KafkaError | None, Message]] = []
    try:
        partitions_of(producer, topic, tried, said, seconds)
        if "transactional.id" in settings:
            producer.init_transactions(seconds)
            producer.begin_transaction()
        producer.produce(
            topic,
            key=None if key is None else key.encode(),
            value=None if value is None else value.encode(),
            headers=list(headers),
            on_delivery=lambda error, message: outcome.append((error, message)),
        )
        producer.flush(seconds)
        if outcome and outcome[0][0] is not None:
            raise KafkaException(outcome[0][0])
        if "transactional.id" in settings:
            producer.commit_transaction(seconds)
    except KafkaException as error:
        raise refused(tried, error.args[0], said) from error
    if not outcome:
        raise CouldNotRun(
            tried,
            f"no answer within {seconds:.0f} s",
            "see that the brokers run: `python -m lab status`",
        )
    message = outcome[0][1]
    return Sent(topic, message.partition() or 0, message.offset() or 0)


def watch(
    cluster: Cluster,
    topic: str,
    user: str | None = None,
    from_beginning: bool = False,
    stopping: Event | None = None,
    ready: Callable[[], None] | None = None,
) -> Iterator[Message]:
    """Records of `topic` as they appear, read as the topic's own consumer, until `stopping`.

    Joins no group and commits nothing. `ready` is called when every record from now on will be seen.
    Raises CouldNotRun.
    """
    known = topic_named(topic) or Topic(topic, 0, 0, None, "", "")
    user = user or known.consumer
    if not user:
        raise unknown("topic", topic, [item.name for item in TOPICS])
    tried = f"watching {topic} in region {cluster.region} as {user}"
    stopping = stopping or Event()
    said = Said()
    consumer = Consumer(
        cluster.consumer_config(
            user,
            known.reader_group or f"{topic}-reader",
            "read_committed" if known.read_committed else "read_uncommitted",
            {"fetch.wait.max.ms": 100, "error_cb": said},
        )
    )
    try:
        starts = [
            TopicPartition(
                topic, partition, 0 if from_beginning else consumer_end(consumer, topic, partition)
            )
            for partition in partitions_of(consumer, topic, tried, said)
        ]
        consumer.assign(starts)
        if ready is not None:
            ready()
        while not stopping.is_set():
            for message in consumer.consume(100, timeout=0.2):
                error = message.error()
                if error is None:
                    yield message
                elif not error.retriable() and error.code() != KafkaError._TRANSPORT:
                    raise refused(tried, error, said)
    except KafkaException as error:
        raise refused(tried, error.args[0], said) from error
    finally:
        consumer.close()


def consumer_end(consumer: Consumer, topic: str, partition: int) -> int:
    """The end offset, asked for now: OFFSET_END would be looked up later and miss what arrives until then."""
    watermarks = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=METADATA_SECONDS)
    return watermarks[1] if watermarks else OFFSET_END
