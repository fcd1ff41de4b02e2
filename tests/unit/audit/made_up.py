"""Logs in memory: records with holes between their offsets, and what is done to a copy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mirror.audit.blocks import NO_PRODUCER_TIME, NULL_KEY, TOMBSTONE, LogPair, RecordBlock
from mirror.audit.columns import mixed
from mirror.audit.extent import Extent, ResumePoint
from mirror.audit.findings import PartitionResult, RecordDifference
from mirror.audit.partition import PartitionAudit
from mirror.audit.residue import Residue
from mirror.audit.rules import AuditRules
from mirror.clients.records import Bounds, TopicPartition

ONE = TopicPartition("orders", 0)
COPY = TopicPartition("east.orders", 0)
NOW_MS = 10_000_000_000
SMALL = ((16, 2), (64, 2), (256, 4))
"""Windows as the program's, but small: a lost stretch of hundreds is a long one."""


class Record(NamedTuple):
    """A record whose parts are numbers; None is null."""

    offset: int
    timestamp: int = 0
    key: int | None = None
    value: int | None = 0
    headers: int = 0
    broker_stamped: bool = False


def records(count: int, *, keys: int = 0, start: int = 0) -> list[Record]:
    """Distinct records; with `keys`, so many keys take turns."""
    return [
        Record(start + n, 1_000_000 + n, (n % keys + 1) if keys else None, n + 1, n % 3) for n in range(count)
    ]


def copied(source: Iterable[Record], start: int = 0) -> list[Record]:
    """The same records at offsets of their own."""
    return [one._replace(offset=start + n) for n, one in enumerate(source)]


@dataclass
class MadeUpLog:
    """One side's partitions."""

    partitions: Mapping[TopicPartition, Sequence[Record]]
    starts: Mapping[TopicPartition, int] = field(default_factory=dict)
    ends: Mapping[TopicPartition, int] = field(default_factory=dict)
    block_records: int = 65_536
    blocks_read: int = 0
    open_now: set[TopicPartition] = field(default_factory=set)

    def bounds(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, Bounds]:
        found = {}
        for one in partitions:
            rows = self.partitions[one]
            end = self.ends.get(one, rows[-1].offset + 1 if rows else 0)
            found[one] = Bounds(self.starts.get(one, 0), end)
        return found

    @contextmanager
    def blocks(self, partition: TopicPartition, start: int, stop: int) -> Iterator[Iterator[RecordBlock]]:
        assert partition not in self.open_now, "a partition is read by one at a time"
        self.open_now.add(partition)
        try:
            yield self._blocks(partition, start, stop)
        finally:
            self.open_now.remove(partition)

    def _blocks(self, partition: TopicPartition, start: int, stop: int) -> Iterator[RecordBlock]:
        rows = [one for one in self.partitions[partition] if start <= one.offset < stop]
        for first in range(0, max(1, len(rows)), self.block_records):
            some = rows[first : first + self.block_records]
            self.blocks_read += 1
            at_end = first + self.block_records >= len(rows)
            yield block(some, stop if at_end else some[-1].offset + 1, at_end)


def block(rows: Sequence[Record], next_offset: int, at_end: bool) -> RecordBlock:
    def digest(numbers: list[int | None]) -> np.ndarray:
        some = np.array([0 if one is None else one + 1 for one in numbers], np.uint64)
        return np.where(some == 0, np.uint64(0), mixed(some) | np.uint64(1))

    return RecordBlock(
        np.array([one.offset for one in rows], np.int64),
        np.array([one.timestamp for one in rows], np.int64),
        digest([one.key for one in rows]),
        digest([one.value for one in rows]),
        digest([one.headers for one in rows]),
        np.array(
            [
                (one.value is None) * TOMBSTONE
                | (one.key is None) * NULL_KEY
                | one.broker_stamped * NO_PRODUCER_TIME
                for one in rows
            ],
            np.uint8,
        ),
        next_offset,
        at_end,
    )


@dataclass
class Audited:
    """An audit's result with all its differences, not only the first."""

    result: PartitionResult
    differences: list[RecordDifference]

    @property
    def kinds(self) -> list[tuple[str, int]]:
        return [(one.kind, one.records) for one in self.differences]


def audit(
    folder: Path,
    source: Sequence[Record],
    target: Sequence[Record],
    *,
    must: int | None = None,
    rules: AuditRules = AuditRules(),  # noqa: B008 - a constant
    source_start: int = 0,
    target_start: int = 0,
    left_out: int = -1,
    block_records: int = 256,
    break_after: int | None = None,
    target_stop: int | None = None,
    target_start_now: int | None = None,
    windows: Sequence[tuple[int, int]] = SMALL,
) -> Audited:
    """Audits one partition; with `break_after` it is killed after so many steps and taken up again from the
    place before, as after a kill -9. `target_start_now`: to where retention moved the target's start since
    the cut was made."""
    logs = LogPair(
        MadeUpLog({ONE: source}, {ONE: source_start}, block_records=block_records),
        MadeUpLog(
            {COPY: target},
            {COPY: target_start if target_start_now is None else target_start_now},
            block_records=block_records - 3,
        ),
    )
    extent = Extent(
        ONE,
        COPY,
        max(source_start, left_out + 1),
        source[-1].offset + 1 if source else 0,
        target_start,
        target_stop if target_stop is not None else (target[-1].offset + 1 if target else 0),
        must if must is not None else (source[-1].offset if source else -1),
        left_out,
    )
    residue = Residue(folder / "residue")
    found: list[RecordDifference] = []
    running = PartitionAudit(extent, logs, rules, residue, windows=windows)
    if break_after is None:
        for _ in running.steps():
            pass
    else:
        kept: ResumePoint | None = None
        for step, _ in enumerate(running.steps()):
            if step == break_after:
                kept = ResumePoint.from_json(running.place.to_json()) if running.place else None
            if step == break_after + 2:
                break
        residue = Residue(folder / "residue", kept.sizes if kept else ResumePoint(0, 0).sizes)
        running = PartitionAudit(Extent.from_json(extent.to_json()), logs, rules, residue, kept, windows)
        for _ in running.steps():
            pass
    result = running.result(NOW_MS, found.append)
    residue.forget()
    return Audited(PartitionResult.from_json(result.to_json()), found)
