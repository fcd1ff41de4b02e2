"""Whether the offset of a consumer group on the target is safe, for one partition. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mirror.clients.records import Bounds, Record, Unread, Window
from mirror.verify.values.first_unread import find
from mirror.verify.values.group_partition import GroupPartition

TranslationState = Literal[
    "safe", "nothing-read", "before-start", "moved", "unsafe", "absent", "past-end", "below-start", "unknown"
]
BY_RESET: tuple[TranslationState, ...] = ("nothing-read", "before-start")
"""States of a group that has no offset on the target, rightly: it starts by its `auto.offset.reset`.

With "nothing-read" it skips nothing by that, whatever it is, but what it would skip on the source, too. A
group that has read nothing and whose unread records have copies is "absent": `latest`, Java's default, would
skip all of them."""


@dataclass(frozen=True, slots=True)
class Translation:
    """What the group would do on the target. `rereads` None: nothing is known or it starts anew.

    `skipped` of state "moved": mirrored records between the group's offset on the source and the one on the
    target, which it has read on the target.
    """

    state: TranslationState
    rereads: int | None = None
    exact: bool = True
    skipped: int = 0
    skipped_exact: bool = True
    reason: str = ""


def translation(one: GroupPartition) -> Translation:
    """The judgement over one group on one partition."""
    reasons = [
        what.reason for what in (one.source, one.target, one.unread, one.ahead) if isinstance(what, Unread)
    ]
    if reasons or isinstance(one.source, Unread) or isinstance(one.target, Unread):
        return Translation("unknown", reason=reasons[0])
    state = without_records(
        one.committed,
        one.translated,
        one.position,
        one.source,
        one.target,
        start=one.start,
        read_before=one.read_before,
    )
    if state is not None or one.translated is None:
        return Translation(state or "absent")
    found = _by_content(one, one.translated, one.target)
    if found.state == "unsafe" and (why := moved(one)):
        return replace(found, state="moved", reason=why)
    return found


def without_records(
    committed: int,
    translated: int | None,
    position: int | None,
    source: Bounds,
    target: Bounds,
    *,
    start: int | None = None,
    read_before: bool = True,
) -> TranslationState | None:
    """The part of the judgement for which no record is read; None where records decide. `status` has no
    other, and agrees with groups-translated by it. The parameters are those of `GroupPartition`.
    """
    if translated is None:
        if resets_on_both(committed, source) or source.empty:
            return "nothing-read"
        copied = position is not None and committed <= position and not target.empty
        if not copied and begins(committed, source, read_before=read_before):
            return "nothing-read"
        return "before-start" if _before_start(committed, position, start) else "absent"
    if translated > target.end:  # KAFKA-12635
        return "past-end"
    if translated < target.start and not target.empty:
        return "below-start"
    return None


def resets_on_both(committed: int, source: Bounds | Unread) -> bool:
    """Whether the group's `auto.offset.reset` decides at the source, too: the log there begins after its
    offset. So nothing is wrong where its offset on the target is below the log, or absent."""
    return isinstance(source, Bounds) and committed < source.start


def begins(committed: int, source: Bounds, *, read_before: bool) -> bool:
    """Whether the source's log has no record before the group's offset. The group may have read some all the
    same, which retention or compaction has removed since."""
    return committed <= source.start or not read_before


def overtaken(one: GroupPartition) -> bool:
    """Whether a group whose offset is below the target's log would skip records from the log's start on, as
    far as is known: the target's retention has deleted them unread, and the source still has them. Not where
    the group's `auto.offset.reset` decides there as well.
    """
    if isinstance(one.target, Unread) or resets_on_both(one.committed, one.source):
        return False
    return _by_content(one, one.target.start, one.target).state != "safe"


def moved(one: GroupPartition) -> str:
    """Why the group visibly reads on the target now, and not on the source; empty where nothing shows it.

    Java's and librdkafka's consumers commit a leader epoch with each offset (KIP-320). MM2
    (`MirrorCheckpointTask.syncGroupOffset`) and the tools of administrators commit none. A group that still
    has members on the source has not moved, whoever wrote its offset on the target.
    """
    if one.translated is None or one.members_on_source != 0:
        return ""
    alone = f"{one.members} members on the target and none on the source"
    if one.members and one.later is not None and one.later > one.translated:
        return f"it has {alone}, and its offset there moved from {one.translated} to {one.later}"
    if one.leader_epoch is not None:
        return (
            f"a consumer committed its offset on the target (with leader epoch {one.leader_epoch}; MM2 and "
            "administrators commit none), and it has no members on the source"
        )
    last = one.mm2.checkpoint if one.mm2 else None
    if one.members and last is not None and one.translated > last.downstream:
        return f"it has {alone}, and its offset there is past MM2's last checkpoint, {last.downstream}"
    return ""


def _by_content(one: GroupPartition, translated: int, target: Bounds) -> Translation:
    """Whether a record that the group has not read lies before its offset on the target."""
    unread = one.unread_records
    ahead = one.ahead if isinstance(one.ahead, Window) else Window(translated, target.end, (), True)
    all_again = Translation("safe", len(ahead.records), reaches_end(ahead, target))
    if not unread:
        return all_again
    if (place := first_unread_place(one)) is not None:
        skipped = _skipped(unread[: place[1]], ahead.records, unread, one)
        return Translation("unsafe", skipped=skipped) if skipped else Translation("safe", place[0])
    if not is_mirrored(unread[0], one.position):
        return all_again
    if not reaches_end(ahead, target):
        if one.located is None:
            reason = (
                f"its first unread record is not among the {len(ahead.records):,} target records from there"
            )
            return Translation("unknown", reason=reason)
        if one.located >= translated:
            return Translation("safe", len(ahead.records), exact=False)
    skipped = _skipped(unread, ahead.records, unread, one)
    whole = not isinstance(one.unread, Window) or (one.unread.at_end or one.unread.end > (one.position or 0))
    if not skipped and not whole:  # the records after these may be on the target, before its offset
        reason = f"compaction removed the copies of its first {len(unread):,} unread records; others follow"
        return Translation("unknown", reason=reason)
    if not skipped:  # compaction removed what it had not read, and keeps a newer record of each key
        return all_again
    return Translation("unsafe", skipped=skipped, skipped_exact=whole)


def first_unread_place(one: GroupPartition) -> tuple[int, int] | None:
    """Where `find` finds the group's first unread record in what was read of the target; None for nowhere."""
    if not isinstance(one.ahead, Window):
        return None
    whole = isinstance(one.target, Bounds) and reaches_end(one.ahead, one.target)
    copied = -1 if one.position is None else one.position
    cut = isinstance(one.unread, Window) and not one.unread.at_end and one.unread.end <= copied
    return find(one.unread_records, one.ahead.records, one.compacted, copied if whole else None, cut=cut)


def _before_start(committed: int, position: int | None, start: int | None) -> bool:
    """Whether MM2 cannot have anything to translate the group's offset by: it is before the first record that
    is mirrored, or right at it while none is."""
    if start is None:
        return False
    return committed <= start or (committed == start + 1 and position == start)


def is_mirrored(record: Record, position: int | None) -> bool:
    """Whether MM2's committed position includes a record of the source."""
    return position is not None and record.offset <= position


def reaches_end(ahead: Window, target: Bounds) -> bool:
    """Whether the records that were read go up to the target's end."""
    return ahead.at_end or ahead.end >= target.end


def _skipped(
    records: Sequence[Record], ahead: Sequence[Record], unread: Sequence[Record], one: GroupPartition
) -> int:
    """How many mirrored, unread records the group would never see. On a compacted topic a record that a
    later one of the same key supersedes, or a tombstone, may be gone for good reason."""
    gone = [record for record in records if is_mirrored(record, one.position)]
    if one.compacted:
        kept = {record.key for record in ahead}
        last = {record.key: record.offset for record in unread}
        gone = [
            record
            for record in gone
            if not record.tombstone and record.key not in kept and last[record.key] == record.offset
        ]
    return len(gone)
