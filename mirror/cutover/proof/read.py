"""Reads the last records of every mirrored partition from both clusters."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from mirror.clients.reader import Reader
from mirror.clients.records import Bounds, TopicPartition, Unread, Window
from mirror.clients.retention import compacted_topics, is_compacted
from mirror.clients.sides import Joined, Sides
from mirror.clients.stretches import Stretch
from mirror.cutover.proof.tails import OFFSETS, LastRecords

_Bounds = Mapping[TopicPartition, Bounds | Unread]


def read_last(
    sides: Sides,
    joined: Sequence[Joined],
    starts: Mapping[TopicPartition, int],
    copy_ends: Mapping[TopicPartition, int],
) -> tuple[list[LastRecords], list[str]]:
    """Return the last records of each partition, and the compacted topics, which are left out: the two
    clusters compact them at different times. Raises CouldNotRun.

    `starts`: the last source offset that is left out on purpose, of partitions that have one. `copy_ends`:
    the end of the copy before the mirror wrote to it, by source partition, where there was one.
    """
    configs = compacted_topics(sides, joined)
    compacted = sorted({one.source.topic for one in joined if is_compacted(configs.get(one.source.topic))})
    wanted = [one for one in joined if one.source.topic not in compacted]
    sources, targets = sides.together(
        lambda: sides.source.bounds(one.source for one in wanted),
        lambda: sides.target.bounds(one.target for one in wanted),
    )
    here, there = sides.together(
        lambda: _read(sides.source_reader, sources), lambda: _read(sides.target_reader, targets)
    )
    found = [
        LastRecords(
            one.source,
            here[one.source],
            there[one.target],
            _whole(sources[one.source]),
            _whole(targets[one.target], copy_ends.get(one.source, 0)),
            starts.get(one.source, -1),
            copy_ends.get(one.source, 0),
        )
        for one in wanted
    ]
    return found, compacted


def _read(reader: Reader, bounds: _Bounds) -> dict[TopicPartition, Window | Unread]:
    stretches = [
        Stretch(one, _start(log), log.end)
        for one, log in bounds.items()
        if isinstance(log, Bounds) and not log.empty
    ]
    windows = reader.records(stretches)
    return {one: _window(log, windows.get(one)) for one, log in bounds.items()}


def _window(log: Bounds | Unread, read: Collection[Window | Unread] | None) -> Window | Unread:
    if isinstance(log, Unread):
        return log
    return next(iter(read)) if read else Window(log.start, log.end, (), True)


def _start(log: Bounds) -> int:
    return max(log.start, log.end - OFFSETS)


def _whole(log: Bounds | Unread, begin: int = 0) -> bool:
    """Whether everything is read that was ever written to the log from offset `begin` on: retention has
    deleted none of it, and the stretch is long enough.
    """
    return isinstance(log, Bounds) and _start(log) <= begin
