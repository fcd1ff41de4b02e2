"""What the log cleaner may have done to the windows of records-match: those of compacted topics, read whole.

A compacted log keeps the last record of each key at least; what is older goes, on each side at its own time.
So neither how many records lie between two offsets nor what stands around a window says anything there, and a
window that differs is read again so that nothing of it can lie outside:

    source   |..  S . S S ... later records of the same keys |   from the window's first record to the end
    target   |.. T0 . S . x x S ... later records of the same keys |   from T0 to the end

T0 is the first target record at or after the window's earliest timestamp: MM2 keeps timestamps, so each copy
is there or behind. What follows on either side says which differences are the cleaner's
(`mirror.verify.comparison.unexplained`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mirror.clients.reader import Reader, Stretch
from mirror.clients.records import Bounds, Record, TopicPartition, Unread, Window
from mirror.clients.sides import Joined
from mirror.clients.topic_configs import compacted_topics, is_compacted
from mirror.verify.comparison import Copy
from mirror.verify.reading.places import BothLogs, MirroredRange
from mirror.verify.values.probe import Later, Probe, probe_verdict

# How far both sides are read; a window that more records follow is not comparable.
LATER_LOOK = 5_000
LATER_SECONDS = 20.0
_Key = tuple[TopicPartition, str]
_NOTHING = Window(0, 0, (), False)


def with_excuses(
    logs: BothLogs, probes: list[Probe], places: Mapping[TopicPartition, MirroredRange]
) -> list[Probe]:
    """The probes; those that differ on a compacted topic are read whole, with what follows on either side."""
    wrong = [one for one in probes if probe_verdict(one, exactly_once=True).state == "different"]
    if not wrong:
        return probes
    configs = compacted_topics(logs.sides, [Joined(one.partition, one.remote) for one in wrong])
    compacted = {one.partition for one in wrong if is_compacted(configs.get(one.partition.topic))}
    again = _whole(logs, [one for one in wrong if one.partition in compacted], places)
    return [again.get((one.partition, one.place), one) for one in probes]


def _whole(
    logs: BothLogs, probes: Sequence[Probe], places: Mapping[TopicPartition, MirroredRange]
) -> dict[_Key, Probe]:
    """These probes with both sides read to the end."""
    windows = {
        (one.partition, one.place): (one, one.window.records)
        for one in probes
        if isinstance(one.window, Window) and isinstance(one.copy, Copy)
    }
    if not windows:
        return {}
    on_source, on_target = logs.sides.together(
        lambda: logs.sides.source.bounds({one.partition for one, _ in windows.values()}),
        lambda: logs.sides.target.bounds({one.remote for one, _ in windows.values()}),
    )
    first = _first_on_target(logs, windows)
    sources = {key: (one.partition, records[0].offset) for key, (one, records) in windows.items()}
    targets = {key: (one.remote, first.get(key, 0)) for key, (one, _) in windows.items()}
    of_source = _to_the_end(logs.source, sources, on_source)
    of_target = _to_the_end(logs.target, targets, on_target)
    return {
        key: _judged_by(one, of_source[key], of_target[key], places[one.partition].cut)
        for key, (one, _) in windows.items()
    }


def _first_on_target(
    logs: BothLogs, windows: Mapping[_Key, tuple[Probe, Sequence[Record]]]
) -> dict[_Key, int]:
    """The target offset before which no record of the window can be; left out where timestamps cannot say."""
    found: dict[_Key, int] = {}
    for place in {place for _, place in windows}:
        earliest = {
            one.remote: (key, min(record.timestamp for record in records))
            for key, (one, records) in windows.items()
            if key[1] == place and not any(record.log_append_time for record in records)
        }
        offsets = logs.sides.target.offsets_at({remote: when for remote, (_, when) in earliest.items()})
        found |= {earliest[remote][0]: offset for remote, offset in offsets.items()}
    return found


def _to_the_end(
    reader: Reader,
    starts: Mapping[_Key, tuple[TopicPartition, int]],
    ends: Mapping[TopicPartition, Bounds | Unread],
) -> dict[_Key, Window]:
    """The records from each start on; nothing, and not `at_end`, where they could not be read."""
    stretches = {
        key: Stretch(partition, max(start, end.start), end.end, LATER_LOOK)
        for key, (partition, start) in starts.items()
        if isinstance(end := ends[partition], Bounds)
    }
    read = {
        partition: iter(found)
        for partition, found in reader.records(stretches.values(), LATER_SECONDS).items()
    }
    found = dict.fromkeys(starts, _NOTHING)
    for key, stretch in stretches.items():
        window = next(read[stretch.partition])
        if isinstance(window, Window):
            found[key] = window._replace(at_end=window.at_end or window.end >= stretch.stop)
    return found


def _judged_by(one: Probe, source: Window, target: Window, cut: bool) -> Probe:
    whole = source.at_end and target.at_end
    # Where the target stamps records on arrival, a timestamp of the source leads nowhere.
    if whole and any(record.log_append_time for record in target.records) and target.start > 0:
        whole = False
    later = Later(_last_offsets(source), _last_offsets(target), whole)
    copy = Copy(target.records, from_start=True, at_end=True, cut=cut) if whole else one.copy
    return replace(one, compacted=True, copy=copy, later=later)


def _last_offsets(window: Window) -> dict[int | None, int]:
    return {record.key: record.offset for record in window.records}
