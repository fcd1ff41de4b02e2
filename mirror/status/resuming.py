"""The source offset at which a group with a translated offset resumes, by MM2's offset syncs.

A sync maps a source offset to a target offset. For the target offset D, the newest sync at or before D gives
the source offset. The result is never too high, so the number of re-read records is never too low.
(`OffsetSyncStore.translateDownstream`: past a sync, a group gets the sync's target offset + 1.)
"""

from __future__ import annotations

from bisect import bisect_right

from mirror.clients.records import TopicPartition
from mirror.mm2.store import OffsetSyncStore
from mirror.problems import CouldNotRead
from mirror.verify.reading.look import Look


def read_resume_points(look: Look) -> ResumePoints:
    """Return the resume points of all syncs so far; none if they cannot be read. The session reads only the
    syncs that were written since its last look.
    """
    try:
        _, syncs = look.session.bookkeeping(look.topics)
        return ResumePoints(syncs.read())
    except CouldNotRead:
        return ResumePoints(OffsetSyncStore())


class ResumePoints:
    """Resume points of one look."""

    def __init__(self, store: OffsetSyncStore) -> None:
        self._store = store
        self._known: dict[TopicPartition, tuple[list[int], list[int]]] = {}

    def resumes_at(self, one: TopicPartition, translated: int | None) -> int | None:
        """Return the source offset for the target offset `translated`; None if no sync fits."""
        if translated is None:
            return None
        if one not in self._known:
            kept = self._store.kept(one)[::-1]
            self._known[one] = [sync.downstream for sync in kept], [sync.upstream for sync in kept]
        downstream, upstream = self._known[one]
        at = bisect_right(downstream, translated) - 1
        return None if at < 0 else upstream[at] + (translated > downstream[at])

    def passes_by(self, one: TopicPartition, committed: int, translated: int | None) -> int:
        """Return how many source offsets from `committed` on a group with this translation passes by, at
        least one of them a record: that of a sync. 0 where no sync shows any, also if there are some.
        """
        passed = [
            sync.upstream
            for sync in self._store.kept(one)
            if translated is not None and sync.downstream < translated and sync.upstream >= committed
        ]
        return max(passed, default=committed - 1) + 1 - committed
