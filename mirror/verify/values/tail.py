"""The newest records of one partition on both sides, and whether they are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mirror.clients.records import Bounds, Record, TopicPartition, Unread, Window
from mirror.problems import Finding

_AUDIT = (
    "find out who writes to the topic on the target (only the mirror's user may), then mirror it anew: "
    "stop the source connector, reset its offsets (strimzi.io/connector-offsets=reset), clear the topic"
)


_READ = "check that the user may Read the topic, and the health of the partition's leader"


@dataclass(frozen=True, slots=True)
class Tail:
    """The tails of one partition. `window` begins at the position (at the log's start where there is none),
    `before` holds the records just before it, read only where the window had no match."""

    partition: TopicPartition
    remote: TopicPartition
    position: int | None
    source: Bounds | Unread
    target: Bounds | Unread
    newest: Record | Unread | None
    window: Window | Unread | None
    before: Window | Unread | None = None
    compacted: bool = False
    target_retention_ms: int | None = None
    start: int | None = None
    """Source offset of the last record that was left out on purpose (`mirror.start_from`)."""


TailState = Literal["same", "empty", "not-comparable", "different"]


@dataclass(frozen=True, slots=True)
class TailVerdict:
    """`same`, `empty`, `not-comparable` or `different`; the last one with a finding."""

    state: TailState
    reason: str = ""
    finding: Finding | None = None


def matched(one: Tail) -> bool:
    """Whether the window holds the target's newest record: then nothing more needs to be read."""
    return (
        isinstance(one.newest, Record)
        and isinstance(one.window, Window)
        and any(one.newest.same_as(record) for record in one.window.records)
    )


def tail_verdict(one: Tail, now: float) -> TailVerdict:
    """Judge the tails of one partition. `now` (seconds since the epoch) decides what retention may delete."""
    if isinstance(one.source, Unread):
        return _unread(one, "source", one.source)
    if isinstance(one.window, Unread):
        return _unread(one, "source", one.window)
    if isinstance(one.target, Unread):
        return _unread(one, "target", one.target)
    if isinstance(one.newest, Unread):
        return _unread(one, "target", one.newest)
    if one.newest is None:
        return _target_empty(one, one.target, now)
    return TailVerdict("same") if matched(one) else _mismatch(one, one.source, one.newest)


def _unread(one: Tail, side: str, what: Unread) -> TailVerdict:
    return _different(one, f"it could not be read on the {side}: {what.reason}", _READ)


def _target_empty(one: Tail, target: Bounds, now: float) -> TailVerdict:
    """The target holds no record: right when nothing was mirrored yet, or retention removed it all."""
    if one.position is None or one.position == one.start:
        return TailVerdict("empty")
    last = _at_position(one)
    if last is None:
        return TailVerdict("not-comparable", "its records are gone from both sides")
    expired = (
        one.target_retention_ms is not None and 0 <= one.target_retention_ms < now * 1000 - last.timestamp
    )
    if target.start > 0 and expired:
        return TailVerdict("not-comparable", "retention has emptied it on the target")
    return _different(
        one,
        f"the target holds no record, though MM2 has mirrored up to source offset {one.position}",
        "it was emptied or made anew on the target: mirror the topic anew (stop the source connector, reset "
        "its offsets with strimzi.io/connector-offsets=reset)",
    )


def _mismatch(one: Tail, source: Bounds, newest: Record) -> TailVerdict:
    window = one.window if isinstance(one.window, Window) else None
    start = source.start if one.position is None else one.position
    if one.position is None and source.end == 0:
        message = f"the target holds a record (offset {newest.offset}), but the source was never written to"
        return _different(one, message, _AUDIT)
    if window is None or not window.at_end:
        read = len(window.records) if window else 0
        message = (
            f"the target's newest record is not among the {read:,} source records from offset {start} on"
        )
        return _different(one, message + "; the rest was not read", "verify again when the lag is smaller")
    if source.start > start or (one.position is None and source.start > 0):
        return TailVerdict("not-comparable", "retention has removed that part of the source")
    if isinstance(one.before, Unread):
        return _unread(one, "source", one.before)
    earlier = [record for record in one.before.records if newest.same_as(record)] if one.before else []
    if one.compacted and (reason := _compaction(newest, window, one.before, earlier)):
        return TailVerdict("not-comparable", reason)
    if earlier and one.before is not None:
        since = earlier[-1].offset
        missing = sum(record.offset > since for record in one.before.records)
        missing += sum(record.offset <= start for record in window.records)
        message = (
            f"{missing} records are missing at the tail: the target ends in the record of source offset "
            f"{since}, but MM2 has committed {start}"
        )
        remedy = (
            "records were lost on the target (an unclean leader election, or deleted there): stop the source "
            f"connector, set its offset of this partition to {since} (strimzi.io/connector-offsets=alter), "
            "start it again"
        )
        return _different(one, message, remedy)
    message = (
        f"the target's newest record (offset {newest.offset}) is no record of the source at or after MM2's "
        f"position {start}: it was altered, or written by somebody else"
    )
    return _different(one, message, _AUDIT)


def _compaction(
    newest: Record, window: Window, before: Window | None, earlier: Sequence[Record]
) -> str | None:
    """Why the log cleaner may have made the two ends differ; None when it cannot have.

    The cleaner removes what a later record of the same key supersedes, and old tombstones, on each side at
    its own time. What it removed left a hole in the offsets.
    """
    if earlier:
        after = [
            record for record in (before.records if before else ()) if record.offset > earlier[-1].offset
        ]
        mirrored = [*after, *(record for record in window.records if record.offset <= window.start)]
        return "compaction removed tombstones on the target" if all(r.tombstone for r in mirrored) else None
    place = window.start
    for record in window.records:
        hole = record.offset > place
        place = record.offset + 1
        if hole and (newest.tombstone or any(
            later.key == newest.key for later in window.records if later.offset >= record.offset
        )):  # fmt: skip
            return "compaction removed the record on the source"
    return (
        "compaction removed the tombstone on the source" if newest.tombstone and not window.records else None
    )


def _at_position(one: Tail) -> Record | None:
    """The source's record at the position, where it is still there."""
    if not isinstance(one.window, Window) or not one.window.records:
        return None
    first = one.window.records[0]
    return first if first.offset == one.position else None


def _different(one: Tail, message: str, remedy: str) -> TailVerdict:
    where = "" if one.remote == one.partition else f" ({one.remote} on the target)"
    return TailVerdict("different", message, Finding(f"{one.partition}{where}", message, remedy))
