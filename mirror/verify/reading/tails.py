"""Reads what tail-matches is judged from, in the order that the check's docstring gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from mirror.clients.cluster import Cluster
from mirror.clients.newest_records import newest_records
from mirror.clients.records import Bounds, Record, TopicPartition, Unread, Window, coverage
from mirror.clients.retention import compacted_topics, is_compacted
from mirror.clients.sides import Joined, Sides
from mirror.clients.stretches import Stretch
from mirror.verify.reading.held_back import held_now
from mirror.verify.values.tail import Tail, matched, tail_verdict

# Nearly always T is P's record or one of the next few.
FIRST_LOOK = 64
# How far the mirror may have moved on between the reads, and how far back missing records are counted.
FAR_LOOK = 50_000
LOOK_BACK = 1_000


def read_tails(
    sides: Sides,
    joined: Sequence[Joined],
    positions: Mapping[TopicPartition, int],
    starts: Mapping[TopicPartition, int] = MappingProxyType({}),
) -> list[Tail]:
    """`positions` (P) were read before; here follow the target's newest records (T), then the source (S)."""
    target_bounds = sides.target.bounds(one.target for one in joined)
    newest = newest_records(
        sides.target_reader,
        {one: where for one, where in target_bounds.items() if isinstance(where, Bounds)},
    )
    source_bounds = sides.source.bounds(one.source for one in joined)
    tails = [
        Tail(
            one.source,
            one.target,
            positions.get(one.source),
            source_bounds[one.source],
            target_bounds[one.target],
            newest.get(one.target),
            None,
            start=starts.get(one.source),
        )
        for one in joined
    ]
    tails = _read_windows(sides, tails, FIRST_LOOK)
    open_ = [one for one in tails if not matched(one)]
    if not open_:
        return tails
    emptied = _read_before(sides, [one for one in open_ if one.newest is None])
    open_ = _read_windows(sides, [one for one in open_ if isinstance(one.newest, Record)], FAR_LOOK)
    open_ = _read_by_timestamp(sides, open_)
    open_ = [*emptied, *_read_copies(sides, _read_before(sides, open_))]
    better = {one.partition: one for one in open_}
    tails = [better.get(one.partition, one) for one in tails]
    return _with_configs(sides, tails)


def with_hidden(target: Cluster, tails: Sequence[Tail], now: float) -> list[Tail]:
    """Where the newest records look wrong: whether an open transaction on the target hides newer ones."""
    wrong = [one.remote for one in tails if tail_verdict(one, now).finding is not None]
    held = held_now(target, wrong) if wrong else {}
    return [replace(one, held=held.get(one.remote)) for one in tails]


def _read_windows(sides: Sides, tails: Sequence[Tail], limit: int) -> list[Tail]:
    """Goes on reading each window, until its partition's newest record, the end or the limit."""
    stretches = []
    for one in tails:
        if not isinstance(one.source, Bounds) or isinstance(one.window, Unread):
            continue
        start = one.window.end if one.window else _start(one.position, one.source)
        if start < one.source.end and not (one.window and one.window.at_end):
            stretches.append(Stretch(one.partition, start, one.source.end, limit, _is(one.newest)))
    windows = sides.source_reader.records(stretches)
    return [replace(one, window=_joined(one, windows.get(one.partition))) for one in tails]


def _read_by_timestamp(sides: Sides, tails: Sequence[Tail]) -> list[Tail]:
    """Where the target is further ahead of the position than was read: look for its newest record where the
    source has its timestamp, which MM2 keeps. Without exactly-once, positions are some seconds old.
    """
    stamps = {
        one.partition: one.newest.timestamp
        for one in tails
        if isinstance(one.newest, Record) and isinstance(one.window, Window) and not one.window.at_end
        if not matched(one)
    }
    offsets = sides.source.offsets_at(stamps) if stamps else {}
    windows = sides.source_reader.records(
        Stretch(one.partition, max(offset, one.window.end), one.source.end, FAR_LOOK, _is(one.newest))
        for one in tails
        if isinstance(one.window, Window) and isinstance(one.source, Bounds)
        if (offset := offsets.get(one.partition)) is not None
    )
    found = {
        one.partition: better
        for one in tails
        if one.partition in windows and matched(better := replace(one, window=windows[one.partition][0]))
    }
    return [found.get(one.partition, one) for one in tails]


