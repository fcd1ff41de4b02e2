"""Reads what groups-translated is judged from, in the order that the check's docstring gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from mirror.clients.reader import Stretch
from mirror.clients.records import Bounds, TopicPartition, Unread, Window
from mirror.clients.sides import Joined, Sides
from mirror.clients.topic_configs import compacted_topics, is_compacted
from mirror.verify.reading.group_logs import FIRST_LOOK, UNREAD_LOOK, Logs, filled, merged
from mirror.verify.reading.group_search import FINE, count_skipped, read_on
from mirror.verify.values.translation import GroupPartition, translation

GroupOffsets = Mapping[str, Mapping[TopicPartition, int] | Unread]


def read_groups(
    sides: Sides,
    translated: GroupOffsets,
    positions: Mapping[TopicPartition, int],
    joined: Sequence[Joined],
    starts: Mapping[TopicPartition, int] = MappingProxyType({}),
    *,
    everywhere: bool = False,
) -> tuple[list[GroupPartition], dict[str, str]]:
    """`translated` (D) and `positions` (P) were read before, in this order; here follow E, C, S and T.

    `everywhere` finds the right offset by content also where MM2 rightly has none. Returns the groups'
    partitions, and the groups whose offsets could not be read, with the reason.
    """
    remote = {one.source: one.target for one in joined}
    target_bounds = sides.target.bounds(remote.values())
    committed = sides.source.group_offsets(translated)
    unreadable = {
        group: offsets.reason
        for answers in (translated, committed)
        for group, offsets in answers.items()
        if isinstance(offsets, Unread)
    }
    wanted = [
        (group, one, offset)
        for group, offsets in committed.items()
        if not isinstance(offsets, Unread) and group not in unreadable
        for one, offset in offsets.items()
        if one in remote
    ]
    source_bounds = sides.source.bounds({one: None for _, one, _ in wanted})
    seen = [
        GroupPartition(
            group,
            one,
            remote[one],
            offset,
            _offset(translated.get(group), remote[one]),
            positions.get(one),
            source_bounds[one],
            target_bounds[remote[one]],
            start=starts.get(one),
        )
        for group, one, offset in wanted
    ]
    on_source, on_target = Logs(sides.source_reader), Logs(sides.target_reader)
    sides.together(lambda: _first_source(on_source, seen), lambda: _first_target(on_target, seen))
    seen = [filled(one, on_source, on_target) for one in seen]
    seen = _read_nothing(sides, seen)
    seen = read_on(sides, seen, on_source, on_target, everywhere)
    seen = count_skipped(seen, on_source, on_target)
    return _explain(sides, seen), unreadable


def _first_source(logs: Logs, seen: Sequence[GroupPartition]) -> None:
    starts: dict[TopicPartition, set[int]] = defaultdict(set)
    ends: dict[TopicPartition, int] = {}
    for one in seen:
        if isinstance(one.source, Bounds) and one.first_unread < one.source.end:
            starts[one.partition].add(one.first_unread)
            ends[one.partition] = one.source.end
    logs.read(merged(starts, ends, UNREAD_LOOK))


def _first_target(logs: Logs, seen: Sequence[GroupPartition]) -> None:
    starts: dict[TopicPartition, set[int]] = defaultdict(set)
    ends: dict[TopicPartition, int] = {}
    for one in seen:
        if isinstance(one.target, Bounds) and one.translated is not None and one.translated < one.target.end:
            starts[one.remote].add(one.translated)
            ends[one.remote] = one.target.end
    logs.read(merged(starts, ends, FIRST_LOOK))


def _read_nothing(sides: Sides, seen: Sequence[GroupPartition]) -> list[GroupPartition]:
    """Where there is no translation: has the group read anything at all?"""
    stretches = {
        (one.partition, one.committed): Stretch(one.partition, one.source.start, one.committed, limit=1)
        for one in seen
        if one.translated is None and isinstance(one.source, Bounds) and one.source.start < one.committed
    }
    found = sides.source_reader.records(stretches.values())
    nothing = {
        (partition, stretch.start, committed)
        for (partition, committed), stretch in stretches.items()
        for window in found.get(partition, ())
        if isinstance(window, Window) and window.start == stretch.start and not window.records
    }
    return [
        replace(one, read_before=False)
        if isinstance(one.source, Bounds)
        and (one.committed <= one.source.start or (one.partition, one.source.start, one.committed) in nothing)
        else one
        for one in seen
    ]


def _offset(offsets: Mapping[TopicPartition, int] | Unread | None, one: TopicPartition) -> int | None:
    return offsets.get(one) if isinstance(offsets, Mapping) else None


def _explain(sides: Sides, seen: list[GroupPartition]) -> list[GroupPartition]:
    """Compaction excuses some of what looks skipped, an active group explains missing translations: asked
    for only where something is wrong."""
    wrong = [one for one in seen if translation(one).state not in FINE]
    if not wrong:
        return seen
    members = sides.target.active_groups(sorted({one.group for one in wrong}))
    configs = compacted_topics(sides, [Joined(one.partition, one.remote) for one in wrong])
    return [
        replace(
            one,
            members=members.get(one.group, 0),
            compacted=is_compacted(configs.get(one.partition.topic)),
        )
        for one in seen
    ]
