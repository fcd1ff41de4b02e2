"""The source's topics and partitions as they are now, against what was mirrored of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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


def lost_offsets(one: PartitionNow, then: TopicThen | None) -> int:
    """How many offsets were deleted before they were mirrored; 0 where that cannot be known. One alone may be
    the marker that ends a transaction.
    """
    if isinstance(one.bounds, Unread):
        return 0
    if one.position is not None:
        first = one.position + 1
    elif one.start is not None:
        first = one.start + 1
    else:
        begin = then.begin(one.partition.partition) if then else None
        if begin is None:
            return 0
        first = begin
    return max(0, one.bounds.start - first)
