"""Records a second, between two looks. Pure.

Counted in offsets: transaction markers and aborted records are among them, on either count alike.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mirror.clients.records import Bounds, TopicPartition
from mirror.status.snapshot import PartitionSeen

# MM2 without exactly-once commits its positions once in `offset.flush.interval.ms` (60 s): shorter stretches
# would show nothing, and then everything.
WINDOW_SECONDS = 75.0
MOST_SAMPLES = 16


class Rate(NamedTuple):
    """Offsets a second: written to the source, passed by the mirror, and removed at the log's start."""

    produced: float
    mirrored: float
    removed: float = 0.0

    def catch_up(self, records: float) -> float | None:
        """Seconds until so many records are mirrored; None when it does not gain on the producers."""
        if records <= 0:
            return 0.0
        gain = self.mirrored - self.produced
        return records / gain if gain > 0 else None


class _Place(NamedTuple):
    start: int
    end: int
    position: int


class Rates:
    """Remembers the last looks, as little as it takes."""

    def __init__(self, window: float = WINDOW_SECONDS) -> None:
        self._window = window
        self._samples: deque[tuple[float, dict[TopicPartition, _Place]]] = deque(maxlen=MOST_SAMPLES)
        self._seconds = 0.0

    def look(self, at: float, partitions: Iterable[PartitionSeen]) -> dict[TopicPartition, Rate]:
        """The rates since the oldest look of the window; none at the first look."""
        now = {one.partition: place for one in partitions if (place := _place(one)) is not None}
        while len(self._samples) > 1 and at - self._samples[0][0] > self._window:
            self._samples.popleft()
        found: dict[TopicPartition, Rate] = {}
        if self._samples and at > self._samples[0][0]:
            then, before = self._samples[0]
            self._seconds = at - then
            found = _between(before, now, self._seconds)
        # A second look within moments adds nothing.
        if not self._samples or at - self._samples[-1][0] >= self._window / MOST_SAMPLES:
            self._samples.append((at, now))
        return found

    def waits_at_most(self, at: float, one: TopicPartition, offset: int) -> float | None:
        """Seconds that a record may have waited at most: it came after the last look that did not see it.

        Timestamps alone would not do: a producer may set them to anything. None where every look saw it.
        """
        for then, places in reversed(self._samples):
            place = places.get(one)
            if place is not None and place.end <= offset:
                return max(0.0, at - then)
        return None

    @property
    def seconds(self) -> float:
        """Over how long the last rates were taken."""
        return self._seconds


def _place(one: PartitionSeen) -> _Place | None:
    if not isinstance(one.source, Bounds):
        return None
    position = one.source.start - 1 if one.position is None else one.position
    return _Place(one.source.start, one.source.end, position)


def _between(
    before: Mapping[TopicPartition, _Place], now: Mapping[TopicPartition, _Place], seconds: float
) -> dict[TopicPartition, Rate]:
    found = {}
    for one, (start, end, position) in now.items():
        then = before.get(one)
        if then is None or end < then.end:  # new, or made anew
            continue
        found[one] = Rate(
            (end - then.end) / seconds,
            max(0, position - then.position) / seconds,
            max(0, start - then.start) / seconds,
        )
    return found
