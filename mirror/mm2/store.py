"""Models which offset syncs MM2 keeps and how it translates offsets: `OffsetSyncStore` of Kafka 4.3.1
(KAFKA-14666).

Of each partition it keeps 64 places. The first holds the newest sync; a place further back may hold an older
one, about twice as far away each time. So translation is fine near the end of a partition, and coarser the
further back a group is:

    source offset   0          ~1/2 back            ~1/4     ~1/8  ~1/16   newest
                    |---------------+-----------------+---------+----+--+-+++|
    kept syncs      s               s                 s         s    s  s sss
                              ^ group A                              ^ group B, exactly on a sync

    A is after the sync at its left      -> that sync's downstream + 1: none is skipped, some are read again
    B is at a sync                       -> that sync's downstream: exact
    before the oldest sync that is kept  -> nothing: MM2 leaves the group out
"""

from __future__ import annotations

from mirror.clients.records import TopicPartition
from mirror.mm2.formats import OffsetSync

PLACES = 64
"""`OffsetSyncStore.SYNCS_PER_PARTITION`."""
_SPAN = [0, *(2**j - 2 ** (j - 1) for j in range(1, PLACES - 1)), 2**64]
"""Of place j; the last one takes a sync of any age."""
_GAP = [0, *(2 ** max(j - 3, 0) for j in range(1, PLACES + 1))]
"""Between place j and the one before it: 2^(i-2) of the place i before it."""


class OffsetSyncStore:
    """Translates offsets as MM2's checkpoint task does. Apply the syncs of the topic in their order.

    It is the store of a task that knows its checkpoints. One that may not read them keeps only the last sync
    of all that was there when it started (KAFKA-15905).
    """

    def __init__(self) -> None:
        self._syncs: dict[TopicPartition, list[OffsetSync]] = {}

    def apply(self, sync: OffsetSync) -> None:
        """The next sync of the topic (`handleRecord`)."""
        kept = self._syncs.get(sync.partition)
        # A lower source offset: the source topic was recreated, so the known syncs are wrong.
        if kept is None or sync.upstream < kept[0].upstream:
            self._syncs[sync.partition] = [sync] * PLACES
        else:
            _update(kept, sync)

    def forget(self, partition: TopicPartition) -> None:
        """Delete the syncs of a partition, for a tombstone. (MM2 itself cannot read tombstones.)"""
        self._syncs.pop(partition, None)

    def kept(self, partition: TopicPartition) -> list[OffsetSync]:
        """The different syncs that are kept of a partition, newest first."""
        return list(dict.fromkeys(self._syncs.get(partition, ())))

    def newest(self, partition: TopicPartition) -> OffsetSync | None:
        """The last sync of a partition."""
        kept = self._syncs.get(partition)
        return kept[0] if kept else None

    def translate(self, partition: TopicPartition, upstream: int) -> int | None:
        """The offset on the target, or None where there is none (`translateDownstream`)."""
        for sync in self._syncs.get(partition, ()):
            if sync.upstream <= upstream:
                return sync.downstream + (sync.upstream != upstream)
        return None

    def at_most(self, partition: TopicPartition, upstream: int) -> int | None:
        """The target offset that no translation of a source offset exceeds: that of the next sync, or the one
        behind the newest sync, which is always kept. None without any sync.
        """
        kept = self._syncs.get(partition)
        if kept is None:
            return None
        later = [one.downstream for one in kept if one.upstream >= upstream]
        return min(later, default=kept[0].downstream + 1)


def _update(kept: list[OffsetSync], sync: OffsetSync) -> None:
    """`updateSyncArray`, in place: the newest goes to the front and pushes back what stays far enough apart.

    Two invariants, as there: a place is at most `_SPAN` older than the one before it (B), and different
    neighbours are at least `_GAP` apart (C). Where Java's sums overflow, it decides as endless integers do
    here. No function is called on the way: there may be millions of syncs.
    """
    original = list(kept)
    replacement, take = sync, 0
    kept[0] = before = sync
    for current in range(1, PLACES):
        oldest, gap = before.upstream - _SPAN[current], _GAP[current]
        while True:
            old = original[take]
            at = old.upstream
            apart = before is old or before.upstream >= at + gap
            if apart and (before is old or oldest <= at):
                after = kept[current + 1] if current + 1 < PLACES else old
                promote = old is after or at >= after.upstream + _GAP[current + 1]
            else:
                promote = False
            if promote:
                replacement = old
            skip = not apart or (take + 1 < PLACES and old is original[take + 1])
            if promote or skip:
                take += 1
            if not (skip and take < current):
                break
        now = kept[current]
        if before is now or oldest <= now.upstream:
            return
        kept[current] = before = replacement
