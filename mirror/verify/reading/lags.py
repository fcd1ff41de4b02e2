"""Reads what lag is judged from: the source's first records after MM2's committed positions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from mirror.clients.records import Bounds, TopicPartition, Unread, Window
from mirror.clients.sides import Sides
from mirror.clients.stretches import Stretch
from mirror.text.waiting import Clock
from mirror.verify.reading.bookkeeping import PAUSE_SECONDS
from mirror.verify.values.partition_lag import PartitionLag

# Enough to tell records from markers; beyond it offsets give an upper bound.
RECORDS = 100
# A verification must not wait for hours where the allowed lag is one.
WATCHED_AT_MOST = 120.0
# Without exactly-once, Connect commits positions every `offset.flush.interval.ms`: 5 s in every profile. With
# it, a busy or distant mirror may need as long for what it has.
DRAINED_SECONDS = 8.0


def read_lags(
    sides: Sides, partitions: Sequence[TopicPartition], positions: Mapping[TopicPartition, int]
) -> list[PartitionLag]:
    """`positions` were read before: what was mirrored since looks like lag, never the other way."""
    bounds = sides.source.bounds(partitions)
    stretches = []
    for one in partitions:
        where = bounds[one]
        start = _start(positions.get(one), where)
        if isinstance(where, Bounds) and start < where.end:
            stretches.append(Stretch(one, start, where.end, limit=RECORDS))
    windows = sides.source_reader.records(stretches)
    return [PartitionLag(one, positions.get(one), bounds[one], _only(windows.get(one))) for one in partitions]


def watched(
    lags: Sequence[PartitionLag],
    positions: Callable[[], Mapping[TopicPartition, int]],
    at: float,
    allowed: float,
    clock: Clock = time,
) -> list[PartitionLag]:
    """Watch first missing records with timestamps in the future, until they are mirrored or for the allowed
    lag: such a timestamp would never be late. `at`: when the lags were read. `allowed`: in seconds.
    """
    waiting = {
        one.partition: one.window.records[0].offset
        for one in lags
        if isinstance(one.window, Window) and one.stamped_ahead(at)
    }
    began, limit = clock.monotonic(), min(allowed, WATCHED_AT_MOST) + PAUSE_SECONDS
    while waiting and clock.monotonic() - began < limit:
        clock.sleep(PAUSE_SECONDS)
        now = positions()
        waiting = {one: offset for one, offset in waiting.items() if now.get(one, -1) < offset}
    waited = clock.monotonic() - began
    return [replace(one, waited_seconds=waited) if one.partition in waiting else one for one in lags]


def drained(
    lags: Sequence[PartitionLag],
    positions: Callable[[], Mapping[TopicPartition, int]],
    at: float,
    limit: float,
    clock: Clock = time,
) -> list[PartitionLag]:
    """Look again at the positions of these partitions, whose records look too old: a producer may set any
    timestamp. Everything missing at first and mirrored now was late by the time between at most. `at`: when
    the positions were read first; `limit`: for how many seconds to look again.
    """
    waiting = {one.partition: last for one in lags if (last := last_missing(one)) is not None}
    found: dict[TopicPartition, float] = {}
    began = clock.monotonic()
    while waiting and clock.monotonic() - began < limit:
        clock.sleep(PAUSE_SECONDS)
        now, between = positions(), clock.time() - at
        found |= {one: between for one, last in waiting.items() if now.get(one, -1) >= last}
        waiting = {one: last for one, last in waiting.items() if one not in found}
    return [
        replace(one, drained_seconds=found[one.partition]) if one.partition in found else one for one in lags
    ]


def last_missing(lag: PartitionLag) -> int | None:
    """The source offset up to which the position has to come for everything seen to be mirrored. Where not
    everything was read, it is the log's last: a marker there is no position, but the next record is past it.
    """
    window, bounds = lag.window, lag.bounds
    if not isinstance(window, Window) or not isinstance(bounds, Bounds) or not window.records:
        return None
    complete = window.at_end or window.end >= bounds.end
    return window.records[-1].offset if complete else bounds.end - 1


def _start(position: int | None, bounds: Bounds | Unread) -> int:
    if isinstance(bounds, Unread):
        return 0
    return bounds.start if position is None else max(position + 1, bounds.start)


def _only(windows: Sequence[Window | Unread] | None) -> Window | Unread | None:
    return windows[0] if windows else None
