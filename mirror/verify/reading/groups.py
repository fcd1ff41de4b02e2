"""Reads what groups-translated is judged from, in the order that the check's docstring gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from mirror.clients.reader import Reader, Stretch
from mirror.clients.records import Bounds, Record, TopicPartition, Unread, Window, coverage
from mirror.clients.sides import Joined, Sides
from mirror.clients.topic_configs import compacted_topics, is_compacted
from mirror.verify.values.translation import RUN, GroupPartition, TranslationState, find, translation

FINE: tuple[TranslationState, ...] = ("safe", "nothing-read", "before-start")
"""States that need no explanation."""
NOT_LOCATED: tuple[TranslationState, ...] = ("safe",)
"""States in which the first unread record is among the records ahead, or is known not to be mirrored yet."""
# Records read at once after each offset: near the end of a partition translation is exact or nearly so.
FIRST_LOOK = 64
UNREAD_LOOK = 4 * RUN
# Records read at most for one group on one partition; beyond it re-reads are "more than".
FAR_LOOK = 50_000
# Offsets this close to each other are read in one stretch.
NEAR = 2_000
# Equal or unordered timestamps: how many records after the place that a timestamp names are looked at.
TIMESTAMP_LOOK = 2_000

GroupOffsets = Mapping[str, Mapping[TopicPartition, int] | Unread]


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
    seen = [_filled(one, on_source, on_target) for one in seen]
    seen = _read_nothing(sides, seen)
    seen = _read_on(sides, seen, on_source, on_target, everywhere)
    seen = _count_skipped(seen, on_source, on_target)
    return _explain(sides, seen), unreadable


def _first_source(logs: Logs, seen: Sequence[GroupPartition]) -> None:
    starts: dict[TopicPartition, set[int]] = defaultdict(set)
    ends: dict[TopicPartition, int] = {}
    for one in seen:
        if isinstance(one.source, Bounds) and one.first_unread < one.source.end:
            starts[one.partition].add(one.first_unread)
            ends[one.partition] = one.source.end
    logs.read(_merged(starts, ends, UNREAD_LOOK))


def _first_target(logs: Logs, seen: Sequence[GroupPartition]) -> None:
    starts: dict[TopicPartition, set[int]] = defaultdict(set)
    ends: dict[TopicPartition, int] = {}
    for one in seen:
        if isinstance(one.target, Bounds) and one.translated is not None and one.translated < one.target.end:
            starts[one.remote].add(one.translated)
            ends[one.remote] = one.target.end
    logs.read(_merged(starts, ends, FIRST_LOOK))


def _merged(
    starts: Mapping[TopicPartition, set[int]], ends: Mapping[TopicPartition, int], count: int
) -> list[Stretch]:
    """Stretches that hold `count` records after each start; starts near each other share one."""
    stretches = []
    for one, offsets in starts.items():
        run: list[int] = []
        for offset in [*sorted(offsets), None]:
            if run and (offset is None or offset - run[-1] > NEAR):
                stretches.append(Stretch(one, run[0], ends[one], enough=_after(run[-1], count)))
                run = []
            if offset is not None:
                run.append(offset)
    return stretches


def _after(offset: int, count: int) -> Callable[[Record], bool]:
    left = count

    def enough(record: Record) -> bool:
        nonlocal left
        left -= record.offset >= offset
        return left <= 0

    return enough


def _filled(one: GroupPartition, on_source: Logs, on_target: Logs) -> GroupPartition:
    unread = on_source.since(one.partition, one.first_unread)
    ahead = None if one.translated is None else on_target.since(one.remote, one.translated)
    return replace(one, unread=unread, ahead=ahead)


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


def _needs_more(one: GroupPartition) -> bool:
    """Whether reading on at the target can still tell something."""
    if not isinstance(one.ahead, Window) or not isinstance(one.target, Bounds):
        return False
    if one.ahead.at_end or one.ahead.end >= one.target.end or len(one.ahead.records) >= FAR_LOOK:
        return False
    unread = one.unread_records
    return not unread or find(unread, one.ahead.records, one.compacted) is None


def _read_on(
    sides: Sides, seen: list[GroupPartition], on_source: Logs, on_target: Logs, everywhere: bool
) -> list[GroupPartition]:
    """Reads on at the target for the groups far from their first unread record: one stretch a partition at
    a time, because what one group needs often serves the next."""
    while True:
        stretches: dict[TopicPartition, Stretch] = {}
        for one in seen:
            if not isinstance(one.ahead, Window) or not isinstance(one.target, Bounds):
                continue
            if one.remote in stretches or not _needs_more(one):
                continue
            first = one.unread_records[0] if one.unread_records else None
            stretches[one.remote] = Stretch(
                one.remote,
                one.ahead.end,
                one.target.end,
                limit=FAR_LOOK - len(one.ahead.records),
                enough=_after_match(first) if first else None,
            )
        if not stretches:
            break
        on_target.read(list(stretches.values()))
        seen = [_filled(one, on_source, on_target) if one.remote in stretches else one for one in seen]
    return _locate(sides, seen, NOT_LOCATED if everywhere else FINE)


def _after_match(wanted: Record) -> Callable[[Record], bool]:
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


def _locate(
    sides: Sides, seen: list[GroupPartition], but: Collection[TranslationState] = FINE
) -> list[GroupPartition]:
    """Finds the target offset of the first unread record by its timestamp, which MM2 keeps: where it lies too
    far ahead to be reached by reading, and where there is no usable translation, so that people can be told
    the right one."""
    far: dict[TopicPartition, list[GroupPartition]] = defaultdict(list)
    located: dict[tuple[str, TopicPartition], int] = {}
    for one in seen:
        if translation(one).state in but or not isinstance(one.target, Bounds):
            continue
        if one.unread_records:
            far[one.remote].append(one)
        elif isinstance(one.source, Bounds) and one.committed >= one.source.end:
            located[(one.group, one.remote)] = one.target.end
    while far:
        asked = {remote: waiting.pop() for remote, waiting in far.items()}
        far = {remote: waiting for remote, waiting in far.items() if waiting}
        firsts = {remote: one.unread_records[0] for remote, one in asked.items()}
        offsets = sides.target.offsets_at({remote: first.timestamp for remote, first in firsts.items()})
        stretches = [
            Stretch(remote, offset, bounds.end, TIMESTAMP_LOOK, firsts[remote].same_as)
            for remote, offset in offsets.items()
            if isinstance(bounds := asked[remote].target, Bounds) and offset < bounds.end
        ]
        for remote, [window] in sides.target_reader.records(stretches).items():
            if isinstance(window, Window) and window.records and window.records[-1].same_as(firsts[remote]):
                located[(asked[remote].group, remote)] = window.records[-1].offset
    return [replace(one, located=located.get((one.group, one.remote))) for one in seen]


def _count_skipped(seen: list[GroupPartition], on_source: Logs, on_target: Logs) -> list[GroupPartition]:
    """Where records would be skipped: reads the source up to the position, to say how many."""
    unsafe = [one for one in seen if translation(one).state == "unsafe"]
    stretches = [
        Stretch(one.partition, one.unread.end, min(one.position + 1, one.source.end), limit=FAR_LOOK)
        for one in unsafe
        if isinstance(one.unread, Window) and one.position is not None and isinstance(one.source, Bounds)
    ]
    if not stretches:
        return seen
    on_source.read(stretches)
    affected = {one.partition for one in unsafe}
    return [
        replace(_filled(one, on_source, on_target), located=one.located) if one.partition in affected else one
        for one in seen
    ]


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


def _offset(offsets: Mapping[TopicPartition, int] | Unread | None, one: TopicPartition) -> int | None:
    return offsets.get(one) if isinstance(offsets, Mapping) else None
