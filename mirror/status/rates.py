"""Records a second between two looks. Pure.

Counted in offsets, so that transaction markers and aborted records are included in every rate.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from mirror.clients.records import Bounds, TopicPartition
from mirror.status.snapshot import PartitionSeen, Waiting

# MM2 without exactly-once commits its positions every `offset.flush.interval.ms` (60 s): over a shorter
# window, the rate would be zero for most looks.
WINDOW_SECONDS = 75.0
MOST_SAMPLES = 16


class Rate(NamedTuple):
    """Offsets a second: produced to the source, mirrored, and removed at the start of the source's log."""

    produced: float
    mirrored: float
    removed: float = 0.0

    def catch_up(self, records: float) -> float | None:
        """Return seconds until `records` are mirrored; None if records are produced as fast as mirrored."""
        if records <= 0:
            return 0.0
        gain = self.mirrored - self.produced
        return records / gain if gain > 0 else None


class _Offsets(NamedTuple):
    start: int
    end: int
    position: int


class Rates:
    """Keeps the offsets of the last looks."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, dict[TopicPartition, _Offsets]]] = deque(maxlen=MOST_SAMPLES)
        self._seconds = 0.0
        self._waiting: dict[TopicPartition, tuple[int, float]] = {}
        """Offset of a record that waits, and when it was seen first."""

    def look(self, at: float, partitions: Iterable[PartitionSeen]) -> dict[TopicPartition, Rate]:
        """Return the rates since the oldest look of the window; none at the first look."""
        partitions = list(partitions)
        if self._samples and at < self._samples[-1][0]:  # the clock was set back, and that was ahead
            self._samples.clear()
            self._waiting = {one: (offset, min(since, at)) for one, (offset, since) in self._waiting.items()}
        self._waiting = dict(_waiting(self._waiting, at, partitions))
        now = {one.partition: known for one in partitions if (known := _offsets(one)) is not None}
        while len(self._samples) > 1 and at - self._samples[0][0] > WINDOW_SECONDS:
            self._samples.popleft()
        found: dict[TopicPartition, Rate] = {}
        if self._samples and at > self._samples[0][0]:
            then, before = self._samples[0]
            self._seconds = at - then
            found = _between(before, now, self._seconds)
        # A look right after the last one would only fill the memory.
        if not self._samples or at - self._samples[-1][0] >= WINDOW_SECONDS / MOST_SAMPLES:
            self._samples.append((at, now))
        return found

    def waits(self, at: float, one: TopicPartition, offset: int) -> tuple[float, float] | None:
        """Return for how many seconds the record at `offset` waits, at least and at most: since the first
        look that saw it, and since the last one that did not. None if every look saw it.

        Timestamps are not reliable, because producers may set any value.
        """
        least = 0.0
        for then, offsets in reversed(self._samples):
            known = offsets.get(one)
            if known is not None and known.end <= offset:
                return least, max(0.0, at - then)
            if known is not None:
                least = max(0.0, at - then)
        return None

    def waits_at_least(self, at: float, one: TopicPartition) -> float:
        """Return seconds since a look first saw a record of the partition that still waits; 0 for none.

        A record that a producer with a wrong clock has stamped in the future is never old by its timestamp.
        """
        known = self._waiting.get(one)
        return 0.0 if known is None else max(0.0, at - known[1])

    @property
    def seconds(self) -> float:
        """Seconds over which the last rates were measured."""
        return self._seconds


def _waiting(
    before: Mapping[TopicPartition, tuple[int, float]], at: float, partitions: Iterable[PartitionSeen]
) -> Iterator[tuple[TopicPartition, tuple[int, float]]]:
    """Keep what still waits, and note the first record that waits of other partitions."""
    for one in partitions:
        known, waits, log = before.get(one.partition), one.waiting, one.source
        if not isinstance(log, Bounds) or not isinstance(waits, Waiting):
            if known is not None:  # not read in this look
                yield one.partition, known
            continue
        seen = waits.first if waits.oldest is not None else None  # a record, and not only an offset
        first = max(log.start, -1 if one.position is None else one.position + 1, -1 if seen is None else seen)
        if known is not None and first <= known[0] < log.end and not (waits.exact and not waits.records):
            yield one.partition, known
        elif seen is not None:
            yield one.partition, (seen, at)


def _offsets(one: PartitionSeen) -> _Offsets | None:
    if not isinstance(one.source, Bounds):
        return None
    position = one.source.start - 1 if one.position is None else one.position
    return _Offsets(one.source.start, one.source.end, position)


def _between(
    before: Mapping[TopicPartition, _Offsets], now: Mapping[TopicPartition, _Offsets], seconds: float
) -> dict[TopicPartition, Rate]:
    found = {}
    for one, (start, end, position) in now.items():
        then = before.get(one)
        if then is None or end < then.end:  # new, or recreated
            continue
        found[one] = Rate(
            (end - then.end) / seconds,
            max(0, position - then.position) / seconds,
            max(0, start - then.start) / seconds,
        )
    return found
