"""Partitions that MM2 goes on copying without writing offset syncs of them any more. Pure.

Timestamps do not tell: MM2 writes no sync of a partition that rests, and a worker that dies may take one
along. But each of its commits that moves a position also hands on a sync of it (`MirrorSourceTask.commit`,
`OffsetSyncWriter`, 4.3.1), of ten partitions at least. So looks are compared, and commits are counted:

    look            1      2      3      4
    position   S    P1     P2     P3     P4         the newest sync stays at S: one of P1 was due since look 1

Where no sync of any partition is written, as after the mirror's user has lost Write on their topic, a few
commits show it, however many partitions wait: each commit hands on those that wait the longest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mirror.clients.records import TopicPartition
from mirror.verify.values.group_partition import GroupPartition
from mirror.verify.values.translation import translation

SYNCS_A_COMMIT = 10
"""`OffsetSyncWriter.MAX_OUTSTANDING_OFFSET_SYNCS`: the others wait, in their order, for the next commits."""
MOVES_WITHOUT_ANY = 4
"""Looks that saw a position move, while no sync of any partition was written. Two are needed, three where a
worker dies, which begins anew, and one more because the first one may have seen a commit whose syncs had been
read already."""
LIMIT_SECONDS = 150.0
"""A sync that a broker does not take is sent again for two minutes (`delivery.timeout.ms`)."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """`sync`: the newest one's source offset; `moves`: looks since the first that saw the position move.
    `quiet_moves`: those since `quiet`, when the last sync of any partition was seen."""

    sync: int
    position: int
    since: float
    quiet: float
    moves: int = 0
    quiet_moves: int = 0


class CopiedUnsynced:
    """Since when looks have seen each partition's position past its newest offset sync."""

    def __init__(self) -> None:
        self._known: dict[TopicPartition, _Seen] = {}
        self._end: int | None = None

    def look(
        self, found: Iterable[GroupPartition], at: float, partitions: int, end: int
    ) -> dict[TopicPartition, float]:
        """Return for how many seconds MM2 has written no sync of the partitions that it goes on copying.

        `at`: in seconds of any clock. `partitions`: how many are mirrored, which one task may have. `end`: of
        the topic of the syncs, read after the positions.
        """
        quiet, self._end = end == self._end, end
        if not quiet:
            self._known = {one: replace(seen, quiet=at, quiet_moves=0) for one, seen in self._known.items()}
        needed = 2 * (1 + partitions // SYNCS_A_COMMIT)  # twice, because a worker that dies begins anew
        # Those of groups that MM2 does not translate are None, beside other groups of the same partition.
        syncs = {one.partition: (one.position, sync) for one in found if (sync := _newest(one)) is not None}
        for one, (position, sync) in syncs.items():
            if position is None or position <= sync:
                self._known.pop(one, None)
                continue
            new = _Seen(sync, position, at, at)
            last = self._known.get(one, new)
            if last.sync != sync or position < last.position:
                last = new
            moved = position > last.position
            self._known[one] = replace(
                last,
                position=position,
                moves=last.moves + moved,
                quiet_moves=last.quiet_moves + (moved and quiet),
            )
        return {
            one: at - seen.since
            for one, seen in self._known.items()
            if (seen.moves >= needed and at - seen.since > LIMIT_SECONDS)
            or (seen.quiet_moves >= MOVES_WITHOUT_ANY and at - seen.quiet > LIMIT_SECONDS)
        }


def with_unsynced(
    found: Iterable[GroupPartition], known: CopiedUnsynced, at: float, partitions: int, end: int
) -> list[GroupPartition]:
    """Mark groups that have read on past the newest sync of such a partition: their translation stays there.
    Not those that read nothing again: one that has moved, or whose offset somebody has set. The parameters
    are those of `CopiedUnsynced.look`.
    """
    groups = list(found)
    seconds = known.look(groups, at, partitions, end)
    return [
        replace(one, overdue=seconds[one.partition], unsynced=True)
        if one.partition in seconds and one.overdue is None and _past_sync(one) and _reads_again(one)
        else one
        for one in groups
    ]


def _newest(one: GroupPartition) -> int | None:
    return one.mm2.synced if one.mm2 else None


def _past_sync(one: GroupPartition) -> bool:
    sync = _newest(one)
    return sync is not None and one.committed > sync + 1


def _reads_again(one: GroupPartition) -> bool:
    result = translation(one)
    return result.state == "safe" and result.rereads != 0
