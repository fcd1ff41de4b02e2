"""One window of a partition on the source with the target's records that must hold its copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from mirror.clients.records import Record, TopicPartition, Unread, Window
from mirror.verify.comparison import Comparison, Copy, RecordDifference, compare
from mirror.verify.values.compacted import Later, unexplained, unpaired


@dataclass(frozen=True)
class Probe:
    """One window of the source with the stretch of the target that must hold its copy.

    `first`: the source has nothing before the window. `gone`: retention may have removed it on the target,
    whose log begins with a record that the source does not show. `later`: for a compacted topic.
    """

    partition: TopicPartition
    remote: TopicPartition
    place: str
    window: Window | Unread
    copy: Copy | Unread | None = None
    first: bool = False
    gone: bool = False
    compacted: bool = False
    later: Later | None = None
    held: int = 0
    """How many offsets the target's log of the partition has."""
    before: ProbeVerdict | None = None
    """What an earlier look has shown (`MatchedWindows`); the window was not read again."""

    @property
    def records(self) -> Sequence[Record]:
        """The window's records; none where it could not be read."""
        return self.window.records if isinstance(self.window, Window) else ()

    @cached_property
    def comparison(self) -> Comparison | None:
        """The window beside its copy; None where no copy was read. It is asked for several times."""
        if not isinstance(self.copy, Copy):
            return None
        return compare(self.records, self.copy, first=self.first and not self.compacted)


@dataclass(frozen=True, slots=True)
class Sample:
    """Which partitions this run looks at: `chosen` of `mirrored`, and how many have nothing to compare."""

    chosen: int
    mirrored: int
    empty: int = 0


ProbeState = Literal["same", "different", "not-comparable"]


@dataclass(frozen=True, slots=True)
class ProbeVerdict:
    """What a probe shows: `doubled` are copies that an at-least-once mirror may write again."""

    state: ProbeState
    same: int = 0
    removed: int = 0
    differences: tuple[RecordDifference, ...] = ()
    doubled: int = 0
    reason: str = ""


def probe_verdict(one: Probe, *, exactly_once: bool, ends_elsewhere: bool = False) -> ProbeVerdict:
    """The judgement over one window."""
    if one.before is not None:
        return one.before
    for side, what in (("source", one.window), ("target", one.copy)):
        if isinstance(what, Unread):
            return ProbeVerdict("different", reason=f"it could not be read on the {side}: {what.reason}")
    if not one.records:
        return ProbeVerdict("same")
    if not isinstance(one.copy, Copy) or one.comparison is None:
        return ProbeVerdict("different", reason=_lost(one.records, 0))
    return _compared(one, one.copy, one.comparison, exactly_once, ends_elsewhere)


def _compared(
    one: Probe, copy: Copy, seen: Comparison, exactly_once: bool, ends_elsewhere: bool
) -> ProbeVerdict:
    differences = [*seen.differences, *(() if ends_elsewhere else seen.short)]
    if one.compacted and one.later is not None and (differences or one.later.deleted):
        if not one.later.whole:
            reason = "compaction may have removed what differs; too much follows to tell"
            return ProbeVerdict("not-comparable", seen.same, seen.removed, reason=reason)
        differences = unexplained(unpaired(differences), one.later)
    if seen.unclear and not differences:
        if one.compacted:
            reason = "compaction has removed most of what stands around it"
            return ProbeVerdict("not-comparable", seen.same, reason=reason)
        if one.gone and not seen.same:
            reason = "the target's log was cut, at a record that the source does not show"
            return ProbeVerdict("not-comparable", reason=reason)
    doubled = 0 if exactly_once else sum(one.kind == "doubled" for one in differences)
    if not exactly_once:
        differences = [one for one in differences if one.kind != "doubled"]
    if differences:
        return ProbeVerdict("different", seen.same, seen.removed, tuple(differences), doubled)
    if seen.unclear:
        return ProbeVerdict("different", seen.same, reason=_lost(one.records, len(copy.records)))
    return ProbeVerdict("same", seen.same, seen.removed, doubled=doubled)


def needs_more(one: Probe) -> bool:
    """Whether the target has to be read further before anything can be said. Where both logs were read to
    their ends, nothing is left to read."""
    if one.later is not None and one.later.whole:
        return False
    if not isinstance(one.window, Window) or not one.window.records or isinstance(one.copy, Unread):
        return False
    if one.comparison is None or one.comparison.unclear:
        return True
    # Records that clients repeat are found where the window is not.
    poor = 2 * one.comparison.same < len(one.records)
    return poor and not one.compacted and isinstance(one.copy, Copy) and not _all_of(one.copy)


def _all_of(copy: Copy) -> bool:
    return copy.from_start and copy.at_end


def common(one: Probe) -> int:
    """How many records of the window are in the stretch of the target; -1 where none was read."""
    return -1 if one.comparison is None else one.comparison.same


def _lost(records: Sequence[Record], read: int) -> str:
    first, last = records[0].offset, records[-1].offset
    return (
        f"the copy of source offsets {first} to {last} is not among the {read:,} records of the target that "
        "were read around its place"
    )
