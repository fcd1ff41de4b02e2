"""One partition's audit: compare, then name what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mirror.audit.blocks import Log
from mirror.audit.compare import WINDOWS, Comparison
from mirror.audit.excuses import UNCLEANED, Cleaning, Side
from mirror.audit.extent import Extent, Place
from mirror.audit.findings import Difference, PartitionResult
from mirror.audit.residue import Residue
from mirror.audit.resolve import Resolved, resolve
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.problems import CouldNotRead

FIRST_DIFFERENCES = 20


@dataclass(frozen=True, slots=True)
class Logs:
    """Both sides, read as columns."""

    source: Log
    target: Log


@dataclass(frozen=True, slots=True)
class Rules:
    """What both sides' topics and the mirror permit."""

    source: Cleaning = UNCLEANED
    target: Cleaning = UNCLEANED
    exactly_once: bool = True


class PartitionAudit:
    """`steps` compares, `result` names; `place` in between says how to go on after a restart."""

    def __init__(
        self,
        extent: Extent,
        logs: Logs,
        rules: Rules,
        residue: Residue,
        place: Place | None = None,
        windows: Sequence[tuple[int, int]] = WINDOWS,
    ) -> None:
        self._extent, self._logs, self._rules, self._residue = extent, logs, rules, residue
        self._comparison = Comparison(extent, logs.source, logs.target, residue, place, windows)
        self.place = place

    def steps(self) -> Iterator[None]:
        """Compares everything; closes what it opened."""
        with self._comparison as comparison:
            for _ in comparison.steps():
                self.place = comparison.place
                yield
            self.place = comparison.place

    def result(self, now_ms: int, found: Callable[[Difference], None] = lambda _: None) -> PartitionResult:
        """After the last step. `found` gets every difference, the result names the first ones."""
        place, extent = self.place, self._extent
        assert place is not None, "steps() comes first"
        first: list[Difference] = []
        more = 0

        def take(one: Difference) -> None:
            nonlocal more
            found(one)
            if len(first) < FIRST_DIFFERENCES:
                first.append(one)
            else:
                more += 1

        resolved = Resolved()
        if place.sizes.gaps:
            resolved = resolve(
                self._residue,
                self._side(self._logs.source, extent.source, self._rules.source, extent.left_out + 1),
                self._side(self._logs.target, extent.target, self._rules.target),
                target_stop=extent.target_stop,
                stamped=place.stamped,
                now_ms=now_ms,
                at_least_once=not self._rules.exactly_once,
                found=take,
            )
        notes = () if place.stamped else ("timestamps are the brokers' own (LogAppendTime): not compared",)
        return PartitionResult(
            extent.source,
            extent.target,
            extent.must,
            place.tied,
            place.source_records,
            place.target_records,
            resolved.counts,
            resolved.excused,
            tuple(first),
            more,
            notes,
            sampled=extent.sampled,
        )

    def _side(self, log: Log, partition: TopicPartition, cleaning: Cleaning, first: int = 0) -> Side:
        """As it is now, from the offset `first` on: cleaner and retention went on while it was compared."""
        bounds = log.bounds([partition])[partition]
        if isinstance(bounds, Unread):
            raise CouldNotRead(f"asking for the offsets of {partition}", bounds.reason, "audit it again")
        assert isinstance(bounds, Bounds)
        return Side(log, partition, max(first, bounds.start), bounds.end, cleaning)
