"""One row a consumer group: could it move to the target now, and what would it read again. Pure.

No record is read for this, so that thousands of groups cost little: what a group would read again is told
by MM2's offset syncs where one fits, else by the ends of both logs. `groups-translated` (`python -m mirror
verify`) is the proof, record by record; this is the picture.

    D = E                  nothing is read again: exact
    a sync at or before D  it resumes at that sync's source offset: reads again C - that, at most
    else                   what lies after D, less what the group has not read of it either: about
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mirror.clients.records import Bounds, Unread
from mirror.status.snapshot import GroupSeen, OffsetSeen
from mirror.status.trouble import GroupTrouble

EXACTLY, AT_MOST, ABOUT = "exactly", "at most", "about"
_ORDER = (EXACTLY, AT_MOST, ABOUT)


class GroupRow(NamedTuple):
    """What is said of one group: partitions with an offset on a mirrored topic, how many of them are not as
    they should be, what it would read again on the target, and what it has not read yet on the source."""

    group: str
    trouble: GroupTrouble
    says: str
    partitions: int
    wrong: int
    rereads: int
    quality: str
    unread_at_source: int
    active_on_source: bool
    active_on_target: bool

    @property
    def key(self) -> tuple[int, int, int, str]:
        """Sorts the worst first."""
        return (-self.trouble, -self.wrong, -self.rereads, self.group)


class _Judged(NamedTuple):
    trouble: GroupTrouble
    says: str = ""
    rereads: int = 0
    quality: str = EXACTLY


def group_rows(groups: Iterable[GroupSeen]) -> list[GroupRow]:
    """Every group that has an offset on a mirrored topic, the worst first."""
    rows = [group_row(one) for one in groups if one.offsets or one.unread]
    return sorted(rows, key=lambda row: row.key)


def group_row(one: GroupSeen) -> GroupRow:
    """Fold a group's partitions: the worst one decides."""
    worst, says = GroupTrouble.EXACT, ""
    wrong = rereads = unread = 0
    quality = EXACTLY
    for offset in one.offsets:
        judged = _judged(offset)
        if isinstance(offset.source, Bounds):
            unread += max(0, offset.source.end - max(offset.committed, offset.source.start))
        if judged.trouble > worst:
            worst = judged.trouble
            says = f"{offset.partition}: {judged.says}" if judged.says else ""
        wrong += judged.trouble.bad
        rereads += judged.rereads
        quality = max(quality, judged.quality, key=_ORDER.index)
    if one.unread is not None:
        worst, says = GroupTrouble.UNREADABLE, f"its offsets could not be read: {one.unread}"
    elif one.active_on_target and worst < GroupTrouble.PAST_END:
        worst = GroupTrouble.BLOCKED
        says = "it is active on the target, so MM2 does not write its offsets"
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
    for side in (one.source, one.target):
        if isinstance(side, Unread):
            return _Judged(GroupTrouble.UNREADABLE, f"could not be read: {side.reason}")
    assert isinstance(one.source, Bounds)
    assert isinstance(one.target, Bounds)
    if one.translated is None:
        return _untranslated(one, one.source)
    if one.translated > one.target.end:
        says = f"its offset {one.translated:,} lies past the target's end {one.target.end:,}"
        return _Judged(GroupTrouble.PAST_END, says)
    rereads, quality = _read_again(one, one.target)
    return _Judged(GroupTrouble.BEHIND if rereads else GroupTrouble.EXACT, "", rereads, quality)


def _untranslated(one: OffsetSeen, source: Bounds) -> _Judged:
    """Where a group has read nothing that is mirrored, there is nothing to translate."""
    first = source.start if one.start is None else max(source.start, one.start + 1)
    if one.committed <= first:
        return _Judged(GroupTrouble.EXACT)
    if one.position is None:
        return _Judged(GroupTrouble.NOT_TRANSLATED, "nothing of the partition is mirrored yet")
    return _Judged(GroupTrouble.NOT_TRANSLATED, f"no translation of source offset {one.committed:,}")


def _read_again(one: OffsetSeen, target: Bounds) -> tuple[int, str]:
    assert one.translated is not None
    ahead = max(0, target.end - max(one.translated, target.start))
    if ahead == 0:
        return 0, EXACTLY
    mirrored_to = one.committed if one.position is None else min(one.committed, one.position + 1)
    if one.resumes_at is not None:
        by_sync = max(0, mirrored_to - one.resumes_at)
        return (0, EXACTLY) if by_sync == 0 else (min(by_sync, ahead), AT_MOST)
    if one.position is None or one.committed > one.position:
        # It has read all that is mirrored: what lies ahead of it on the target is read again, no more.
        return ahead, AT_MOST
    return max(0, ahead - (one.position + 1 - one.committed)), ABOUT
