"""The source's topics and partitions as they are now, against what was mirrored of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.verify.baseline import TopicThen

SOON = 0.5
"""Part of `retention.ms` that the oldest record not mirrored may have reached before it is reported."""


@dataclass(frozen=True, slots=True)
class PartitionNow:
    """A mirrored partition of the source. `start` is the last offset that was left out on purpose."""

    partition: TopicPartition
    position: int | None
    bounds: Bounds | Unread
    start: int | None = None
    no_record_before: int | None = None
    """Offset before which an earlier look found no record after the position (`SeenAfterPosition`)."""
    record_at: int | None = None
    """Offset of a record after the position that an earlier look has seen."""


@dataclass(frozen=True, slots=True)
class Risk:
    """The oldest record of a partition that is not mirrored, and how old records may become."""

    partition: TopicPartition
    age_seconds: float
    retention_seconds: float

    @property
    def soon(self) -> bool:
        """Whether retention may soon delete the record before it is mirrored."""
        return self.age_seconds >= SOON * self.retention_seconds

    def __str__(self) -> str:
        return f"{self.partition} ({self.age_seconds / self.retention_seconds:.0%} of its retention)"


@dataclass(frozen=True, slots=True)
class SourceNow:
    """The source as it is: its cluster id, the ids of its mirrored topics, and their partitions."""

    cluster: str
    ids: Mapping[str, str | Unread]
    partitions: Sequence[PartitionNow]
    matched_by_pattern: Sequence[str] = ()
    """Topics of the baseline that the mirror's patterns still match."""
    risks: Sequence[Risk] = ()


def past_end(position: int | None, log: Bounds) -> bool:
    """Whether MM2's position lies past the end of the source's log: records were deleted from its end, or the
    topic was deleted and created again.
    """
    return position is not None and position >= log.end


class SeenAfterPosition:
    """What looks have read of the source after MM2's positions: offsets that hold no record (markers of
    transactions and aborted records), and offsets of records.

    Kept for as long as a process looks, because a deleted log does not show any more what it held.
    """

    def __init__(self) -> None:
        self._spans: dict[TopicPartition, tuple[int, int]] = {}
        self._records: dict[TopicPartition, int] = {}

    def saw(self, partition: TopicPartition, first: int, end: int) -> None:
        """Note that no offset from `first` up to, not including, `end` holds a record."""
        if first >= end:
            return
        begin, until = self._spans.get(partition, (first, first))
        self._spans[partition] = (begin, max(until, end)) if begin <= first <= until else (first, end)

    def saw_record(self, partition: TopicPartition, first: int, offset: int) -> None:
        """Note that a record is at this offset, the first that is left after the position. `first`: the
        offset after the position. An earlier record from there on is kept: it is not mirrored, and only what
        was seen of it tells that it is lost.
        """
        known = self._records.get(partition)
        if known is None or not first <= known < offset:
            self._records[partition] = offset

    def record(self, partition: TopicPartition, first: int) -> int | None:
        """Return the offset of a record at or after `first`; None where none was seen."""
        offset = self._records.get(partition)
        return offset if offset is not None and offset >= first else None

    def before(self, partition: TopicPartition, first: int) -> int | None:
        """Return the offset up to which no record follows from `first` on; None where nothing is known."""
        begin, until = self._spans.get(partition, (first, first))
        return until if begin <= first < until else None


def first_unmirrored(position: int | None, log: Bounds) -> int:
    """The first offset of the log that is not mirrored."""
    return log.start if position is None else max(log.start, position + 1)


Gap = Literal["none", "no-records", "one-offset", "unknown", "lost"]
"""What the source deleted after the mirrored position."""


def lost_offsets(one: PartitionNow, then: TopicThen | None) -> int:
    """How many offsets were deleted before they were mirrored, and may have held a record; 0 where that
    cannot be known. Offsets that an earlier look found to hold no record do not count, unless another look
    saw a record among them.
    """
    first = _first_deleted(one, then)
    if first is None or isinstance(one.bounds, Unread):
        return 0
    unknown = max(first, one.no_record_before or first)
    record = _deleted_record(one, first, one.bounds)
    if record is not None:
        unknown = min(unknown, record)
    return max(0, one.bounds.start - unknown)


def gap(one: PartitionNow, then: TopicThen | None) -> Gap:
    """Judge what was deleted after the mirrored position: one rule for source-unbroken and the status.

    MM2's position is the last *record* that it mirrored. The marker that ends a transaction, and aborted
    records, follow it and are never mirrored; retention deletes them like records. So:

        no-records   an earlier look of this session read all of them, and there was no record: no loss
        one-offset   one is left of which nothing is known, as the marker behind the last record of an idle
                     partition: reported, neither a loss nor a failure
        unknown      more are left of which nothing is known, so up to so many records are lost: a failure
        lost         an earlier look has seen a record among them: at least one is lost, a failure
    """
    first = _first_deleted(one, then)
    if first is None or isinstance(one.bounds, Unread) or one.bounds.start <= first:
        return "none"
    if _deleted_record(one, first, one.bounds) is not None:
        return "lost"
    left = lost_offsets(one, then)
    return "unknown" if left > 1 else "one-offset" if left else "no-records"


def _deleted_record(one: PartitionNow, first: int, log: Bounds) -> int | None:
    """The offset of a record that an earlier look saw and the source has deleted; None for no such record."""
    return one.record_at if one.record_at is not None and first <= one.record_at < log.start else None


def _first_deleted(one: PartitionNow, then: TopicThen | None) -> int | None:
    """The first offset after the mirrored ones, whether or not the log still has it; None: not known."""
    if one.position is not None:
        return one.position + 1
    if one.start is not None:
        return one.start + 1
    return then.begin(one.partition.partition) if then else None
