"""Reads what lag is judged from: the source's first records after MM2's committed positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mirror.clients.reader import Stretch
from mirror.clients.records import Bounds, TopicPartition, Unread, Window
from mirror.clients.sides import Sides
from mirror.verify.values.partition_lag import PartitionLag

# Enough to tell records from markers; beyond it offsets give an upper bound.
RECORDS = 100


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


def last_missing(lag: PartitionLag) -> int | None:
    """The source offset up to which the position has to come for everything seen to be mirrored; None where
    not everything was read."""
    window, bounds = lag.window, lag.bounds
    if not isinstance(window, Window) or not isinstance(bounds, Bounds) or not window.records:
        return None
    complete = window.at_end or window.end >= bounds.end
    return window.records[-1].offset if complete else None


def _start(position: int | None, bounds: Bounds | Unread) -> int:
    if isinstance(bounds, Unread):
        return 0
    return bounds.start if position is None else max(position + 1, bounds.start)


def _only(windows: Sequence[Window | Unread] | None) -> Window | Unread | None:
    return windows[0] if windows else None
