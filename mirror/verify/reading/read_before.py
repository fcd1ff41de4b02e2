"""Finds committed offsets before which the source has no record: such a group has read nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from mirror.clients.reader import Reader, Stretch
from mirror.clients.records import TopicPartition, Window

Committed = tuple[TopicPartition, int]
"""A partition and an offset that a group has committed on it."""


def nothing_before(reader: Reader, starts: Mapping[Committed, int]) -> set[Committed]:
    """Those of the offsets before which the log has no record. `starts`: the start of each one's log.

    Transaction markers, aborted and compacted records are offsets without a record. An offset whose log could
    not be read is omitted.
    """
    stretches: dict[TopicPartition, list[Stretch]] = defaultdict(list)
    found: set[Committed] = set()
    for (partition, committed), start in starts.items():
        if committed > start:
            stretches[partition].append(Stretch(partition, start, committed, limit=1))
        else:
            found.add((partition, committed))
    if not stretches:
        return found
    windows = reader.records(one for of_partition in stretches.values() for one in of_partition)
    for partition, asked in stretches.items():
        # Windows are in the order of their stretches. All of a partition begin at its start.
        for stretch, window in zip(asked, windows[partition], strict=True):
            if isinstance(window, Window) and not window.records:
                found.add((partition, stretch.stop))
    return found
