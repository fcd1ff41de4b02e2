"""The consumers of a drill: members of production's groups, which tell each record that they are given."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from lab.drill.production import Group, Side
from lab.drill.tell import SILENT, Tell, number_of

QUIET_SECONDS = 2.0
"""A consumer that is given nothing for so long has read everything, once nobody writes any more."""
_METADATA_SECONDS = 20.0
_END_SECONDS = 60.0


class Reader(threading.Thread):
    """One member of a group on one cluster, until it is told to leave."""

    def __init__(self, group: Group, side: Side, tell: Tell) -> None:
        super().__init__(name=f"{side} {group.name}", daemon=True)
        self._group, self._side, self._tell = group, side, tell
        self._leaves, self._abandoned = threading.Event(), threading.Event()
        self._reads = 0

    def run(self) -> None:
        """Read, tell and commit; when told to leave, read what is there first."""
        consumer = Consumer(
            {
                **self._group.readers[self._side],
                "group.id": self._group.name,
                "enable.auto.commit": False,
                "session.timeout.ms": 10_000,
                "logger": SILENT,
            }
        )
        consumer.subscribe([self._group.topics[self._side]])
        read = last = time.monotonic()

        def has_read_all() -> bool:
            quiet = time.monotonic() - read > QUIET_SECONDS
            return self._leaves.is_set() and quiet and bool(consumer.assignment())

        while not has_read_all() and not self._abandoned.is_set():
            messages = [one for one in consumer.consume(500, timeout=0.1) if one.error() is None]
            for message in messages:
                self._tell.record(
                    "read", self._side, self._group.stream, number_of(message), group=self._group.name
                )
            if messages:
                read = time.monotonic()
                self._reads += len(messages)
            if messages and read - last > 1.0:
                self._commit(consumer)
                last = read
        if self._abandoned.is_set():
            return  # closing it would wait for a cluster that does not answer
        self._commit(consumer)
        consumer.close()

    def leave(self) -> None:
        """Ask it to read what is there, commit and leave the group."""
        self._leaves.set()

    def abandon(self) -> None:
        """End it without commit: its cluster does not answer."""
        self._abandoned.set()

    def _commit(self, consumer: Consumer) -> None:
        """Commit what was read. A cluster that is gone confirms no commit, and the consumer goes on."""
        positions = [one for one in consumer.position(consumer.assignment()) if one.offset >= 0]
        if not positions:
            return
        with suppress(KafkaException):
            consumer.commit(offsets=positions, asynchronous=False)
            self._tell.line(
                event="committed",
                at=round(time.time(), 4),
                side=self._side,
                group=self._group.name,
                reads=self._reads,
            )


def backlog(group: Group) -> Iterator[Message]:
    """The records at the source that the group has not read, without joining it."""
    config = {**group.readers["source"], "group.id": group.name, "enable.auto.commit": False}
    consumer = Consumer(config)
    try:
        topic = group.topics["source"]
        partitions = list(consumer.list_topics(topic, timeout=_METADATA_SECONDS).topics[topic].partitions)
        committed = consumer.committed(
            [TopicPartition(topic, one) for one in partitions], timeout=_METADATA_SECONDS
        )
        starts = {one.partition: max(one.offset, 0) for one in committed}
    finally:
        consumer.close()
    yield from read_all(group.readers["source"], topic, starts)


def read_all(
    config: Mapping[str, Any], topic: str, starts: Mapping[int, int] | None = None
) -> Iterator[Message]:
    """The records of a topic from these offsets (None: the beginning) to the present ends."""
    consumer = Consumer(
        {
            **config,
            "group.id": config.get("group.id", "drill"),
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    try:
        if starts is None:
            if topic not in consumer.list_topics(timeout=_METADATA_SECONDS).topics:
                return
            known = consumer.list_topics(topic, timeout=_METADATA_SECONDS).topics[topic].partitions
            starts = dict.fromkeys(known, 0)
        consumer.assign([TopicPartition(topic, number, offset) for number, offset in starts.items()])
        open_partitions = set(starts)
        deadline = time.monotonic() + _END_SECONDS
        while open_partitions:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{topic}: partitions {sorted(open_partitions)} do not end")
            for message in consumer.consume(1000, timeout=0.2):
                error = message.error()
                if error is None:
                    yield message
                elif error.code() == KafkaError._PARTITION_EOF:
                    open_partitions.discard(message.partition())
    finally:
        consumer.close()


def until(done: Callable[[], bool], seconds: float) -> bool:
    """Poll for a condition; whether it holds."""
    deadline = time.monotonic() + seconds
    while not (there := done()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return there
