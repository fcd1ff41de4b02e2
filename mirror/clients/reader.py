"""Reads stretches of many partitions at once with one consumer: assigned, read_committed, no commits."""

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
from mirror.clients.messages import entry_of, record_of
from mirror.clients.records import Entry, TopicPartition, Unread, Window
from mirror.problems import one_line

# librdkafka's 500 ms would be waited out at every change of assignment: a broker answers one fetch at a time.
FETCH_WAIT_MS = 20
READ_SECONDS = 45.0
# Of all partitions together: room for some hundred small stretches a round trip.
_FETCH_LEAST = 4 * 1024 * 1024
_BATCH = 2000
# `consume` waits that long for a whole batch, however much is there: small stretches would take it each.
_TURN_SECONDS = 0.02
T = TypeVar("T")


@dataclass(slots=True)
class Stretch:
    """What to read of one partition: from offset `start` to, not including, `stop`; less when `enough` says
    so after a record, or after `limit` records."""

    partition: TopicPartition
    start: int
    stop: int
    limit: int | None = None
    enough: Callable[[Any], bool] | None = None


@dataclass(slots=True)
class _Progress(Generic[T]):
    stretch: Stretch
    next: int
    items: list[T] = field(default_factory=list)
    at_end: bool = False
    failure: str | None = None


class Reader:
    """A consumer without a group's life: it assigns, seeks and never commits.

    Partition EOF (`enable.partition.eof`) tells when a log holds no further committed record, so transaction
    markers, aborted records and what compaction left out are never mistaken for records.
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
            "group.id": "region-mirror-verify",  # librdkafka wants one; it is never joined
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "enable.partition.eof": True,
            "isolation.level": isolation_level,
            # Retention may move the log's start after it was asked for: go on at the first record there is.
            "auto.offset.reset": "earliest",
            "fetch.queue.backoff.ms": 10,  # the default of 1,000 stalls a fast Python consumer
            "fetch.wait.max.ms": FETCH_WAIT_MS,
            # Where little is read of many partitions, a broker need not send this much (the default) of each.
            "fetch.message.max.bytes": partition_bytes,
            # It asks for more and more of a compacted partition (see _take): this is the bound.
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

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._consumer.close()

    def records(
        self, stretches: Iterable[Stretch], seconds: float = READ_SECONDS
    ) -> dict[TopicPartition, list[Window | Unread]]:
        """Digests of the records of each stretch, in the order of the stretches of a partition."""
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
        """Keys and values between two offsets of each partition: for MM2's and Connect's own topics."""
        return self._between(starts, lambda message: (message.key(), message.value()), seconds)

    def entries(
        self, starts: Mapping[TopicPartition, tuple[int, int]], seconds: float = READ_SECONDS
    ) -> dict[TopicPartition, list[Entry] | Unread]:
        """The same, with what says where and when."""
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
        """A consumer is at one place of a partition at a time: the first stretches of all partitions are read
        together, then the second ones, and so on."""
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

    def _read_wave(
        self,
        pending: dict[TopicPartition, _Progress[T]],
        convert: Callable[[Any], T],
        deadline: float,
    ) -> None:
        self._consumer.assign(
            [
                confluent_kafka.TopicPartition(one.topic, one.partition, progress.next)
                for one, progress in pending.items()
            ]
        )
        while pending and time.monotonic() < deadline:
            done: list[TopicPartition] = []
            for message in self._consumer.consume(_BATCH, _TURN_SECONDS):
                one = TopicPartition(message.topic() or "", message.partition() or 0)
                progress = pending.get(one)
                if progress is None:  # already done, or an error that concerns no partition
                    continue
                if _take(message, progress, convert):
                    del pending[one]
                    done.append(one)
            if done and pending:
                self._consumer.incremental_unassign(
                    [confluent_kafka.TopicPartition(one.topic, one.partition) for one in done]
                )
        if pending:
            said = self.errors.seen
            why = f": {said[-1][1]}" if said else ""
            for progress in pending.values():
                progress.failure = f"not read in time{why}"
        self._consumer.unassign()


def _take(message: Any, progress: _Progress[T], convert: Callable[[Any], T]) -> bool:
    """Takes one message, or an event, of a pending partition; says whether the stretch is done.

    librdkafka takes a fetch without a record for one that was too small (`rd_kafka_msgset_reader_run`): it
    doubles what it asks for of the partition, for as long as the consumer lives, and says "might be too large
    to fetch" once that is 1 GiB. A log cleaner leaves such stretches behind, batches that hold nothing; and
    brokers send a record whole however large it is (KIP-74). So that is no failure: it reads on by itself.
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
    if offset < progress.next:  # fetched before the assignment changed
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
