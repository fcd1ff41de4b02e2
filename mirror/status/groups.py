"""One row a consumer group: whether it can move to the target now, and what it would re-read. Pure.

No record is read, so that thousands of groups cost little: the number of re-read records comes from a fitting
offset sync of MM2, or from the ends of both logs. `groups-translated` (`python -m mirror verify`) proves it
record by record: only it finds an offset that skips records within the log. What needs no record, both
judge by one function, `without_records`.

With C the group's offset on the source, D its translation, E the target's end offset:

    D = E                  no record is re-read: exact
    a sync at or before D  the group resumes at that sync's source offset: at most C - that offset
    else                   about the records after D, less those that the group has not read on the source
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from mirror.clients.other_groups import WHAT as OTHER_TYPE
from mirror.clients.records import Bounds, Unread
from mirror.status.snapshot import GroupSeen, OffsetSeen
from mirror.status.trouble import GroupTrouble, most_urgent_first
from mirror.verify.values.translation import BY_RESET, TranslationState, resets_on_both, without_records

Quality = Literal["exactly", "at most", "about"]
"""How exact a number of re-read records is."""
SIGNS: dict[Quality, str] = {"exactly": "", "at most": "<= ", "about": "~ "}
"""What stands before such a number where people read it; the surest first."""


def least_exact(qualities: Iterable[Quality]) -> Quality:
    """Return the quality of a sum of such numbers."""
    return max(qualities, key=list(SIGNS).index)


class GroupRow(NamedTuple):
    """One consumer group.

    `partitions`: those with an offset on a mirrored topic; `wrong`: how many of them have a problem.
    `rereads`: records that the group would re-read on the target. `unread_at_source`: records that the group
    has not read on the source, at most.
    """

    group: str
    trouble: GroupTrouble
    says: str
    partitions: int
    wrong: int
    rereads: int
    quality: Quality
    unread_at_source: int
    active_on_source: bool
    active_on_target: bool

    @property
    def urgency(self) -> tuple[int, int, int, str]:
        """The sort key of `most_urgent_first`."""
        return (-self.trouble, -self.wrong, -self.rereads, self.group)


class _Judged(NamedTuple):
    trouble: GroupTrouble
    says: str = ""
    rereads: int = 0
    quality: Quality = "exactly"


def group_rows(groups: Iterable[GroupSeen]) -> list[GroupRow]:
    """Return a row for every group with an offset on a mirrored topic, most urgent first."""
    return most_urgent_first(group_row(one) for one in groups if one.offsets or one.unread)


def group_row(one: GroupSeen) -> GroupRow:
    """Summarize a group's partitions; the worst one sets the state."""
    worst, says = GroupTrouble.EXACT, ""
    wrong = rereads = unread = 0
    quality: Quality = "exactly"
    for offset in one.offsets:
        judged = _judged(offset)
        if isinstance(offset.source, Bounds):
            unread += max(0, offset.source.end - max(offset.committed, offset.source.start))
        if judged.trouble > worst:
            worst = judged.trouble
            says = f"{offset.partition}: {judged.says}" if judged.says else ""
        wrong += judged.trouble.bad
        rereads += judged.rereads
        quality = least_exact((quality, judged.quality))
    if one.of_another_type and worst is GroupTrouble.NOT_TRANSLATED:
        says = f"MM2 does not translate it, because it is {OTHER_TYPE}"
    if one.unread is not None:
        worst, says = GroupTrouble.UNREADABLE, f"the offsets could not be read: {one.unread}"
    elif one.active_on_target and worst <= GroupTrouble.AHEAD:
        worst = GroupTrouble.BLOCKED
        says = "the group is active on the target, so MM2 does not write its offsets"
    return GroupRow(
        one.group,
        worst,
        says,
        len(one.offsets),
        wrong,
        rereads,
        quality,
        unread,
        one.active_on_source,
        one.active_on_target,
    )


def _judged(one: OffsetSeen) -> _Judged:
    source, target = one.source, one.target
    if isinstance(source, Unread):
        return _Judged(GroupTrouble.UNREADABLE, f"could not be read: {source.reason}")
    if isinstance(target, Unread):
        return _Judged(GroupTrouble.UNREADABLE, f"could not be read: {target.reason}")
    state = without_records(
        one.committed,
        one.translated,
        one.position,
        source,
        target,
        start=one.start,
        read_before=one.read_before,
    )
    if one.translated is None:
        return _untranslated(one, state, source)
    if state == "below-start" and resets_on_both(one.committed, source):
        return _Judged(GroupTrouble.EXACT)
    if state == "past-end":
        says = f"translated offset {one.translated:,} is past the target's end offset {target.end:,}"
        return _Judged(GroupTrouble.PAST_END, says)
    if state == "below-start":
        says = f"translated offset {one.translated:,} is below the target's log start {target.start:,}"
        return _Judged(GroupTrouble.BELOW_START, says)
    if one.passes_by:
        says = (
            f"its offset on the target, {one.translated:,}, is past up to {one.passes_by:,} records from "
            f"{one.committed:,} on the source: it was set back there, or has read on the target"
        )
        return _Judged(GroupTrouble.AHEAD, says)
    rereads, quality = _reread(one, max(0, target.end - max(one.translated, target.start)))
    return _Judged(GroupTrouble.BEHIND if rereads else GroupTrouble.EXACT, "", rereads, quality)


def _untranslated(one: OffsetSeen, state: TranslationState | None, source: Bounds) -> _Judged:
    """Judge an offset without a translation: a group that has read no mirrored record needs none."""
    if not one.position_read and not (source.empty or resets_on_both(one.committed, source)):
        says = f"no translation of source offset {one.committed:,}, and MM2's positions could not be read"
        return _Judged(GroupTrouble.UNREADABLE, says)
    if state in BY_RESET:
        return _Judged(GroupTrouble.EXACT)
    if one.position is None:
        return _Judged(GroupTrouble.NOT_TRANSLATED, "no record of the partition is mirrored yet")
    return _Judged(GroupTrouble.NOT_TRANSLATED, f"no translation of source offset {one.committed:,}")


def _reread(one: OffsetSeen, ahead: int) -> tuple[int, Quality]:
    """Return the number of re-read records; `ahead`: records on the target after the translated offset."""
    if ahead == 0:
        return 0, "exactly"
    mirrored_to = one.committed if one.position is None else min(one.committed, one.position + 1)
    if one.resumes_at is not None:
        by_sync = max(0, mirrored_to - one.resumes_at)
        return (0, "exactly") if by_sync == 0 else (min(by_sync, ahead), "at most")
    if one.position is None or one.committed > one.position:
        # The group has read all mirrored records, so it re-reads at most all records ahead.
        return ahead, "at most"
    return max(0, ahead - (one.position + 1 - one.committed)), "about"
