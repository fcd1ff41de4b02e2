"""Reads ranges of offsets of many partitions together with one consumer, which never commits."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Generic, TypeVar

import confluent_kafka
from confluent_kafka import Consumer, KafkaError, KafkaException

from mirror.clients.access import ClusterAccess
from mirror.clients.connection import Errors, explain
from mirror.clients.known_topics import KnownTopics
from mirror.clients.messages import entry_of, record_of
from mirror.clients.records import Entry, TopicPartition, Unread, Window
from mirror.problems import one_line

# With librdkafka's default of 500 ms every change of assignment would wait so long.
FETCH_WAIT_MS = 5
READ_SECONDS = 45.0
# Bytes of one fetch for all partitions: some hundred small stretches in one round trip.
_FETCH_LEAST = 4 * 1024 * 1024
_BATCH = 2000
# Where stretches end early: librdkafka drops the rest of what it fetched before it becomes Python objects.
_BATCH_OF_LITTLE = 100
# `consume` waits so long for a full batch, also where a stretch has fewer records left.
_TURN_SECONDS = 0.004
T = TypeVar("T")


@dataclass(slots=True)
class Stretch:
    """A range of one partition to read: from offset `start` to before `stop`, or to the end of `limit`
    records, or of a record for which `enough` is true."""

    partition: TopicPartition
    start: int
    stop: int
    limit: int | None = None
    enough: Callable[[Any], bool] | None = None

    @property
    def ends_early(self) -> bool:
        """Whether it has a limit."""
        return self.limit is not None or self.enough is not None


@dataclass(slots=True)
class _Progress(Generic[T]):
    stretch: Stretch
    next: int
    items: list[T] = field(default_factory=list)
    at_end: bool = False
    failure: str | None = None


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
            "fetch.queue.backoff.ms": 10,  # the default of 1,000 stalls a fast Python consumer
            "fetch.wait.max.ms": FETCH_WAIT_MS,
            # Smaller where only a few records are read from each of many partitions.
            "fetch.message.max.bytes": partition_bytes,
            # The limit for a compacted partition, for which librdkafka requests more and more (see _take).
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
        return self._between(starts, lambda message: (message.key(), message.value()), seconds)

    def entries(
        self, starts: Mapping[TopicPartition, tuple[int, int]], seconds: float = READ_SECONDS
    ) -> dict[TopicPartition, list[Entry] | Unread]:
        """Keys and values with offsets and timestamps, for topics of MM2 and Connect."""
        return self._between(starts, entry_of, seconds)

    def _between(
        self,
        starts: Mapping[TopicPartition, tuple[int, int]],
        convert: Callable[[Any], T],
        seconds: float,
    ) -> dict[TopicPartition, list[T] | Unread]:
        stretches = [Stretch(one, start, stop) for one, (start, stop) in starts.items()]
        return {
            progress.stretch.partition: (
                progress.items if progress.failure is None else Unread(progress.failure)
            )
            for progress in self._read(stretches, convert, seconds)
        }

    def _read(
        self, stretches: Iterable[Stretch], convert: Callable[[Any], T], seconds: float
    ) -> list[_Progress[T]]:
        """Read in waves, because a consumer has one position in a partition: the first stretch of every
        partition, then the second one, and so on."""
        waves: list[dict[TopicPartition, _Progress[T]]] = []
        count: dict[TopicPartition, int] = defaultdict(int)
        every: list[_Progress[T]] = []
        for stretch in stretches:
            progress: _Progress[T] = _Progress(stretch, stretch.start)
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
            deadline = time.monotonic() + seconds
            for pending in waves:
                self._read_wave(pending, convert, deadline)
        return every

    def prepare(self) -> None:
        """Log in now, before the first stretch is asked for."""
        with self._turn:
            self._known.learn()

    def _read_wave(
        self,
        pending: dict[TopicPartition, _Progress[T]],
        convert: Callable[[Any], T],
        deadline: float,
    ) -> None:
        self._known.learn({one.topic for one in pending})
        self._consumer.assign(
            [
                confluent_kafka.TopicPartition(one.topic, one.partition, progress.next)
                for one, progress in pending.items()
            ]
        )
        # A TopicPartition is equal to the tuple, which takes half the time to create for each record.
        open_: dict[object, _Progress[T]] = dict(pending.items())
        batch = _BATCH_OF_LITTLE if any(one.stretch.ends_early for one in pending.values()) else _BATCH
        while pending and time.monotonic() < deadline:
            done: list[TopicPartition] = []
            for message in self._consumer.consume(batch, _TURN_SECONDS):
                progress = open_.get((message.topic(), message.partition()))
                if progress is None:  # already done, or an error without a partition
                    continue
                if _take(message, progress, convert):
                    one = progress.stretch.partition
                    del pending[one], open_[one]
                    done.append(one)
            if done and pending:
                self._consumer.incremental_unassign(
                    [confluent_kafka.TopicPartition(one.topic, one.partition) for one in done]
                )
        if pending:
            said = self.errors.latest()
            why = f": {said}" if said else ""
            for progress in pending.values():
                progress.failure = f"not read in time{why}"
        self._consumer.unassign()


def _take(message: Any, progress: _Progress[T], convert: Callable[[Any], T]) -> bool:
    """Process one message or event of a pending partition. Returns whether the stretch is complete.

    librdkafka treats a fetch without a record as too small (`rd_kafka_msgset_reader_run`): it doubles the
    fetch size of the partition until the consumer is closed, and reports "might be too large to fetch" at
    1 GiB. Compaction leaves such empty batches behind, and brokers send a record of any size whole (KIP-74).
    So this error is ignored: librdkafka continues by itself.
    """
    error = message.error()
    stretch = progress.stretch
    if error is not None:
        if error.code() == KafkaError._PARTITION_EOF:
            progress.next = max(progress.next, message.offset())
            progress.at_end = True
            return True
        if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            return False
        progress.failure = one_line(error.str())
        return True
    offset = message.offset()
    if offset < progress.next:  # was fetched before the assignment changed
        return False
    if offset >= stretch.stop:
        progress.next = stretch.stop
        return True
    progress.next = offset + 1
    item = convert(message)
    progress.items.append(item)
    if stretch.enough is not None and stretch.enough(item):
        return True
    return progress.next >= stretch.stop or len(progress.items) == stretch.limit
