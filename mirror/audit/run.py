"""Audits the partitions of a cut in parallel, the largest first.

Reading and comparing run in native code that releases the GIL, so threads use all cores. With the largest
partition first, the run does not end with one long partition on one core.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

from mirror.audit.blocks import LogPair
from mirror.audit.cut import Cut
from mirror.audit.extent import Extent, ResumePoint
from mirror.audit.findings import PartitionResult
from mirror.audit.lanes import AuditProgress, Lanes
from mirror.audit.partition import PartitionAudit
from mirror.audit.rules import AuditRules
from mirror.audit.state import AuditState
from mirror.clients.records import Bounds, TopicPartition
from mirror.problems import CouldNotConnect, CouldNotRun

SAVE_SECONDS = 5.0
TELL_SECONDS = 0.5
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between the attempts for a partition, each of which resumes from the last point: a minute, as a
broker needs to restart. An attempt that read further begins the series anew.
"""
PAUSED_AT_MOST = 600.0
"""Seconds that one audit pauses in all. Afterwards attempts follow each other at once: thousands of
partitions without a leader must not take hours.
"""


@dataclass(slots=True)
class AuditRun:
    """One run of an audit over a cut."""

    cut: Cut
    logs: LogPair
    state: AuditState
    lanes: int = 2
    save_seconds: float = SAVE_SECONDS
    pauses: Sequence[float] = PAUSES
    paused_at_most: float = PAUSED_AT_MOST
    _paused: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)
    _running: Lanes = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._running = Lanes(self.cut, self.state)

    def run(self, tell: Callable[[AuditProgress], None] = lambda _: None) -> list[PartitionResult]:
        """Return the results in the order of the cut.

        Raises CouldNotConnect if a cluster cannot be reached; finished partitions stay in the state.
        """
        began = time.monotonic()
        before = self._running.weight_done()
        with ThreadPoolExecutor(self.lanes, thread_name_prefix="audit") as pool:
            pending: set[Future[None]] = {
                pool.submit(self._partition, numbers) for numbers in self._open_numbers()
            }
            try:
                while pending:
                    ready, pending = wait(pending, TELL_SECONDS, FIRST_COMPLETED)
                    for one in ready:
                        one.result()
                    tell(self._running.progress(began, before))
            except BaseException:
                self._stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        done = self.state.done
        return [done[number] for number in range(len(self.cut.extents))]

    def _open_numbers(self) -> list[list[int]]:
        """Return the unfinished extents, grouped by partition, the largest partition first.

        A sampled partition has several extents; one thread reads them all.
        """
        partitions: dict[TopicPartition, list[int]] = {}
        for number, one in enumerate(self.cut.extents):
            if number not in self.state.done:
                partitions.setdefault(one.source, []).append(number)

        def weight(numbers: list[int]) -> int:
            return sum(self.cut.extents[number].weight for number in numbers)

        return sorted(partitions.values(), key=weight, reverse=True)

    def _partition(self, numbers: list[int]) -> None:
        for number in numbers:
            self._one(number)

    def _one(self, number: int) -> None:
        pauses = iter(self.pauses)
        while not self._stop.is_set():
            before = self._running.records_of(number)
            try:
                self._try(number)
                return
            except CouldNotRun as error:
                if self._running.records_of(number) > before:
                    pauses = iter(self.pauses)
                pause = next(pauses, None)
                if pause is None:
                    self._give_up(number, error)
                    return
                self._pause(pause)

    def _give_up(self, number: int, error: CouldNotRun) -> None:
        if isinstance(error, CouldNotConnect):
            raise error
        extent = self.cut.extents[number]
        self._finish(number, _not_compared(extent, f"{error.tried}: {error.happened}"))

    def _pause(self, seconds: float) -> None:
        """Wait before the next attempt, unless the audit has paused too long in all or is stopped."""
        with self._lock:
            seconds = min(seconds, max(0.0, self.paused_at_most - self._paused))
            self._paused += seconds
        self._stop.wait(seconds)

    def _try(self, number: int) -> None:
        place, residue = self.state.place(number)
        extent = self.cut.extents[number]
        if place is None and extent.weight:
            extent = self._fresh(extent)
        lane = self._running.begin(number, extent, place)
        rules = self.cut.rules.get(extent.source.topic, AuditRules(exactly_once=self.cut.exactly_once))
        running = PartitionAudit(extent, self.logs, rules, residue, place)
        saved = time.monotonic()
        try:
            for _ in running.steps():
                lane.place = running.place
                if self._stop.is_set():
                    break
                if time.monotonic() - saved >= self.save_seconds:
                    self._save(number, running.place)
                    saved = time.monotonic()
        finally:  # the next attempt resumes here
            lane.place = running.place
            self._save(number, running.place)
        if self._stop.is_set():
            return
        with self.state.differences(number) as write:
            result = running.result(int(time.time() * 1000), write)
        self._finish(number, result)

    def _save(self, number: int, place: ResumePoint | None) -> None:
        if place is not None:
            self.state.save(number, place)

    def _fresh(self, extent: Extent) -> Extent:
        """Move the starts of the extent to the current ones: retention ran since the cut was made."""
        source = self.logs.source.bounds([extent.source])[extent.source]
        target = self.logs.target.bounds([extent.target])[extent.target]
        if isinstance(source, Bounds) and isinstance(target, Bounds):
            return replace(
                extent,
                source_start=max(extent.source_start, source.start),
                target_start=max(extent.target_start, target.start),
            )
        return extent

    def _finish(self, number: int, result: PartitionResult) -> None:
        self.state.finish(number, result)
        self._running.end(number)


def _not_compared(extent: Extent, reason: str) -> PartitionResult:
    offsets = extent.beside + max(0, extent.source_stop - extent.source_start)
    return PartitionResult(extent.source, extent.target, extent.must, unread=reason, not_read=offsets)


def unaudited(cut: Cut) -> list[PartitionResult]:
    """Return a result for each partition that the cut could not read."""
    return [PartitionResult(one, one, -1, unread=why) for one, why in sorted(dict(cut.unreadable).items())]
