"""Finds committed offsets before which the source has no record: such a group has read nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from mirror.clients.reader import Reader
from mirror.clients.records import TopicPartition, Window
from mirror.clients.stretches import Stretch

Committed = tuple[TopicPartition, int]
"""A partition and an offset that a group has committed on it."""


def nothing_before(reader: Reader, starts: Mapping[Committed, int]) -> set[Committed]:
    """Those of the offsets before which the log has no record. `starts`: the start of each one's log.

    Transaction markers, aborted and compacted records are offsets without a record. An offset whose log could
    not be read is omitted.
    """
    ends: dict[TopicPartition, int] = defaultdict(int)
    for (partition, committed), start in starts.items():
        if committed > start:
            ends[partition] = max(ends[partition], committed)
    begins = {partition: start for (partition, _), start in starts.items()}
    # One stretch a partition: its first record tells it of every offset, and each stretch is a round trip.
    windows = (
        reader.records(Stretch(one, begins[one], end, limit=1) for one, end in ends.items()) if ends else {}
    )
    firsts: dict[TopicPartition, float] = {
        one: window.records[0].offset if window.records else float("inf")
        for one, [window] in windows.items()
        if isinstance(window, Window)
    }
    return {
        (partition, committed)
        for (partition, committed), start in starts.items()
        if committed <= max(start, firsts.get(partition, start))
    }
