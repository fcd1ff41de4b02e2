"""The newest records of one partition on both sides, and whether they are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mirror.clients.records import Bounds, Record, TopicPartition, Unread, Window
from mirror.problems import Finding
from mirror.verify.remedies import RESET_OF_THE_TOPIC, at_most, or_else
from mirror.verify.values.partition_lag import HeldBack
from mirror.verify.values.written import written_on_target

_BOTH = (
    "keep the topic on the target: those records are nowhere else. Let producers write to one region only: "
    "finish the move, or stop the producers on the target; `region-mirror audit` names the records"
)
_READ = "check that the user may Read the topic, and the health of the partition's leader"


@dataclass(frozen=True, slots=True)
class Tail:
    """The tails of one partition. `window` begins at the position (at the log's start where there is none),
    `before` holds the records just before it, read only where no record matched."""

    partition: TopicPartition
    remote: TopicPartition
    position: int | None
    source: Bounds | Unread
    target: Bounds | Unread
    newest: Record | Unread | None
    window: Window | Unread | None
    before: Window | Unread | None = None
    on_target: Window | Unread | None = None
    """The target's records from the copies of `before` on, read only where neither window has its newest."""
    compacted: bool = False
    target_retention_ms: int | None = None
    start: int | None = None
    """Source offset of the last record that was left out on purpose (`mirror.start_from`)."""
    held: HeldBack | None = None
    """An open transaction on the target that hides its newest records; read only where they look wrong."""


TailState = Literal["same", "empty", "moved", "not-comparable", "different"]


@dataclass(frozen=True, slots=True)
class TailVerdict:
    """`same`, `empty`, `moved`, `not-comparable` or `different`; the last one with a finding. `moved`: the
    target is written to, the source is not, and every source record is mirrored.
    """

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
    if matched(one):
        return TailVerdict("same")
    if one.held is not None:
        return _different(one, *one.held.hides(one.remote))
    if one.newest is None:
        return _target_empty(one, one.source, one.target, now)
    return _mismatch(one, one.source, one.target, one.window, one.newest)


def _unread(one: Tail, side: str, what: Unread) -> TailVerdict:
    return _different(one, f"it could not be read on the {side}: {what.reason}", _READ)


def _target_empty(one: Tail, source: Bounds, target: Bounds, now: float) -> TailVerdict:
    """The target holds no record: right when nothing was mirrored yet, or retention removed it all."""
    if one.position is None or one.position == one.start:
        return TailVerdict("empty")
    if isinstance(one.before, Unread):
        return _unread(one, "source", one.before)
    last = _at_position(one) or _last_before(one, one.before)
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
        or_else(
            "it was emptied or created again on the target: find out by whom, and whether retention on the "
            "target is shorter than on the source",
            f"rewind the topic, of which this partition has {at_most(one.position + 1 - source.start)}; "
            "what other partitions hold is there twice",
            f"stop the source connector, {RESET_OF_THE_TOPIC}, start it again",
        ),
    )


def _mismatch(
    one: Tail, source: Bounds, target: Bounds, window: Window | None, newest: Record
) -> TailVerdict:
    start = source.start if one.position is None else one.position
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
    if isinstance(one.on_target, Unread):
        return _unread(one, "target", one.on_target)
    earlier = [record.offset for record in _records(one.before) if newest.same_as(record)]
    if earlier:
        return _ends_earlier(one, window, earlier[-1], start)
    return _ends_in_another(one, target, window, newest, start)


def _ends_in_another(one: Tail, target: Bounds, window: Window, newest: Record, start: int) -> TailVerdict:
    """Judge a target that ends in no record of the source."""
    written = written_on_target(
        one.position,
        [*_records(one.before), *window.records],
        _records(one.on_target),
        newest,
        target_start=target.start,
        compacted=one.compacted,
    )
    if written is not None and written.moved:
        return TailVerdict("moved", f"target offsets {written.first} to {written.last}")
    if one.compacted and (reason := _compacted_on_source(newest, window)):
        return TailVerdict("not-comparable", reason)
    if written is not None:
        return _different(one, written.says, _BOTH)
    message = (
        f"the target's newest record (offset {newest.offset}) is no record of the source at or after MM2's "
        f"position {start}: it was altered, or written by somebody else"
    )
    remedy = or_else(
        "`region-mirror audit` names every record that differs; find out who writes to the topic on the "
        "target (while it is mirrored, only the mirror's user may), and keep what producers wrote there",
        f"destroy the topic on the target, of which this partition has {at_most(target.end - target.start)}, "
        "and rewind the topic",
        f"stop the source connector, {RESET_OF_THE_TOPIC}, delete the topic on the target, start it again",
    )
    return _different(one, message, remedy)


def _ends_earlier(one: Tail, window: Window, since: int, start: int) -> TailVerdict:
    """Judge a target that ends in the copy of the source's record `since`, which is before MM2's position."""
    missing = [
        *(record for record in _records(one.before) if record.offset > since),
        *(record for record in window.records if record.offset <= start),
    ]
    if not missing:
        # A start position may be the offset of a transaction's marker, as at the end of MM2's own copies.
        return TailVerdict("same")
    if one.compacted and all(record.tombstone for record in missing):
        return TailVerdict("not-comparable", "compaction removed tombstones on the target")
    message = (
        f"{len(missing)} records are missing at the tail: the target ends in the record of source offset "
        f"{since}, but MM2 has committed {start}"
    )
    remedy = or_else(
        "records were lost on the target (an unclean leader election, or deleted there): "
        "`region-mirror audit` names them, and the source still has them",
        f"rewind this partition by {len(missing)} records, which are appended again",
        f"stop the source connector, set its offset of this partition to {since} "
        "(strimzi.io/connector-offsets=alter), start it again",
    )
    return _different(one, message, remedy)


def _compacted_on_source(newest: Record, window: Window) -> str | None:
    """Why the source's log cleaner may have removed the record that the target ends in; None when it cannot
    have.

    The cleaner removes what a later record of the same key supersedes, and old tombstones, on each side at
    its own time. What it removed left a hole in the offsets.
    """
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


def _records(window: Window | Unread | None) -> Sequence[Record]:
    return window.records if isinstance(window, Window) else ()


def _at_position(one: Tail) -> Record | None:
    """The source's record at the position, where it is still there."""
    return next((record for record in _records(one.window) if record.offset == one.position), None)


def _last_before(one: Tail, before: Window | None) -> Record | None:
    """The last mirrored record before the position; of a compacted topic, the copy of a tombstone may go."""
    known = before.since(0 if one.start is None else one.start + 1) if before else ()
    kept = [record for record in known if not (one.compacted and record.tombstone)]
    return kept[-1] if kept else None


def _different(one: Tail, message: str, remedy: str) -> TailVerdict:
    where = "" if one.remote == one.partition else f" ({one.remote} on the target)"
    return TailVerdict("different", message, Finding(f"{one.partition}{where}", message, remedy))
