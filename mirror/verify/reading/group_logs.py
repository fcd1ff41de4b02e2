"""The records around group offsets: the stretches of both logs to read, and what was read of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from mirror.clients.reader import Reader
from mirror.clients.records import Record, TopicPartition, Unread, Window, coverage
from mirror.clients.stretches import Stretch
from mirror.verify.values.first_unread import RUN
from mirror.verify.values.group_partition import GroupPartition

# Records read at once after each offset: near the end of a partition translation is exact or nearly so.
FIRST_LOOK = 64
UNREAD_LOOK = 4 * RUN
# Offsets this close to each other are read in one stretch.
NEAR = 2_000


class Logs:
    """What has been read of the partitions of one cluster, so that no record is read twice in a look."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._windows: dict[TopicPartition, list[Window]] = defaultdict(list)
        self._unread: dict[TopicPartition, Unread] = {}

    def read(self, stretches: Sequence[Stretch]) -> None:
        """Read these stretches and keep what they hold."""
        for one, windows in self._reader.records(stretches).items():
            for window in windows:
                if isinstance(window, Unread):
                    self._unread[one] = window
                else:
                    self._windows[one].append(window)

    def since(self, one: TopicPartition, offset: int) -> Window | Unread | None:
        """What is known from an offset on, without gaps; None where nothing is."""
        if one in self._unread:
            return self._unread[one]
        window = coverage(self._windows[one], offset)
        if window is None:
            return None
        return Window(offset, window.end, window.since(offset), window.at_end)


def filled(one: GroupPartition, on_source: Logs, on_target: Logs) -> GroupPartition:
    """The same with the records that were read after its two offsets."""
    unread = on_source.since(one.partition, one.first_unread)
    ahead = None if one.resumes_from is None else on_target.since(one.remote, one.resumes_from)
    return replace(one, unread=unread, ahead=ahead)


def merged(
    starts: Mapping[TopicPartition, set[int]], ends: Mapping[TopicPartition, int], count: int
) -> list[Stretch]:
    """Stretches that hold `count` records after each start; starts near each other share one."""
    stretches = []
    for one, offsets in starts.items():
        run: list[int] = []
        for offset in [*sorted(offsets), None]:
            if run and (offset is None or offset - run[-1] > NEAR):
                stretches.append(Stretch(one, run[0], ends[one], enough=_enough_after(run[-1], count)))
                run = []
            if offset is not None:
                run.append(offset)
    return stretches


def _enough_after(offset: int, count: int) -> Callable[[Record], bool]:
    left = count

    def enough(record: Record) -> bool:
        nonlocal left
        left -= record.offset >= offset
        return left <= 0

    return enough


def after_match(wanted: Record) -> Callable[[Record], bool]:
    """Enough is the wanted record and the run after it that confirms the match."""
    left: int | None = None

    def enough(record: Record) -> bool:
        nonlocal left
        if left is not None:
            left -= 1
        elif record.same_as(wanted):
            left = RUN
        return left is not None and left <= 0

    return enough
