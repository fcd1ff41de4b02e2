"""The audit of one partition: compare, then classify the differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mirror.audit.blocks import LogPair, RecordLog
from mirror.audit.compare import WINDOWS, Comparison
from mirror.audit.excuses import LogSide
from mirror.audit.extent import Extent, ResumePoint
from mirror.audit.findings import (
    DUPLICATED,
    FIRST_DIFFERENCES,
    PartitionResult,
    RecordDifference,
    first_of,
)
from mirror.audit.residue import Residue
from mirror.audit.resolve import Resolved, resolve
from mirror.audit.rules import AuditRules, Cleaning
from mirror.clients.records import TopicPartition, Unread
from mirror.problems import CouldNotRead

_NOT_STAMPED = "timestamps are the brokers' own (LogAppendTime), or records have none: not compared"


class PartitionAudit:
    """The audit of one partition: `steps`, then `result`; `place` is the resume point."""

    def __init__(
        self,
        extent: Extent,
        logs: LogPair,
        rules: AuditRules,
        residue: Residue,
        place: ResumePoint | None = None,
        windows: Sequence[tuple[int, int]] = WINDOWS,
    ) -> None:
        self._extent, self._logs, self._rules, self._residue = extent, logs, rules, residue
        self._comparison = Comparison(extent, logs.source, logs.target, residue, place, windows)
        self.place = place

    def steps(self) -> Iterator[None]:
        """Compare all records step by step; closes both logs at the end."""
        with self._comparison as comparison:
            for _ in comparison.steps():
                self.place = comparison.place
                yield
            self.place = comparison.place

    def result(
        self, now_ms: int, found: Callable[[RecordDifference], None] = lambda _: None
    ) -> PartitionResult:
        """Classify, after the last step. `found` gets every difference, the result holds the first ones."""
        place, extent = self.place, self._extent
        if place is None:
            raise RuntimeError("result() was called before steps()")
        first: tuple[RecordDifference, ...] = ()
        every = 0

        def take(one: RecordDifference) -> None:
            nonlocal first, every
            found(one)
            every += 1
            if len(first) < FIRST_DIFFERENCES or (one.kind != DUPLICATED and first[-1].kind == DUPLICATED):
                first = first_of((*first, one))

        resolved = Resolved()
        if place.sizes.gaps:
            resolved = resolve(
                self._residue,
                self._side(self._logs.source, extent.source, self._rules.source, extent.left_out + 1),
                self._side(self._logs.target, extent.target, self._rules.target, extent.copy_before + 1),
                target_stop=extent.target_stop,
                stamped=place.stamped,
                now_ms=now_ms,
                at_least_once=not self._rules.exactly_once,
                found=take,
            )
        notes = () if place.stamped else (_NOT_STAMPED,)
        return PartitionResult(
            extent.source,
            extent.target,
            extent.must,
            place.tied,
            place.source_records,
            place.target_records,
            resolved.counts,
            resolved.excused,
            first,
            every - len(first),
            notes,
            sampled=extent.sampled,
            not_read=extent.beside + max(0, extent.source_stop - place.source_next),
        )

    def _side(self, log: RecordLog, partition: TopicPartition, cleaning: Cleaning, first: int = 0) -> LogSide:
        """Read the current bounds, at least from `first`: cleaner and retention ran during the comparison."""
        bounds = log.bounds([partition])[partition]
        if isinstance(bounds, Unread):
            raise CouldNotRead(f"asking for the offsets of {partition}", bounds.reason, "audit it again")
        return LogSide(log, partition, max(first, bounds.start), bounds.end, cleaning)
