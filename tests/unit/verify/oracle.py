"""An oracle: what a consumer group really reads on the target, from two simulated logs.

The source holds records, markers of transactions and aborted records; retention and compaction have removed
some of them. The mirror has copied the committed records up to its position, in their order, between markers
of its own; retention and compaction have removed some of the copies, too. A group has committed an offset on
the source, and an offset on the target, or none. From that follows which records the group has not read, and
what a consumer reads that starts on the target with each `auto.offset.reset` (`SubscriptionState`):

    no offset, or one outside of the log    it starts by auto.offset.reset: at the log's start or its end
    any other offset                        it starts there

The source is the measure: records that its retention deleted before the group read them are lost to the group
there, too, and do not count as unread, although the target may still have their copies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from hypothesis import strategies as st

from mirror.clients.records import Bounds, Record, Window
from mirror.verify.values.group_partition import GroupPartition
from tests.unit.support.made_up import ORDERS, record

Reset = Literal["earliest", "latest", "none"]
RESETS: tuple[Reset, ...] = ("earliest", "latest", "none")


class Entry(NamedTuple):
    """An offset of the source: a record with a key, or none (a marker, an aborted record)."""

    name: str
    key: str = ""
    tombstone: bool = False

    @property
    def is_record(self) -> bool:
        return bool(self.name)


@dataclass(frozen=True)
class World:
    """Both logs and the group. `written`: what was ever written to the source, by offset; `kept_here` and
    `kept_there`: source offsets of the records that are still on each side; `copies`: target offset by source
    offset, of all that were ever copied.
    """

    written: Sequence[Entry]
    source: Bounds
    target: Bounds
    kept_here: frozenset[int]
    kept_there: frozenset[int]
    copies: dict[int, int]
    position: int | None
    committed: int
    start: int | None
    compacted: bool

    @property
    def has_equals(self) -> bool:
        """Whether records are equal: then a place among them is known by their number only, and the lowest
        one that fits is taken."""
        names = [one.name for one in self.written if one.is_record]
        return len(names) > len(set(names))

    @property
    def first_unread(self) -> int:
        return self.committed if self.start is None else max(self.committed, self.start + 1)

    @property
    def first_there(self) -> int:
        """The first unread offset that the source may still have."""
        return max(self.first_unread, self.source.start)

    @property
    def on_target(self) -> dict[int, int]:
        """Source offset by target offset, of the copies that are there."""
        return {self.copies[one]: one for one in sorted(self.kept_there)}

    def starts_at(self, offset: int | None, reset: Reset) -> int | None:
        """Where a consumer starts that has this offset; None: it stops with an error."""
        if offset is not None and self.target.start <= offset <= self.target.end:
            return offset
        return {"earliest": self.target.start, "latest": self.target.end, "none": None}[reset]

    def skipped(self, at: int) -> list[int]:
        """Unread records (source offsets) whose copies a consumer that starts at `at` never sees.

        Of a compacted topic only the last record of a key on both sides counts: an older one may be cleaned
        away at any moment.
        """
        unread = [one for there, one in self.on_target.items() if there < at and one >= self.first_there]
        if not self.compacted:
            return unread
        newest = {self.written[one].key: one for one in sorted(self.kept_here | self.kept_there)}
        return [one for one in unread if newest[self.written[one].key] == one]

    @property
    def overtaken(self) -> list[int]:
        """Unread records of the source whose copies are before the target's log."""
        return [
            one
            for one in sorted(self.kept_here)
            if one >= self.first_there and one in self.copies and self.copies[one] < self.target.start
        ]

    def read_again(self, at: int) -> list[int]:
        """Records (source offsets) that the group has read and reads again."""
        return [one for there, one in self.on_target.items() if there >= at and one < self.first_there]

    def record_of(self, source_offset: int, offset: int) -> Record:
        entry = self.written[source_offset]
        return record(offset, entry.name, key=entry.key or None, tombstone=entry.tombstone)

    def group(self, translated: int | None, *, whole: bool = True, located: bool = True) -> GroupPartition:
        """The group as verification reads it. Unless `whole`, the windows end after two records; `located`:
        where the window on the target does not hold the first unread record, it was found by its timestamp.
        Equal records of a compacted topic are read as a whole: those of a window may all be gone.
        """
        whole = whole or (self.compacted and self.has_equals)
        here = [self.record_of(one, one) for one in sorted(self.kept_here) if one >= self.first_unread]
        resumes = None if translated is None else max(translated, self.target.start)
        there = [
            self.record_of(one, offset)
            for offset, one in self.on_target.items()
            if resumes is not None and offset >= resumes
        ]
        return GroupPartition(
            "billing",
            ORDERS,
            ORDERS,
            self.committed,
            translated,
            self.position,
            self.source,
            self.target,
            _window(self.first_unread, self.source.end, here, whole),
            None if resumes is None else _window(resumes, self.target.end, there, whole),
            self._located(here) if located else None,
            any(one < self.committed for one in self.kept_here),
            self.compacted,
            start=self.start,
        )

    def _located(self, unread: Sequence[Record]) -> int | None:
        """The target's offset of the first unread record that the source still has."""
        if not unread:
            return None
        return self.copies[unread[0].offset] if unread[0].offset in self.kept_there else None


