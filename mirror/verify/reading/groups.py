"""Reads what groups-translated is judged from, in the order that the check's docstring gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from mirror.clients.group_offsets import Commit
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.clients.retention import compacted_topics, is_compacted
from mirror.clients.sides import Joined, Sides
from mirror.verify.reading.group_logs import FIRST_LOOK, UNREAD_LOOK, Logs, filled, merged
from mirror.verify.reading.group_search import FINE, count_skipped, read_on
from mirror.verify.reading.read_before import nothing_before
from mirror.verify.values.group_partition import GroupPartition
from mirror.verify.values.translation import translation

GroupOffsets = Mapping[str, Mapping[TopicPartition, int] | Unread]


def read_groups(
    sides: Sides,
    translated: GroupOffsets,
    positions: Mapping[TopicPartition, int],
    joined: Sequence[Joined],
    starts: Mapping[TopicPartition, int] = MappingProxyType({}),
    copy_ends: Mapping[TopicPartition, int] = MappingProxyType({}),
    *,
    everywhere: bool = False,
) -> tuple[list[GroupPartition], dict[str, str]]:
    """`translated` (D) and `positions` (P) were read before, in this order; here follow E, C, S and T.

    `everywhere` finds the right offset by content also where MM2 rightly has none. `copy_ends`: the end of
    the copy before MM2 wrote to it. Where it has records from before, as the originals on a way back, a group
    before the start of the mirror continues among them, and skips none: that is looked for with `everywhere`.
    Returns the groups' partitions, and the groups whose offsets could not be read, with the reason.
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
    originals = {one for one, end in copy_ends.items() if everywhere and end}
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
            start=None if one in originals else starts.get(one),
            originals=one in originals,
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
        at = one.resumes_from
        if isinstance(one.target, Bounds) and at is not None and at < one.target.end:
            starts[one.remote].add(at)
            ends[one.remote] = one.target.end
    logs.read(merged(starts, ends, FIRST_LOOK))


def _read_nothing(sides: Sides, seen: Sequence[GroupPartition]) -> list[GroupPartition]:
    """Where there is no translation: has the group read anything at all?"""
    starts = {
        (one.partition, one.committed): one.source.start
        for one in seen
        if one.translated is None and isinstance(one.source, Bounds)
    }
    nothing = nothing_before(sides.source_reader, starts)
    return [
        replace(one, read_before=False)
        if one.translated is None and (one.partition, one.committed) in nothing
        else one
        for one in seen
    ]


def _explain(sides: Sides, seen: list[GroupPartition]) -> list[GroupPartition]:
    """Compaction excuses some of what looks skipped; members on either side and who committed the offset tell
    a group that has moved. Asked for only where something is wrong."""
    wrong = [one for one in seen if translation(one).state not in FINE]
    if not wrong:
        return seen
    groups = sorted({one.group for one in wrong})
    here, there = sides.together(lambda: sides.source.members(groups), lambda: sides.target.members(groups))
    commits = sides.target.group_commits(groups)
    configs = compacted_topics(sides, [Joined(one.partition, one.remote) for one in wrong])
    seen = [replace(one, compacted=is_compacted(configs.get(one.partition.topic))) for one in seen]
    return [_with_evidence(one, here, there, commits) if one.group in here else one for one in seen]


def _with_evidence(
    one: GroupPartition,
    here: Mapping[str, int | Unread],
    there: Mapping[str, int | Unread],
    commits: Mapping[str, Mapping[TopicPartition, Commit] | Unread],
) -> GroupPartition:
    on_source, on_target, answer = here[one.group], there[one.group], commits[one.group]
    commit = None if isinstance(answer, Unread) else answer.get(one.remote)
    return replace(
        one,
        members=0 if isinstance(on_target, Unread) else on_target,
        members_on_source=None if isinstance(on_source, Unread) else on_source,
        leader_epoch=commit.leader_epoch if commit else None,
        later=commit.offset if commit else None,
    )


def _offset(offsets: Mapping[TopicPartition, int] | Unread | None, one: TopicPartition) -> int | None:
    return offsets.get(one) if isinstance(offsets, Mapping) else None