def _joined(one: Tail, fresh: Sequence[Window | Unread] | None) -> Window | Unread | None:
    if not fresh:
        if one.window is None and isinstance(one.source, Bounds):
            start = _start(one.position, one.source)
            return Window(start, start, (), True)
        return one.window
    [more] = fresh
    if isinstance(more, Unread) or not isinstance(one.window, Window):
        return _finished(more, one)
    both = coverage([one.window, more], one.window.start)
    return None if both is None else _finished(both, one)


def _finished(window: Window | Unread, one: Tail) -> Window | Unread:
    """A window read up to the source's end, as it was after T was read, lacks nothing."""
    if isinstance(window, Window) and isinstance(one.source, Bounds) and window.end >= one.source.end:
        return window._replace(at_end=True)
    return window


def _read_before(sides: Sides, tails: Sequence[Tail]) -> list[Tail]:
    stretches = []
    for one in tails:
        if matched(one) or one.position is None or not isinstance(one.source, Bounds):
            continue
        start = max(one.source.start, one.position - LOOK_BACK)
        if start < one.position:
            stretches.append(Stretch(one.partition, start, one.position))
    windows = sides.source_reader.records(stretches)
    return [
        replace(one, before=windows[one.partition][0]) if one.partition in windows else one for one in tails
    ]


def _read_copies(sides: Sides, tails: Sequence[Tail]) -> list[Tail]:
    """Read the target from the copies of the source's last records on: what follows them there?

    MM2 keeps timestamps, so the first target record at or after the earliest of them is at or before their
    copies; where none is, the target's last records are read.
    """
    records = {one.remote: last for one in tails if not matched(one) and (last := _last_records(one))}
    offsets = sides.target.offsets_at(
        {remote: min(record.timestamp for record in last) for remote, last in records.items()}
    )
    stretches = [
        Stretch(
            one.remote,
            max(one.target.start, offsets.get(one.remote, one.target.end - LOOK_BACK)),
            one.target.end,
            FAR_LOOK,
            records[one.remote][-1].same_as,
        )
        for one in tails
        if one.remote in records and isinstance(one.target, Bounds)
    ]
    windows = sides.target_reader.records(stretches)
    return [replace(one, on_target=windows[one.remote][0]) if one.remote in windows else one for one in tails]


def _last_records(one: Tail) -> Sequence[Record]:
    """The source's last records, as far as they were read; none where there is nothing to look for."""
    if not isinstance(one.newest, Record) or isinstance(one.before, Unread):
        return ()
    if not isinstance(one.window, Window) or not one.window.at_end:
        return ()
    return [*(one.before.records if one.before else ()), *one.window.records]


def _with_configs(sides: Sides, tails: Sequence[Tail]) -> list[Tail]:
    """Compaction and retention excuse some differences: asked for only where there is one to excuse."""
    unclear = [
        Joined(one.partition, one.remote)
        for one in tails
        if not matched(one) and (isinstance(one.newest, Record) or one.position is not None)
    ]
    if not unclear:
        return list(tails)
    configs = compacted_topics(sides, unclear)
    return [
        replace(
            one,
            compacted=is_compacted(configs.get(one.partition.topic)),
            target_retention_ms=_milliseconds(configs.get(one.partition.topic, {}).get("retention.ms")),
        )
        for one in tails
    ]


def _milliseconds(text: str | None) -> int | None:
    return int(text) if text is not None and text.lstrip("-").isdigit() else None


def _start(position: int | None, bounds: Bounds) -> int:
    return bounds.start if position is None else max(position, bounds.start)


def _is(newest: Record | Unread | None) -> Callable[[Record], bool] | None:
    return newest.same_as if isinstance(newest, Record) else None
