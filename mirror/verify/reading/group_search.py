"""Finds the first record that a group has not read on the target, where it is far from the group's offset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from mirror.clients.records import Bounds, Record, TopicPartition, Window
from mirror.clients.retention import compacted_topics, is_compacted
from mirror.clients.sides import Joined, Sides
from mirror.clients.stretches import Stretch
from mirror.verify.reading.group_logs import Logs, after_match, filled
from mirror.verify.values.group_partition import GroupPartition
from mirror.verify.values.translation import TranslationState, first_unread_place, translation

FINE: tuple[TranslationState, ...] = ("safe", "nothing-read", "before-start")
"""States that need no explanation."""
NOT_LOCATED: tuple[TranslationState, ...] = ("safe",)
"""States in which the first unread record is among the records ahead, or is known not to be mirrored yet."""
# Records read at most for one group on one partition; beyond it re-reads are "more than".
FAR_LOOK = 50_000
# The same for all groups of a look together, which is some 500 MB: for the others there is the timestamp.
FAR_LOOK_IN_ALL = 2_000_000
# Equal or unordered timestamps: how many records after the place that a timestamp names are looked at.
TIMESTAMP_LOOK = 2_000
# Requests for offsets of timestamps that are sent together.
AT_ONCE = 100


def _needs_more(one: GroupPartition) -> bool:
    """Whether reading on at the target can still tell something."""
    if not isinstance(one.ahead, Window) or not isinstance(one.target, Bounds):
        return False
    if one.ahead.at_end or one.ahead.end >= one.target.end or len(one.ahead.records) >= FAR_LOOK:
        return False
    return not one.unread_records or first_unread_place(one) is None


def read_on(
    sides: Sides, seen: list[GroupPartition], on_source: Logs, on_target: Logs, everywhere: bool
) -> list[GroupPartition]:
    """Reads on at the target for the groups far from their first unread record: one stretch a partition at
    a time, because what one group needs often serves the next. A group has its turn once, so that hundreds of
    them on one partition do not search it again and again."""
    seen = list(seen)
    turns: dict[TopicPartition, list[int]] = defaultdict(list)
    for number in sorted(range(len(seen)), key=lambda number: seen[number].resumes_from or 0, reverse=True):
        if _needs_more(seen[number]):
            turns[seen[number].remote].append(number)
    left = FAR_LOOK_IN_ALL
    while turns:
        wanted: dict[TopicPartition, tuple[int, Window]] = {}
        for remote, waiting in turns.items():
            while waiting and remote not in wanted:
                one = seen[waiting[-1]] = filled(seen[waiting[-1]], on_source, on_target)
                if isinstance(one.ahead, Window) and _needs_more(one):
                    wanted[remote] = waiting[-1], one.ahead
                else:
                    waiting.pop()
        turns = {remote: turns[remote] for remote in wanted}
        most = left // max(1, len(wanted))
        if most <= 0:  # below 0 where the last stretches met records that were read for other groups
            break
        on_target.read([_further(seen[number], ahead, most) for number, ahead in wanted.values()])
        for number, ahead in wanted.values():
            one = seen[number] = filled(seen[number], on_source, on_target)
            left -= len(one.ahead.records) - len(ahead.records) if isinstance(one.ahead, Window) else 0
    return _locate(sides, seen, NOT_LOCATED if everywhere else FINE)


def _further(one: GroupPartition, ahead: Window, most: int) -> Stretch:
    """The next records of the target to look for the group's first unread one in, `most` at most."""
    first = one.unread_records[0] if one.unread_records else None
    return Stretch(
        one.remote,
        ahead.end,
        one.target.end if isinstance(one.target, Bounds) else ahead.end,
        limit=min(FAR_LOOK - len(ahead.records), most),
        enough=after_match(first) if first else None,
    )


def _locate(
    sides: Sides, seen: list[GroupPartition], but: Collection[TranslationState] = FINE
) -> list[GroupPartition]:
    """Finds the target offset of the first unread record by its timestamp, which MM2 keeps: where it lies too
    far ahead to be reached by reading, and where there is no usable translation, so that people can be told
    the right one."""
    far: list[GroupPartition] = []
    located: dict[tuple[str, TopicPartition], int] = {}
    for one in seen:
        if translation(one).state in but or not isinstance(one.target, Bounds):
            continue
        if one.unread_records:
            far.append(one)
        elif isinstance(one.source, Bounds) and one.committed >= one.source.end:
            located[(one.group, one.remote)] = one.target.end
    if far:
        configs = compacted_topics(sides, [Joined(one.partition, one.remote) for one in far])
        located |= _found(
            sides,
            [replace(one, compacted=is_compacted(configs.get(one.partition.topic))) for one in far],
        )
    return [replace(one, located=located.get((one.group, one.remote))) for one in seen]


