"""Unmirrored records after each position: read once, kept until they are mirrored.

A read costs one fetch a partition, so each look reads only unknown parts of at most `MOST` partitions, in
turn; other partitions get an upper bound from offsets. Waiting records are not read again, and neither are
parts that hold only transaction markers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mirror.clients.reader import Reader
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.clients.stretches import Stretch
from mirror.status.snapshot import Waiting

# Partitions read in one look, records read in total, and records read of each partition.
MOST = 1_000
RECORDS = 20_000
RECORDS_EACH = 100


class _Known(NamedTuple):
    """Offsets and timestamps of the records from `start` to `end` (exclusive)."""

    start: int
    end: int
    records: tuple[tuple[int, int], ...]
    look: int
    failed: Unread | None = None


class Waits:
    """Reads unmirrored records of the source and keeps them from look to look."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[TopicPartition, _Known] = {}
        self._look = 0

    def read(
        self, bounds: Mapping[TopicPartition, Bounds | Unread], positions: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, Waiting | Unread]:
        """Return the waiting records of each partition.

        `bounds` must be read after `positions`: then the lag may be too high, but never too low.
        """
        self._look += 1
        spans = {
            one: (max(log.start, positions.get(one, -1) + 1), log.end)
            for one, log in bounds.items()
            if isinstance(log, Bounds)
        }
        self._known = {one: known for one, known in self._known.items() if one in spans}
        unknown = [one for one, span in spans.items() if self._has_to_be_read(one, *span)]
        unknown.sort(key=lambda one: (self._last(one), spans[one][0] - spans[one][1]))
        self._read({one: spans[one] for one in unknown[:MOST]})
        return {one: self._waiting(one, *spans[one]) if one in spans else Waiting(0) for one in bounds}

    def _has_to_be_read(self, one: TopicPartition, first: int, end: int) -> bool:
        if first >= end:
            return False
        known = self._known.get(one)
        if known is None or known.failed is not None or not known.start <= first <= known.end:
            return True
        return known.end < end and not any(offset >= first for offset, _ in known.records)

    def _last(self, one: TopicPartition) -> int:
        known = self._known.get(one)
        return 0 if known is None else known.look

    def _read(self, spans: Mapping[TopicPartition, tuple[int, int]]) -> None:
        if not spans:
            return
        limit = max(1, min(RECORDS_EACH, RECORDS // len(spans)))
        stretches = []
        for one, (first, end) in spans.items():
            known = self._known.get(one)
            at = known.end if known is not None and known.start <= first <= known.end else first
            stretches.append(Stretch(one, max(first, at), end, limit))
        for one, [window] in self._reader.records(stretches).items():
            first, end = spans[one]
            if isinstance(window, Unread):
                self._known[one] = _Known(first, first, (), self._look, window)
                continue
            records = tuple((record.offset, record.timestamp) for record in window.records)
            # At the end of the log, only transaction markers follow the last record.
            self._known[one] = _Known(first, end if window.at_end else window.end, records, self._look)

    def _waiting(self, one: TopicPartition, first: int, end: int) -> Waiting | Unread:
        if first >= end:
            return Waiting(0)
        known = self._known.get(one)
        if known is not None and known.failed is not None:
            return known.failed
        if known is None or not known.start <= first <= known.end:
            return Waiting(end - first, False, first)
        records = [record for record in known.records if record[0] >= first]
        if known.end >= end:
            oldest = records[0] if records else (None, None)
            return Waiting(sum(1 for offset, _ in records if offset < end), True, *oldest)
        if not records:
            return Waiting(end - known.end, False, known.end)
        return Waiting(end - records[0][0], False, *records[0])


def without_reading(
    bounds: Mapping[TopicPartition, Bounds | Unread], positions: Mapping[TopicPartition, int]
) -> dict[TopicPartition, Waiting | Unread]:
    """Return upper bounds by offsets, without reading records."""
    found: dict[TopicPartition, Waiting | Unread] = {}
    for one, log in bounds.items():
        if isinstance(log, Bounds):
            first = max(log.start, positions.get(one, -1) + 1)
            found[one] = Waiting(
                max(0, log.end - first), first >= log.end, first if first < log.end else None
            )
        else:
            found[one] = Waiting(0)
    return found
