"""Predicts the next checkpoint of a group and whether it is overdue: `MirrorCheckpointTask` (4.3.1).

Every `emit.checkpoints.interval.seconds` it looks at each group's offsets on the source, translates them, and
writes a checkpoint only where that says something new:

    the group's source offset went back, or the translation went forward  -> a checkpoint
    else (the group has not moved, or moved between two offset syncs)      -> none, however long

So an old checkpoint is not a problem by itself: an idle group keeps its old checkpoint. A checkpoint is
overdue when MM2 should have written a newer one for longer than writing takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mirror.clients.records import TopicPartition
from mirror.mm2.formats import Checkpoint, CheckpointKey
from mirror.mm2.store import OffsetSyncStore
from mirror.mm2.topics import Dated

# Added to two intervals, for the poll of thousands of groups and for Connect's commit.
SLACK_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Expected:
    """One group on one partition: the checkpoint that MM2 has written, and the next."""

    upstream: int
    """The group's offset on the source."""
    checkpoint: Checkpoint | None
    age: float | None
    """Seconds since MM2 looked at the group's offsets for this checkpoint."""
    next: int | None
    """What MM2 translates `upstream` to by the syncs that are there; None: it has none to do it by."""
    certain: bool
    """Whether every MM2 translates so: the group is at or after the newest sync. Of a group further back, one
    that has run for long may know syncs that compaction removed, and have given up others."""
    synced: int | None = None
    """The source offset of the newest offset sync; None without any."""

    @classmethod
    def nothing(cls, upstream: int) -> Expected:
        """Of a group of a type that MM2 leaves out: there is no checkpoint, and there will be none."""
        return cls(upstream, None, None, None, certain=True)

    @property
    def emits(self) -> bool:
        """Whether MM2 has a checkpoint to write (`checkpointIsMoreRecent`)."""
        if self.next is None:
            return False
        last = self.checkpoint
        return last is None or self.upstream < last.upstream or self.next > last.downstream

    @property
    def settles_at(self) -> int | None:
        """The translation that counts once MM2 has done what it does next."""
        if self.emits or self.checkpoint is None:
            return self.next
        return self.checkpoint.downstream

    def overdue(self, patience: float) -> bool:
        """Whether a newer checkpoint is due while the last one is older than `patience` seconds. Not proof
        yet: the group may have moved a moment ago."""
        return self.certain and self.emits and self.age is not None and self.age > patience

    def to_json(self) -> dict[str, Any]:
        """The checkpoint and the prediction, for reports."""
        last = self.checkpoint
        return {
            "checkpoint_source_offset": last and last.upstream,
            "checkpoint_target_offset": last and last.downstream,
            "checkpoint_age_seconds": None if self.age is None else round(self.age, 1),
            "next_target_offset": self.settles_at,
        }


def expected(
    group: str,
    source: TopicPartition,
    target: TopicPartition,
    upstream: int,
    *,
    checkpoints: Mapping[CheckpointKey, Dated],
    syncs: OffsetSyncStore,
    now: float,
) -> Expected:
    """`source` and `target` name the same partition on the two sides."""
    dated = checkpoints.get(CheckpointKey(group, target))
    newest = syncs.newest(source)
    return Expected(
        upstream,
        dated.checkpoint if dated else None,
        now - dated.at if dated else None,
        syncs.translate(source, upstream),
        newest is not None and newest.upstream <= upstream,
        newest.upstream if newest else None,
    )


def patience(emit_interval_seconds: float) -> float:
    """Seconds until a checkpoint that is due counts as overdue."""
    return 2 * emit_interval_seconds + SLACK_SECONDS
