"""Where the windows of records-match may lie: between what both logs still hold and MM2's position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mirror.clients.reader import Reader
from mirror.clients.records import Bounds, Record, TopicPartition, Unread, Window
from mirror.clients.sides import Joined, Sides
from mirror.clients.stretches import Stretch
from mirror.verify.values.probe import Probe


@dataclass(frozen=True, slots=True)
class BothLogs:
    """What reads the two logs: the offsets of either side, and one reader for each."""

    sides: Sides
    source: Reader
    target: Reader


@dataclass(frozen=True, slots=True)
class MirroredRange:
    """A partition to look at: source offsets `low` to `position`, both mirrored. `first`: the source never
    had anything before `low`; `cut`: the target's log no longer begins at its beginning, `lost_start`: and
    which source record it begins with is not known."""

    joined: Joined
    low: int
    position: int
    target: Bounds
    first: bool
    lost_start: bool = False
    copy_end: int = 0
    """The end of the copy before the mirror wrote to it: 0, unless it adopted a copy."""

    @property
    def cut(self) -> bool:
        """Whether the target's log has lost its beginning."""
        return self.target.start > self.copy_end


def places(
    logs: BothLogs,
    count: int,
    joined: Sequence[Joined],
    positions: Mapping[TopicPartition, int],
    starts: Mapping[TopicPartition, int],
    copy_ends: Mapping[TopicPartition, int],
) -> tuple[list[MirroredRange], list[Probe], int]:
    """The places of these partitions, probes of those that cannot be read, and how many hold nothing yet.

    `count`: the records of a window. `starts`: the source offset before the first one that is mirrored.
    `copy_ends`: what a copy had before the mirror wrote to it is not read.
    """
    on_source, on_target = logs.sides.together(
        lambda: logs.sides.source.bounds(one.source for one in joined),
        lambda: logs.sides.target.bounds(one.target for one in joined),
    )
    found: list[MirroredRange] = []
    unread: list[Probe] = []
    empty = 0
    for one in joined:
        source, target = on_source[one.source], on_target[one.target]
        if isinstance(source, Unread) or isinstance(target, Unread):
            reason = source if isinstance(source, Unread) else Window(0, 0, (), True)
            copy = target if isinstance(target, Unread) else None
            unread.append(Probe(one.source, one.target, "any window", reason, copy))
            continue
        start = starts.get(one.source)
        low = source.start if start is None else max(source.start, start + 1)
        if positions[one.source] < low:
            empty += 1
            continue
        first = source.start == 0 if start is None else low == start + 1
        copy_end = copy_ends.get(one.source, 0)
        mirrored = Bounds(max(target.start, copy_end), max(target.end, copy_end))
        found.append(MirroredRange(one, low, positions[one.source], mirrored, first, copy_end=copy_end))
    return _after_the_cut(logs, count, found), unread, empty


def _after_the_cut(logs: BothLogs, count: int, found: list[MirroredRange]) -> list[MirroredRange]:
    """Where the target's log was cut: from which source record on it has copies."""
    cut = {one.joined.target: one for one in found if one.cut}
    if not cut:
        return found
    by_source = {one.joined.source: one for one in cut.values()}
    heads = logs.target.records(
        Stretch(remote, one.target.start, one.target.end, count) for remote, one in cut.items()
    )
    firsts: dict[TopicPartition, Record] = {}
    for remote, [head] in heads.items():
        if isinstance(head, Window) and head.records:
            firsts[cut[remote].joined.source] = head.records[0]
    offsets = logs.sides.source.offsets_at({source: one.timestamp for source, one in firsts.items()})
    copied = logs.source.records(
        Stretch(source, offset, by_source[source].position + 1, 8 * count, firsts[source].same_as)
        for source, offset in offsets.items()
        if offset <= by_source[source].position
    )
    low = {
        source: window.records[-1].offset
        for source, [window] in copied.items()
        if isinstance(window, Window) and window.records and window.records[-1].same_as(firsts[source])
    }
    return [
        replace(one, low=max(one.low, low[one.joined.source]), first=False)
        if one.joined.source in low
        else replace(one, lost_start=one.cut)
        for one in found
    ]
