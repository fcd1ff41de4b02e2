"""Reads ranges of offsets of many partitions together with one consumer, which never commits."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, TypeVar

import confluent_kafka
from confluent_kafka import Consumer, KafkaError, KafkaException

from mirror.clients.access import ClusterAccess
from mirror.clients.connection import Errors, explain
from mirror.clients.known_topics import KnownTopics
from mirror.clients.messages import entry_of, pair_of, record_of
from mirror.clients.records import Entry, ReadTo, TopicPartition, Unread, Window
from mirror.clients.stretches import Passing, Progress, Stretch, take
from mirror.problems import one_line

# With librdkafka's default of 500 ms every change of assignment would wait so long.
FETCH_WAIT_MS = 5
READ_SECONDS = 45.0
_WAVES = 10
"""Times as long as one stretch of each partition may take, all of them may."""
# Bytes of one fetch for all partitions: some hundred small stretches in one round trip.
_FETCH_LEAST = 4 * 1024 * 1024
_BATCH = 2000
# Where stretches end early: librdkafka drops the rest of what it fetched before it becomes Python objects.
_BATCH_OF_LITTLE = 32
# `consume` waits so long for a full batch, also where a stretch has fewer records left.
_TURN_SECONDS = 0.004
T = TypeVar("T")


class Reader:
    """A consumer with manual assignment that never joins a group and never commits.

    Partition EOF (`enable.partition.eof`) shows that a log has no further committed record. So transaction
    markers, aborted records and compacted offsets are never mistaken for missing records.
    """

    def __init__(
        self,
        access: ClusterAccess,
        isolation_level: str = "read_committed",
        partition_bytes: int = 1024 * 1024,
        ahead: int = 100_000,
    ) -> None:
        self.access = access
        self.errors = Errors()
        self._turn = threading.Lock()  # one assignment at a time
        config = {
            **access.client_config(),
            "group.id": "region-mirror-verify",  # required by librdkafka; the group is never joined
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "enable.partition.eof": True,
            "isolation.level": isolation_level,
            # Retention may delete records after the start was read: continue at the first existing one.
            "auto.offset.reset": "earliest",
            "queued.min.messages": ahead,  # while so many wait to be consumed, nothing more is fetched
            "fetch.queue.backoff.ms": 1,  # the default of 1,000 stalls a fast Python consumer
            "fetch.wait.max.ms": FETCH_WAIT_MS,
            # Smaller where only a few records are read from each of many partitions.
            "fetch.message.max.bytes": partition_bytes,
            # The limit for a compacted partition, which librdkafka asks more and more for (see `take`).
            "fetch.max.bytes": max(_FETCH_LEAST, 8 * partition_bytes),
            "queued.max.messages.kbytes": 32 * 1024,
            "client.id": "region-mirror-verify",
            "error_cb": self.errors,
            "log_level": 0,
        }
        try:
            self._consumer = Consumer(config)
        except KafkaException as error:
            raise explain(access, [(KafkaError._SSL, one_line(error.args[0].str()))]) from error
        self._known = KnownTopics(self._consumer)

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._consumer.close()

    def records(
        self, stretches: Iterable[Stretch], seconds: float = READ_SECONDS
    ) -> dict[TopicPartition, list[Window | Unread]]:
        """The records of each stretch as digests, by partition, in the order of its stretches."""
        found: dict[TopicPartition, list[Window | Unread]] = defaultdict(list)
        for progress in self._read(stretches, record_of, seconds):
            stretch = progress.stretch
            found[stretch.partition].append(
                Unread(progress.failure)
                if progress.failure is not None
                else Window(stretch.start, progress.next, progress.items, progress.at_end)
            )
        return found

    def messages(
        self, starts: Mapping[TopicPartition, tuple[int, int]], seconds: float = READ_SECONDS
    ) -> dict[TopicPartition, list[tuple[bytes | None, bytes | None]] | Unread]:
        """Keys and values between two offsets of each partition, for topics of MM2 and Connect."""
        return self._between(starts, pair_of, seconds)

    def entries(
        self, starts: Mapping[TopicPartition, tuple[int, int]], seconds: float = READ_SECONDS
    ) -> dict[TopicPartition, list[Entry] | Unread]:
        """Keys and values with offsets and timestamps, for topics of MM2 and Connect."""
        return self._between(starts, entry_of, seconds)

    def pass_on(
        self,
        starts: Mapping[TopicPartition, tuple[int, int]],
        convert: Callable[[Any], T],
        to: Callable[[TopicPartition], Callable[[T], None]],
        seconds: float = READ_SECONDS,
    ) -> dict[TopicPartition, ReadTo]:
        """Hand each record between two offsets of each partition on to what `to` returns for the partition,
        in the partition's order, also where it is not read to its end. No record is kept.
        """
        stretches = [Stretch(one, start, stop) for one, (start, stop) in starts.items()]
        return {
            progress.stretch.partition: ReadTo(progress.next, progress.failure or "", progress.late)
            for progress in self._read(stretches, convert, seconds, lambda one: Passing(to(one.partition)))
        }

    def _between(
        self,
        starts: Mapping[TopicPartition, tuple[int, int]],
        convert: Callable[[Any], T],
        seconds: float,
    ) -> dict[TopicPartition, list[T] | Unread]:
        stretches = [Stretch(one, start, stop) for one, (start, stop) in starts.items()]
        return {
            one.stretch.partition: one.items if one.failure is None else Unread(one.failure)
            for one in self._read(stretches, convert, seconds)
        }

    def _read(
        self,
        stretches: Iterable[Stretch],
        convert: Callable[[Any], T],
        seconds: float,
        items: Callable[[Stretch], list[T]] = lambda _: [],
    ) -> list[Progress[T]]:
        """Read in waves, because a consumer has one position in a partition: the first stretch of every
        partition, then the second one, and so on. `items`: what gets the items of a stretch. `seconds`: for
        each wave."""
        waves: list[dict[TopicPartition, Progress[T]]] = []
        count: dict[TopicPartition, int] = defaultdict(int)
        every: list[Progress[T]] = []
        for stretch in stretches:
            progress: Progress[T] = Progress(stretch, stretch.start, items(stretch))
            every.append(progress)
            if stretch.start >= stretch.stop:
                progress.at_end = True
                continue
            wave = count[stretch.partition]
            count[stretch.partition] += 1
            if wave == len(waves):
                waves.append({})
            waves[wave][stretch.partition] = progress
        with self._turn:
            ends = time.monotonic() + _WAVES * seconds
            late: set[TopicPartition] = set()
            for pending in waves:
                # A partition that does not answer must not cost the others their time, nor its own again.
                for one in late.intersection(pending):
                    self._give_up(pending.pop(one))
                if pending:
                    late |= self._read_wave(pending, convert, min(ends, time.monotonic() + seconds))
        return every

    def prepare(self) -> None:
        """Log in now, before the first stretch is asked for."""
        with self._turn:
            self._known.learn()

    def _read_wave(
        self,
        pending: dict[TopicPartition, Progress[T]],
        convert: Callable[[Any], T],
        deadline: float,
    ) -> set[TopicPartition]:
        """Return the partitions that were not read in time."""
        self._known.learn({one.topic for one in pending})
        self._consumer.assign(
            [
                confluent_kafka.TopicPartition(one.topic, one.partition, progress.next)
                for one, progress in pending.items()
            ]
        )
        # A TopicPartition is equal to the tuple, which takes half the time to create for each record.
        open_: dict[object, Progress[T]] = dict(pending.items())
        batch = _BATCH_OF_LITTLE if any(one.stretch.ends_early for one in pending.values()) else _BATCH
        while pending and time.monotonic() < deadline:
            done: list[TopicPartition] = []
            for message in self._consumer.consume(batch, _TURN_SECONDS):
                progress = open_.get((message.topic(), message.partition()))
                if progress is None:  # already done, or an error without a partition
                    continue
                if take(message, progress, convert):
                    one = progress.stretch.partition
                    del pending[one], open_[one]
                    done.append(one)
            if done and pending:
                self._consumer.incremental_unassign(
                    [confluent_kafka.TopicPartition(one.topic, one.partition) for one in done]
                )
        for progress in pending.values():
            self._give_up(progress)
        self._consumer.unassign()
        return set(pending)

    def _give_up(self, progress: Progress[T]) -> None:
        said = self.errors.latest()
        progress.failure, progress.late = f"not read in time{f': {said}' if said else ''}", True
