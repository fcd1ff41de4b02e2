"""Which offset a group ought to have on the target: MM2's, or where it has none the one that content shows.

MM2's is exact (nothing is read again)     -> it stays
MM2's is behind by n                       -> it stays, or with `exact` the one by content
MM2 has none, or one that skips records    -> the one by content: the target's offset of the first record
                                              that the group has not read
"""

from __future__ import annotations

from dataclasses import dataclass

from mirror.clients.records import Bounds, TopicPartition, Window
from mirror.verify.values.translation import (
    GroupPartition,
    Translation,
    find,
    is_mirrored,
    reaches_end,
    translation,
)

EXACT, BEHIND, BY_CONTENT, NONE = "exact", "behind", "by-content", "none"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One row of `offsets export`. `offset` None: none can be shown to be right, the note says why."""

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


def proposal(one: GroupPartition, *, exact: bool = False, active_on_source: int = 0) -> Proposal:
    """`exact` prefers content to a translation of MM2's that has records read again."""
    result = translation(one)
    right = first_unread_offset(one)
    notes = [_note(one, result)]
    offset: int | None
    if result.state == "safe" and (not exact or right is None or result.rereads == 0):
        offset, rereads = one.translated, result.rereads
        how = EXACT if rereads == 0 else f"{BEHIND} {'' if result.exact else 'more than '}{rereads}"
    elif right is not None:
        offset, rereads, how = right, 0, BY_CONTENT
    else:
        offset, rereads, how = None, None, NONE
    if active_on_source:
        notes.append(f"{active_on_source} members read on at the source: export again once they have stopped")
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
    )


def proven_to(one: GroupPartition) -> int | None:
    """The last offset on the target from which the group skips no record; every earlier one is as safe."""
    right = first_unread_offset(one)
    safe = one.translated if translation(one).state == "safe" else None
    known = [offset for offset in (right, safe) if offset is not None]
    return max(known) if known else None


def first_unread_offset(one: GroupPartition) -> int | None:
    """The target's offset of the first record that the group has not read; the target's end where it has read
    all. None where that cannot be shown."""
    if not isinstance(one.source, Bounds) or not isinstance(one.target, Bounds):
        return None
    ahead = one.ahead if isinstance(one.ahead, Window) else None
    unread = one.unread.records if isinstance(one.unread, Window) else ()
    if not unread:
        # The target's end was read before the group's offset: all up to it has been read.
        return one.target.end if one.committed >= one.source.end else one.located
    if ahead is not None:
        place = find(unread, ahead.records, one.compacted)
        if place is not None:
            return ahead.records[place[0]].offset if translation(one).state == "safe" else one.located
        whole = reaches_end(ahead, one.target)
        if whole and translation(one).state == "safe" and not is_mirrored(unread[0], one.position):
            return one.target.end
    return one.located


def _note(one: GroupPartition, result: Translation) -> str:
    match result.state:
        case "absent":
            return "MM2 has no translation"
        case "nothing-read":
            return "the group has read nothing yet"
        case "before-start":
            return "the group stands before the start of the mirror (mirror.start_from)"
        case "unsafe":
            return f"its offset on the target would skip {result.skipped:,} records"
        case "past-end":
            return "its offset on the target lies past the end"
        case "unknown":
            return result.reason
    settles = one.mm2.settles_at if one.mm2 else None
    if settles is not None and one.translated is not None and settles > one.translated:
        return f"MM2 is about to set {settles}"
    return ""
