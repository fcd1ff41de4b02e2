"""What the log cleaner may have done to the windows of records-match: those of compacted topics, read whole.

A compacted log keeps the last record of each key at least; what is older goes, on each side at its own time.
So neither how many records lie between two offsets nor what stands around a window says anything there, and a
window that differs is read again so that nothing of it can lie outside:

    source   |..  S . S S ... later records of the same keys |   from the window's first record to the end
    target   |.. T0 . S . x x S ... later records of the same keys |   from T0 to the end

T0 is the first target record at or after the window's earliest timestamp: MM2 keeps timestamps, so each copy
is there or behind. What follows on either side says which differences are the cleaner's
(`mirror.verify.values.compacted.unexplained`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mirror.clients.reader import Reader
from mirror.clients.records import Bounds, Record, TopicPartition, Unread, Window
from mirror.clients.stretches import Stretch
from mirror.verify.comparison import Copy
from mirror.verify.reading.places import BothLogs, MirroredRange
from mirror.verify.values.compacted import Later
from mirror.verify.values.probe import Probe

# How far both sides are read; a window that more records follow is not comparable.
LATER_LOOK = 5_000
LATER_SECONDS = 20.0
Key = tuple[TopicPartition, str]
"""A source partition, and the name of a window."""
_NOTHING = Window(0, 0, (), False)


def from_the_start(one: Probe) -> bool:
    """Whether the window begins where the source's log always began, so that every key of it is read."""
    return one.first and one.place in ("head", "whole")


def read_whole(
    logs: BothLogs, probes: Sequence[Probe], places: Mapping[TopicPartition, MirroredRange]
) -> dict[Key, Probe]:
    """These probes with both sides read to the end."""
    windows = {
        (one.partition, one.place): (one, one.window.records)
        for one in probes
        if isinstance(one.window, Window) and isinstance(one.copy, Copy)
    }
    if not windows:
        return {}
    # In this order, whatever is on the target is on the source, too.
    on_target = logs.sides.target.bounds({one.remote for one, _ in windows.values()})
    on_source = logs.sides.source.bounds({one.partition for one, _ in windows.values()})
    first = _first_on_target(
        logs, {key: (one, records) for key, (one, records) in windows.items() if not from_the_start(one)}
    )
    sources = {
        key: (one.partition, 0 if from_the_start(one) else records[0].offset)
        for key, (one, records) in windows.items()
    }
    targets = {key: (one.remote, first.get(key, 0)) for key, (one, _) in windows.items()}
    # Both ends are known, so neither side has to be read first. Readers of little would take many fetches.
    of_source, of_target = logs.sides.together(
        lambda: _to_the_end(logs.sides.source_reader, sources, on_source),
        lambda: _to_the_end(logs.sides.target_reader, targets, on_target),
    )
    return {
        key: _judged_by(one, of_source[key], of_target[key], places[one.partition].cut)
        for key, (one, _) in windows.items()
    }


def _first_on_target(logs: BothLogs, windows: Mapping[Key, tuple[Probe, Sequence[Record]]]) -> dict[Key, int]:
    """The target offset before which no record of the window can be; left out where timestamps cannot say."""
    found: dict[Key, int] = {}
    for place in {place for _, place in windows}:
        earliest = {
            one.remote: (key, min(record.timestamp for record in records))
            for key, (one, records) in windows.items()
            if key[1] == place and not any(record.no_producer_time for record in records)
        }
        offsets = logs.sides.target.offsets_at({remote: when for remote, (_, when) in earliest.items()})
        found |= {earliest[remote][0]: offset for remote, offset in offsets.items()}
    return found


def _to_the_end(
    reader: Reader,
    starts: Mapping[Key, tuple[TopicPartition, int]],
    ends: Mapping[TopicPartition, Bounds | Unread],
) -> dict[Key, Window]:
    """The records from each start on; nothing, and not `at_end`, where they could not be read."""
    longest: dict[TopicPartition, Key] = {}
    for key, (partition, _) in sorted(starts.items(), key=lambda one: one[1]):
        longest.setdefault(partition, key)
    found = _read(reader, {key: starts[key] for key in longest.values()}, ends)
    # What one stretch has read to the end holds the later windows of its partition, too.
    late = {key: where for key, where in starts.items() if key not in found}
    whole = {key: found[longest[partition]] for key, (partition, _) in late.items()}
    parts = {key: _from(whole[key], start) for key, (_, start) in late.items() if whole[key].at_end}
    rest = {key: where for key, where in late.items() if key not in parts}
    return found | parts | _read(reader, rest, ends)


def _from(window: Window, start: int) -> Window:
    records = [record for record in window.records if record.offset >= start]
    return window._replace(start=max(start, window.start), records=records)


def _read(
    reader: Reader,
    starts: Mapping[Key, tuple[TopicPartition, int]],
    ends: Mapping[TopicPartition, Bounds | Unread],
) -> dict[Key, Window]:
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
    if whole and any(record.no_producer_time for record in target.records) and target.start > 0:
        whole = False
    written = _written_from(source, target)
    later = Later(
        _last_offsets(source),
        _last_offsets(target),
        whole,
        alive=frozenset(record.key for record in _last_records(target) if not record.tombstone),
        written_from=written,
        deleted=_deleted(source, target, written) if whole and from_the_start(one) and not cut else (),
    )
    copy = Copy(target.records, from_start=True, at_end=True, cut=cut) if whole else one.copy
    return replace(one, compacted=True, copy=copy, later=later)


def _written_from(source: Window, target: Window) -> int | None:
    """The target offset after the last record that may be a copy; None where its log ends in one.

    Newer than every record of the source: else the source's cleaner may have removed the original.
    """
    if any(record.no_producer_time for record in (*source.records, *target.records)):
        return None
    newest = max((record.timestamp for record in source.records), default=0)
    found = None
    for record in reversed(target.records):
        if record.timestamp <= newest:
            break
        found = record.offset
    return found


def _deleted(source: Window, target: Window, written_from: int | None) -> Sequence[Record]:
    """The last records of keys that have a value on the target, and no record on the source any more. Each
    takes a free offset of the source: without one, the source never had the record."""
    on_source = {record.key for record in source.records}
    found = [
        record
        for record in _last_records(target)
        if record.key is not None
        and not record.tombstone
        and record.key not in on_source
        and (written_from is None or record.offset < written_from)
    ]
    free = source.end - source.start - len(source.records)
    return found if len(found) <= free else ()


def _last_records(window: Window) -> Sequence[Record]:
    return tuple({record.key: record for record in window.records}.values())


def _last_offsets(window: Window) -> dict[int | None, int]:
    return {record.key: record.offset for record in window.records}
