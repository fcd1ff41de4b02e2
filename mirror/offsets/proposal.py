"""Proposes the offset of a group on the target: MM2's translation, or the offset found by content.

MM2's offset is exact (no record is re-read)       -> MM2's offset
MM2's offset is lower, so n records are re-read    -> MM2's offset; with `exact` the offset by content
MM2 has no offset, or one that skips records       -> the offset by content: the target's offset of the first
                                                      record that the group has not read
the offset is below the start of the target's log  -> the offset by content, or the log's start, which skips
                                                      what retention has deleted before the group read it
the group has moved: it reads on the target        -> none: its consumers commit there
"""

from __future__ import annotations

from dataclasses import dataclass

from mirror.clients.records import Bounds, TopicPartition, Unread, Window
from mirror.text.numbers import counted
from mirror.verify.values.group_partition import GroupPartition
from mirror.verify.values.translation import (
    Translation,
    TranslationState,
    first_unread_place,
    is_mirrored,
    overtaken,
    reaches_end,
    translation,
)

EXACT, BEHIND, BY_CONTENT, NONE = "exact", "behind", "by-content", "none"
MOVED, LOG_START = "moved", "log-start"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One row of `offsets export`. `offset` is None where no offset is proven right; the note says why."""

    group: str
    source: TopicPartition
    source_offset: int
    target: TopicPartition
    offset: int | None
    how: str
    rereads: int | None
    rereads_exact: bool
    current: int | None
    note: str = ""
    skips: bool = False
    """Whether it may skip records that the group has not read, and that the source still has."""


def proposal(
    one: GroupPartition, *, exact: bool = False, active_on_source: int | Unread = 0, pending: bool = False
) -> Proposal:
    """The proposal for one group on one partition. With `exact`, an offset by content replaces a translation
    by MM2 after which records are re-read. `pending`: a later offset waits for the end of a transaction."""
    result = translation(one)
    right = first_unread_offset(one)
    notes = [_note(one, result)]
    offset: int | None
    if result.state == "moved":
        offset, rereads, how = None, None, MOVED
    elif result.state == "safe" and (not exact or right is None or result.rereads == 0):
        offset, rereads = one.translated, result.rereads
        how = EXACT if rereads == 0 else f"{BEHIND} {'' if result.exact else 'more than '}{rereads}"
    elif right is not None:
        offset, rereads, how = right, 0, BY_CONTENT
    elif result.state == "below-start":
        offset, rereads, how = one.resumes_from, None, LOG_START
    else:
        offset, rereads, how = None, None, NONE
    if isinstance(active_on_source, Unread):
        notes.append(f"whether it is still active on the source is unknown: {active_on_source.reason}")
    elif active_on_source:
        notes.append(
            f"{counted(active_on_source, 'active member')} on the source: export again after all have stopped"
        )
    if pending:
        notes.append("a transaction that commits a later offset has not ended: export again after it")
    return Proposal(
        one.group,
        one.partition,
        one.committed,
        one.remote,
        offset,
        how,
        rereads,
        result.exact or how == BY_CONTENT,
        one.translated,
        "; ".join(filter(None, notes)),
        how == LOG_START and overtaken(one),
    )


def proven_to(one: GroupPartition) -> int | None:
    """The highest offset on the target from which the group skips no record; every lower one is safe, too."""
    right = first_unread_offset(one)
    state = translation(one).state
    safe = one.translated if state == "safe" else None
    if state == "below-start" and not overtaken(one):
        safe = one.resumes_from
    known = [offset for offset in (right, safe) if offset is not None]
    return max(known) if known else None


def first_unread_offset(one: GroupPartition) -> int | None:
    """The target's offset of the first record that the group has not read; the target's end where it has read
    all. None where it cannot be proven."""
    if not isinstance(one.source, Bounds) or not isinstance(one.target, Bounds):
        return None
    ahead = one.ahead if isinstance(one.ahead, Window) else None
    unread = one.unread.records if isinstance(one.unread, Window) else ()
    if not unread:
        # The target's end was read before the group's offset: all up to it has been read. The source's log
        # may go on after the group's offset all the same, with transaction markers or aborted records.
        read_all = one.committed >= one.source.end or _ends_without_record(one.unread, one.source)
        return one.target.end if read_all else one.located
    if ahead is not None:
        place = first_unread_place(one)
        if place is not None:
            return ahead.records[place[0]].offset if translation(one).state == "safe" else one.located
        whole = reaches_end(ahead, one.target)
        if whole and translation(one).state == "safe" and not is_mirrored(unread[0], one.position):
            return one.target.end
    return one.located


def _ends_without_record(unread: Window | Unread | None, source: Bounds) -> bool:
    """Whether the source was read from the group's offset up to its end, without finding a record."""
    return isinstance(unread, Window) and not unread.records and (unread.at_end or unread.end >= source.end)


def _note(one: GroupPartition, result: Translation) -> str:
    if result.state == "safe":
        settles = one.mm2.settles_at if one.mm2 else None
        ahead = settles is not None and one.translated is not None and settles > one.translated
        return f"MM2 is about to set {settles}" if ahead else ""
    count = f"{'' if result.skipped_exact else 'more than '}{result.skipped:,} records"
    notes: dict[TranslationState, str] = {
        "absent": "MM2 has no translation",
        "nothing-read": "the group has read nothing yet",
        "before-start": "the group's offset is before the start of the mirror (mirror.start_from)",
        "unsafe": f"its offset on the target would skip {count}; a lower one rewinds the group by {count}",
        "moved": f"the group has moved: {result.reason}. A lower offset rewinds it",
        "below-start": f"its offset on the target is below the start of the log{_overtaken(one)}",
        "past-end": "its offset on the target is past the end of the log",
        "unknown": result.reason,
    }
    return notes[result.state]


def _overtaken(one: GroupPartition) -> str:
    if not overtaken(one):
        return ""
    return (
        ": the log start may skip records that it has not read. The target's retention has deleted them, or "
        "they were not found there. The source still has them"
    )