def _window(start: int, end: int, records: Sequence[Record], whole: bool) -> Window:
    if whole or len(records) <= 2:
        return Window(start, end, list(records), True)
    return Window(start, records[2].offset, list(records[:2]), False)


def _mostly(draw: st.DrawFn, usual: int, otherwise: st.SearchStrategy[int]) -> int:
    """Two thirds are as usual: otherwise most worlds would have next to nothing in them."""
    return usual if draw(st.integers(0, 2)) else draw(otherwise)


@st.composite
def placed(draw: st.DrawFn) -> tuple[World, int | None]:
    """A world, and the offset of its group on the target: within the log, around it, or none."""
    world = draw(worlds())
    return world, draw(st.none() | st.integers(0, world.target.end) | st.integers(0, world.target.end + 2))


@st.composite
def too_far(draw: st.DrawFn) -> tuple[World, int]:
    """A world without compaction, and an offset on the target past a record that its group has not read."""
    world = draw(worlds().filter(lambda one: not one.compacted and bool(one.skipped(one.target.end))))
    first = min(world.copies[one] for one in world.skipped(world.target.end))
    return world, draw(st.integers(first + 1, world.target.end))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Small worlds, in which every case is near."""
    compacted = draw(st.booleans())
    written = draw(st.lists(entries(), min_size=0, max_size=9))
    if draw(st.booleans()):  # equal records; of a compacted topic each has its key's state, set again
        written = [
            one._replace(name=f"{one.name}{one.key}") if one.key and compacted else one for one in written
        ]
    else:
        written = [
            one._replace(name=f"{one.name}{at}") if one.is_record else one for at, one in enumerate(written)
        ]
    every = [at for at, one in enumerate(written) if one.is_record]
    first = _mostly(draw, -1, st.integers(0, max(0, len(written) - 1)))
    start = None if first < 0 else first
    position = None
    if every and draw(st.integers(0, 5)) > 0:
        position = _mostly(draw, every[-1], st.sampled_from(every))
    if start is not None:  # MM2's own position is never before the start that was written for it
        position = start if position is None else max(position, start)
    mirrored = [
        at for at in every if position is not None and at <= position and (start is None or at > start)
    ]
    copies, end = {}, 0
    for one in mirrored:
        end += draw(st.integers(0, 2))
        copies[one] = end
        end += 1
    end += draw(st.integers(0, 2))
    here = Bounds(_mostly(draw, 0, st.integers(0, len(written))), len(written))
    there = Bounds(_mostly(draw, 0, st.integers(0, end)), end)
    kept_here = frozenset(_cleaned(draw, written, [at for at in every if at >= here.start], compacted))
    kept_there = frozenset(
        _cleaned(draw, written, [at for at in mirrored if copies[at] >= there.start], compacted)
    )
    committed = draw(st.integers(0, len(written)))
    return World(written, here, there, kept_here, kept_there, copies, position, committed, start, compacted)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    if draw(st.integers(0, 3)) == 0:
        return Entry("")
    return Entry("r", draw(st.sampled_from("abc")))


def _cleaned(
    draw: st.DrawFn, written: Sequence[Entry], offsets: Sequence[int], compacted: bool
) -> Iterator[int]:
    """What the log cleaner leaves: the last record of each key always, any other perhaps."""
    last = {written[one].key: one for one in offsets}
    for one in offsets:
        if not compacted or last[written[one].key] == one or draw(st.booleans()):
            yield one