def _found(sides: Sides, far: Sequence[GroupPartition]) -> dict[tuple[str, TopicPartition], int]:
    """Finds the first unread record of each group by its timestamp: all groups in one request for offsets,
    and those that are near each other on a partition in one stretch."""
    # The copy of a record without a timestamp (-1) is stamped anew: a search would find a later record.
    far = [one for one in far if _oldest(one) >= 0]
    offsets = _offsets(sides, [(one.remote, _oldest(one)) for one in far])
    begins = [(one, offsets[place]) for one in far if (place := (one.remote, _oldest(one))) in offsets]
    runs: list[list[tuple[GroupPartition, int]]] = []
    for one, offset in sorted(begins, key=lambda begin: (begin[0].remote, begin[1])):
        if not isinstance(one.target, Bounds) or offset >= one.target.end:
            continue
        if runs and runs[-1][0][0].remote == one.remote and offset - runs[-1][-1][1] <= TIMESTAMP_LOOK:
            runs[-1].append((one, offset))
        else:
            runs.append([(one, offset)])
    by_partition: dict[TopicPartition, list[list[tuple[GroupPartition, int]]]] = defaultdict(list)
    for run in runs:
        by_partition[run[0][0].remote].append(run)
    stretches = [
        Stretch(remote, run[0][1], max(_end(one) for one, _ in run), enough=_enough(run))
        for remote, several in by_partition.items()
        for run in several
    ]
    windows = sides.target_reader.records(stretches)
    return {
        (one.group, remote): first
        for remote, several in by_partition.items()
        for run, window in zip(several, windows.get(remote, ()), strict=False)
        if isinstance(window, Window)
        for one, offset in run
        if (first := _first(window.since(offset)[:TIMESTAMP_LOOK], _is_unread(one))) is not None
    }


def _offsets(
    sides: Sides, places: Collection[tuple[TopicPartition, int]]
) -> dict[tuple[TopicPartition, int], int]:
    """Return the offset of each timestamp on a partition. A request has one timestamp of each partition
    (KIP-79), so those of a partition are in several, which are sent together."""
    stamps: dict[TopicPartition, list[int]] = defaultdict(list)
    for remote, stamp in dict.fromkeys(places):
        stamps[remote].append(stamp)
    most = max(map(len, stamps.values()), default=0)
    questions = [
        {remote: several[turn] for remote, several in stamps.items() if turn < len(several)}
        for turn in range(most)
    ]
    found: dict[tuple[TopicPartition, int], int] = {}
    for first in range(0, most, AT_ONCE):
        some = questions[first : first + AT_ONCE]
        for asked, answer in zip(some, sides.target.offsets_at_each(some), strict=True):
            found |= {(remote, asked[remote]): offset for remote, offset in answer.items()}
    return found


def _enough(run: Sequence[tuple[GroupPartition, int]]) -> Callable[[Record], bool]:
    """Enough is the record of each group, or as many records from its place on as are looked at."""
    searched = {number: (offset, _is_unread(one)) for number, (one, offset) in enumerate(run)}
    left = dict.fromkeys(searched, TIMESTAMP_LOOK)

    def enough(record: Record) -> bool:
        for number, (offset, is_unread) in list(searched.items()):
            if record.offset >= offset:
                left[number] -= 1
                if not left[number] or is_unread(record):
                    del searched[number]
        return not searched

    return enough


def _first(records: Sequence[Record], is_unread: Callable[[Record], bool]) -> int | None:
    return next((record.offset for record in records if is_unread(record)), None)


def _end(group: GroupPartition) -> int:
    return group.target.end if isinstance(group.target, Bounds) else 0


def _oldest(group: GroupPartition) -> int:
    """Return the oldest timestamp that the first unread record may have."""
    return min(one.timestamp for one in _candidates(group))


def _candidates(group: GroupPartition) -> Sequence[Record]:
    """Return the first unread record; with compaction all, since the copy of the first may be gone."""
    if group.compacted and not group.originals:
        return group.unread_records
    return group.unread_records[:1]


def _is_unread(group: GroupPartition) -> Callable[[Record], bool]:
    """Whether a record is the first unread one. A copy is not older than its original, so the search by
    timestamp begins before it. An original may be older than its copy where that was stamped anew
    (LogAppendTime): then the next record with the same content would be another one, and all between would
    be skipped. So it would where compaction has removed the copy: there each unread record is one.
    """
    every = _candidates(group)
    known = {(one.content, one.timestamp) for one in every}
    stamped = set() if group.originals else {one.content for one in every}

    def is_one(record: Record) -> bool:
        if (record.content, record.timestamp) in known:
            return True
        return record.no_producer_time and record.content in stamped

    return is_one


def count_skipped(seen: list[GroupPartition], on_source: Logs, on_target: Logs) -> list[GroupPartition]:
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
        replace(filled(one, on_source, on_target), located=one.located) if one.partition in affected else one
        for one in seen
    ]
