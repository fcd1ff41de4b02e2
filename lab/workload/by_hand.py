"""What a person or a test does by hand: send one record, watch a topic, let a group go on elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
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
from lab.workload.groups import group_consumer
from lab.workload.records import Headers
from lab.workload.roster import GROUPS, TOPICS, Topic, group_named, topic_named
from lab.workload.seed import producer_settings
from lab.workload.topics import Offsets
from mirror.problems import CouldNotRun, one_line

SEND_SECONDS = 15.0
METADATA_SECONDS = 10.0
RESUME_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a record that was sent by hand is."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}: partition {self.partition}, offset {self.offset}"


@dataclass(frozen=True, slots=True)
class Resumed:
    """How a consumer group went on. Offsets by partition."""

    region: str
    group: str
    topic: str
    committed: Offsets
    """What was committed when it joined; a partition without a commit is absent."""
    first_read: Offsets
    """Offset of the first record it read in each partition; with nothing to read the partition is absent."""
    left_at: Offsets
    """What it committed in the end."""
    read: int
    at_end: bool
    """Whether it stopped because there was nothing left, not because it had read as many as it should."""

    def __str__(self) -> str:
        end = ", to the end" if self.at_end else ""
        lines = [f"group {self.group} on {self.topic} in {self.region}: read {self.read} records{end}"]
        for partition, offset in sorted(self.first_read.items()):
            stood = self.committed.get(partition)
            lines.append(
                f"  partition {partition:2}: "
                + ("nothing committed" if stood is None else f"committed {stood}")
                + f", resumed at {offset}, now {self.left_at[partition]}"
            )
        untouched = len(self.left_at) - len(self.first_read)
        if untouched:
            known = sum(
                partition in self.committed for partition in self.left_at.keys() - self.first_read.keys()
            )
            lines.append(
                f"  {untouched} other partitions: nothing read, {known} of them with a committed offset"
            )
        return "\n".join(lines)


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
        raise _unknown("topic", topic, [item.name for item in TOPICS])
    tried = f"sending a record to {topic} in region {cluster.region} as {user}"
    settings: dict[str, Any] = {"linger.ms": 0, "message.timeout.ms": int(seconds * 1000)}
    if known is not None and known.read_committed:
        settings["transactional.id"] = f"{known.name}-by-hand"
    producer = Producer(cluster.config(user, producer_settings(settings)))
    outcome: list[tuple[KafkaError | None, Message]] = []
    try:
        _partitions(producer, topic, tried, seconds)
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
        raise _refused(tried, error.args[0]) from error
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
        raise _unknown("topic", topic, [item.name for item in TOPICS])
    tried = f"watching {topic} in region {cluster.region} as {user}"
    stopping = stopping or Event()
    consumer = Consumer(
        cluster.consumer_config(
            user,
            known.reader_group or f"{topic}-reader",
            "read_committed" if known.read_committed else "read_uncommitted",
            {"fetch.wait.max.ms": 100},
        )
    )
    try:
        starts = [
            TopicPartition(
                topic, partition, 0 if from_beginning else consumer_end(consumer, topic, partition)
            )
            for partition in _partitions(consumer, topic, tried)
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
                    raise _refused(tried, error)
    except KafkaException as error:
        raise _refused(tried, error.args[0]) from error
    finally:
        consumer.close()


def consumer_end(consumer: Consumer, topic: str, partition: int) -> int:
    """The end offset, asked for now: OFFSET_END would be looked up later and miss what arrives until then."""
    watermarks = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=METADATA_SECONDS)
    return watermarks[1] if watermarks else OFFSET_END


def resume(
    cluster: Cluster,
    group: str,
    topic: str | None = None,
    most: int | None = None,
    user: str | None = None,
    seconds: float = RESUME_SECONDS,
) -> Resumed:
    """Join `group` as its own user, read on from what is committed, commit and leave.

    Reads at most `most` records, all there are when None. On the target the user logs in with the password
    of its source Secret: that is what a consumer that is moved over does. Raises CouldNotRun.
    """
    known = group_named(group)
    user, topic = user or (known.user if known else None), topic or (known.topic if known else None)
    if user is None or topic is None:
        raise _unknown("group", group, [item.name for item in GROUPS])
    tried = f"going on as group {group} on {topic} in region {cluster.region} as {user}"
    consumer = group_consumer(cluster, group, user, known.isolation_level if known else "read_uncommitted")
    committed: Offsets = {}
    assigned: list[int] = []

    def on_assign(consumer: Consumer, partitions: list[TopicPartition]) -> None:
        assigned[:] = [partition.partition for partition in partitions]
        for position in consumer.committed(partitions, timeout=METADATA_SECONDS):
            if position.offset >= 0:
                committed[position.partition] = position.offset

    first: Offsets = {}
    reached: Offsets = {}
    ended: set[int] = set()
    read = 0
    deadline = time.monotonic() + seconds
    try:
        expected = len(_partitions(consumer, topic, tried))
        consumer.subscribe([topic], on_assign=on_assign)
        while (most is None or read < most) and len(ended) < expected:
            if time.monotonic() > deadline:
                raise CouldNotRun(
                    tried,
                    f"after {seconds:.0f} s: {len(assigned)} of {expected} partitions, {read} records",
                    "see whether other members hold the rest",
                )
            for message in consumer.consume(min(500, (most or read + 500) - read), timeout=0.5):
                error = message.error()
                partition, offset = message.partition(), message.offset()
                if error is not None and error.code() != KafkaError._PARTITION_EOF:
                    if error.retriable():
                        continue
                    raise _refused(tried, error)
                assert partition is not None
                assert offset is not None
                if error is not None:
                    ended.add(partition)
                    reached[partition] = offset
                    continue
                ended.discard(partition)
                first.setdefault(partition, offset)
                reached[partition] = offset + 1
                read += 1
        left_at = {partition: reached.get(partition, committed.get(partition, 0)) for partition in assigned}
        if reached:
            consumer.commit(
                offsets=[TopicPartition(topic, partition, offset) for partition, offset in reached.items()],
                asynchronous=False,
            )
    except KafkaException as error:
        raise _refused(tried, error.args[0]) from error
    finally:
        consumer.close()
    return Resumed(cluster.region, group, topic, committed, first, left_at, read, len(ended) == expected)


def _partitions(
    client: Consumer | Producer, topic: str, tried: str, seconds: float = METADATA_SECONDS
) -> list[int]:
    metadata = client.list_topics(topic, timeout=seconds).topics[topic]
    if metadata.error is not None:
        raise _refused(tried, metadata.error)
    return sorted(metadata.partitions)


def _refused(tried: str, error: KafkaError) -> CouldNotRun:
    ways_out: Mapping[int, str] = {
        KafkaError.UNKNOWN_TOPIC_OR_PART: "see that the topic exists there and that the user may Describe it",
        KafkaError.TOPIC_AUTHORIZATION_FAILED: "see that the user's KafkaUser is Ready there, with its ACLs",
        KafkaError.GROUP_AUTHORIZATION_FAILED: "see that the user's KafkaUser is Ready there, with its ACLs",
        KafkaError._AUTHENTICATION: "see that the KafkaUser is Ready there, with its source's password",
    }
    return CouldNotRun(
        tried,
        one_line(error.str()),
        ways_out.get(error.code(), "see that the brokers run: `python -m lab status`"),
    )


def _unknown(what: str, name: str, known: list[str]) -> CouldNotRun:
    return CouldNotRun(
        f"looking for the user of {what} {name}",
        f"the workload has the {what}s {', '.join(known)}",
        "name one of them, or say as whom with --user (and --topic)",
    )
