"""Finds the last committed record of many partitions."""

from __future__ import annotations

from collections.abc import Mapping

from mirror.clients.reader import Reader
from mirror.clients.records import Record, TopicPartition, Unread
from mirror.clients.stretches import Stretch


def newest_records(
    reader: Reader, ends: Mapping[TopicPartition, tuple[int, int]], first_step: int = 16
) -> dict[TopicPartition, Record | Unread | None]:
    """The last committed record before each partition's end; None where its log holds none.

    The last offsets may belong to transaction markers or aborted records. So this reads backwards from the
    end in steps of doubled size, until it finds a record or reaches the start of the log.

        start                                              end
          |------------------------------------o-m-m-a-a-m--|
                              |<---- 32 ---->|<---- 16 ---->|
    """
    found: dict[TopicPartition, Record | Unread | None] = {}
    open_: dict[TopicPartition, tuple[int, int]] = {}
    for one, (start, end) in ends.items():
        if start < end:
            open_[one] = (start, end)
        else:
            found[one] = None
    step = first_step
    while open_:
        windows = reader.records(
            Stretch(one, max(start, end - step), end) for one, (start, end) in open_.items()
        )
        for one, [window] in windows.items():
            start, end = open_[one]
            if isinstance(window, Unread):
                found[one] = window
                del open_[one]
            elif window.records:
                found[one] = window.records[-1]
                del open_[one]
            elif window.start <= start:
                found[one] = None
                del open_[one]
            else:
                open_[one] = (start, window.start)
        step *= 2
    return found
