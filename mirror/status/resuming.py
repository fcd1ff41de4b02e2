"""Where on the source a translated offset stands for, by the offset syncs that MM2 translates with.

A sync says that a source offset lies at a target offset. A group that resumes at target offset D has before
it what lies after the newest sync at or before D, and no sync says more: so this is never too far, and
re-reads never too few. (`OffsetSyncStore.translateDownstream`: beyond a sync a group gets its offset + 1.)
"""

from __future__ import annotations

from bisect import bisect_right

from mirror.clients.records import TopicPartition
from mirror.mm2.store import OffsetSyncStore
from mirror.mm2.topics import OffsetSyncs
from mirror.problems import CouldNotRead
from mirror.verify.reading.bookkeeping import bookkeeping
from mirror.verify.reading.look import Look


class ResumePointReader:
    """Reads the syncs that came since the last look."""

    def __init__(self) -> None:
        self._syncs: OffsetSyncs | None = None

    def read(self, look: Look) -> ResumePoints:
        """Without the syncs nothing is known, and estimates take their place."""
        try:
            if self._syncs is None:
                _, self._syncs = bookkeeping(look.settings, look.sides, look.topics)
            return ResumePoints(self._syncs.read())
        except CouldNotRead:
            return ResumePoints(OffsetSyncStore())


class ResumePoints:
    """Answers for one look."""

    def __init__(self, store: OffsetSyncStore) -> None:
        self._store = store
        self._known: dict[TopicPartition, tuple[list[int], list[int]]] = {}

    def resumes_at(self, one: TopicPartition, translated: int | None) -> int | None:
        """The source offset at or after which a group goes on that resumes at the target's `translated`."""
        if translated is None:
            return None
        if one not in self._known:
            kept = self._store.kept(one)[::-1]
            self._known[one] = [sync.downstream for sync in kept], [sync.upstream for sync in kept]
        downstream, upstream = self._known[one]
        at = bisect_right(downstream, translated) - 1
        return None if at < 0 else upstream[at] + (translated > downstream[at])
