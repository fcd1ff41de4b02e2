"""Stretches of logs: what is to be read of a partition, and how far it has been read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from confluent_kafka import KafkaError

from mirror.clients.records import TopicPartition
from mirror.problems import one_line

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
class Progress(Generic[T]):
    """How far a stretch has been read, and what of it."""

    stretch: Stretch
    next: int
    items: list[T] = field(default_factory=list)
    at_end: bool = False
    failure: str | None = None
    late: bool = False
    """Whether it failed because the time was over."""


class Passing(list[T]):
    """Stands for the items of a stretch: hands each on and keeps none."""

    def __init__(self, to: Callable[[T], None]) -> None:
        super().__init__()
        # Not a method of its own: a call less for each of millions of records.
        self.append = to  # type: ignore[method-assign]


def take(message: Any, progress: Progress[T], convert: Callable[[Any], T]) -> bool:
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
