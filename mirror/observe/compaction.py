"""What the log cleaner may have done to the windows of records-match: which keys occur again after them.

A compacted log keeps the last record of each key at least; what is older goes, on each side at its own time.
So a window that differs on a compacted topic is judged by what follows it (`mirror.comparison.unexplained`),
and that is read here, only for the windows that differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mirror.checks.records_match import Later, Probe, verdict
from mirror.comparison import Copy
from mirror.observe.model import Bounds, TopicPartition, Unread, Window
from mirror.observe.places import BothLogs
from mirror.observe.reader import Reader, Stretch
from mirror.observe.sides import Joined, compacted_topics, is_compacted

# How far both sides are read on for later records of a key; further away, a window is not comparable.
LATER_LOOK = 5_000
LATER_SECONDS = 20.0
_Key = tuple[TopicPartition, str]


def with_excuses(logs: BothLogs, probes: list[Probe]) -> list[Probe]:
    """The probes, those that differ on a compacted topic with what follows them on either side."""
    wrong = [one for one in probes if verdict(one, exactly_once=True).state == "different"]
    if not wrong:
        return probes
    configs = compacted_topics(logs.sides, [Joined(one.partition, one.remote) for one in wrong])
    compacted = {one.partition for one in wrong if is_compacted(configs.get(one.partition.topic))}
    if not compacted:
        return probes
    later = _later(logs, [one for one in wrong if one.partition in compacted])
    return [
        replace(one, compacted=one.partition in compacted, later=later.get((one.partition, one.place)))
        for one in probes
    ]


def _later(logs: BothLogs, probes: Sequence[Probe]) -> dict[_Key, Later]:
    """Where each key occurs last, on either side, from the window on."""
    windows = {
        (one.partition, one.place): (one, one.window, one.copy)
        for one in probes
        if isinstance(one.window, Window) and isinstance(one.copy, Copy)
    }
    on_source, on_target = logs.sides.together(
        lambda: logs.sides.source.bounds({one.partition for one, _, _ in windows.values()}),
        lambda: logs.sides.target.bounds({one.remote for one, _, _ in windows.values()}),
    )
    sources = {key: (one.partition, window.records[0].offset) for key, (one, window, _) in windows.items()}
    targets = {key: (one.remote, _start_of(copy)) for key, (one, _, copy) in windows.items()}
    of_source = _last_offsets(logs.source, sources, on_source)
    of_target = _last_offsets(logs.target, targets, on_target)
    return {
        key: Later(of_source[key][0], of_target[key][0], of_source[key][1] and of_target[key][1])
        for key in windows
    }


def _last_offsets(
    reader: Reader,
    starts: Mapping[_Key, tuple[TopicPartition, int]],
    ends: Mapping[TopicPartition, Bounds | Unread],
) -> dict[_Key, tuple[dict[int | None, int], bool]]:
    """The last offset of each key from each start on, and whether that is the whole rest of the log."""
    stretches = {
        key: Stretch(partition, start, end.end, LATER_LOOK)
        for key, (partition, start) in starts.items()
        if isinstance(end := ends[partition], Bounds)
    }
    read = {
        partition: iter(found)
        for partition, found in reader.records(stretches.values(), LATER_SECONDS).items()
    }
    found: dict[_Key, tuple[dict[int | None, int], bool]] = {key: ({}, False) for key in starts}
    for key, stretch in stretches.items():
        window = next(read[stretch.partition])
        if isinstance(window, Window):
            whole = window.at_end or window.end >= stretch.stop
            found[key] = ({record.key: record.offset for record in window.records}, whole)
    return found


def _start_of(copy: Copy) -> int:
    return copy.records[0].offset if copy.records else 0
