"""Decides which records are on one side only because the log cleaner or retention removed the counterpart.

A record that is on one side only is excused if the other log has a hole in its offsets at that position, and
one of these is true of the other log:

- retention has moved its start past that position;
- its topic is compacted, the record has a key, and it contains a later record with this key;
- its topic is compacted, the last record with this key is a tombstone older than `delete.retention.ms`, and
  it contains no earlier record with the key (the cleaner removes those before or with the tombstone).

Each excused record needs a hole of its own: the cleaner never reassigns an offset, so without a hole no
record was removed. A hole alone is not enough: transaction markers and aborted records leave holes, too. For
retention only the offsets before the log's start count as holes: it removes nothing behind it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror.audit.blocks import NULL_KEY, TOMBSTONE, RecordLog
from mirror.audit.columns import Digests, Indices, lookup
from mirror.audit.labels import COMPACTED, EXPIRED, Labels
from mirror.audit.residue import Residue, Table
from mirror.audit.rules import Cleaning
from mirror.clients.records import TopicPartition

_NOWHERE = -1
"""The offset of no record; below that of every record."""


@dataclass(frozen=True, slots=True)
class LogSide:
    """One side's partition with its current bounds, read after the comparison."""

    log: RecordLog
    partition: TopicPartition
    start: int
    stop: int
    cleaning: Cleaning


@dataclass(frozen=True, slots=True)
class _LastRecords:
    """For some keys, the offset, timestamp and kind of the last record; `_NOWHERE` if there is none."""

    last: Indices
    last_timestamp: Indices
    last_is_tombstone: NDArray[np.bool_]


def excuse(residue: Residue, labels: Labels, here: LogSide, there: LogSide, now_ms: int) -> None:
    """Label the records that may be on the side `here` only; `labels` are of those missing `there`."""
    side, other = ("target", "extra") if labels.name == "lost" else ("source", "lost")
    used, used_before_start = _UsedHoles(), _UsedHoles()
    for start, rows in residue.chunks(labels.name):
        free = labels.unnamed(start, rows)
        if not len(free):
            continue
        mine = rows[free]
        gaps = _gaps(residue, mine["gaps"])
        before = gaps[f"{side}_before"]
        holes = gaps[f"{side}_after"] - before - 1 - gaps[other] - gaps[f"{other}_head"]
        before_start = np.minimum(holes, there.start - before - 1)
        expired = used_before_start.within(mine["gaps"], np.ones(len(mine), bool), before_start)
        compacted = np.zeros(len(mine), bool)
        if there.cleaning.compacted:
            asked = (holes > 0) & ~expired & (mine["flags"] & NULL_KEY == 0)
            if asked.any():
                compacted[asked] = _superseded(mine[asked], before[asked], here, there, now_ms)
        allowed = used.within(mine["gaps"], expired | compacted, holes)
        labels.set(start + free[expired], EXPIRED)
        labels.set(start + free[compacted & allowed], COMPACTED)


def _superseded(
    rows: Table, before: Indices, here: LogSide, there: LogSide, now_ms: int
) -> NDArray[np.bool_]:
    keys, which = np.unique(rows["keys"], return_inverse=True)
    on_other = _find_keys(there, keys)
    superseded: NDArray[np.bool_] = on_other.last[which] > before
    if superseded.all():
        return superseded
    on_own = _find_keys(here, keys)
    deleted = on_own.last_is_tombstone & (
        now_ms - on_own.last_timestamp >= there.cleaning.delete_retention_ms
    )
    # Any record of a key that is not superseded comes before the hole.
    older_left: NDArray[np.bool_] = on_other.last[which] != _NOWHERE
    return superseded | (deleted[which] & ~older_left)


def _find_keys(side: LogSide, keys: Digests) -> _LastRecords:
    """Find the records of some sorted keys in one pass; memory depends on the number of keys only. No key is
    null: the digest of a null key is 0, and that of no other key."""
    nowhere = np.full(len(keys), _NOWHERE)
    found = _LastRecords(nowhere, nowhere.copy(), np.zeros(len(keys), bool))
    with side.log.blocks(side.partition, side.start, side.stop) as blocks:
        for block in blocks:
            hits, at = lookup(keys, block.keys)
            # Of several records with one key, the last assignment remains.
            found.last[at] = block.offsets[hits]
            found.last_timestamp[at] = block.timestamps[hits]
            found.last_is_tombstone[at] = block.flags[hits] & TOMBSTONE != 0
    return found


def _gaps(residue: Residue, numbers: Indices) -> Table:
    """Return the gap of each row; the rows of a chunk are sorted by gap."""
    first, last = int(numbers.min()), int(numbers.max())
    return residue.read("gaps", first, last - first + 1)[numbers - first]


@dataclass
class _UsedHoles:
    """Counts the holes of a gap that excused records use; a long gap spans several chunks."""

    _gap: int = -1
    """The last gap of the chunk before; -1 before the first chunk."""
    _count: int = 0

    def within(self, gaps: Indices, wanted: NDArray[np.bool_], holes: Indices) -> NDArray[np.bool_]:
        """Return which of the wanted rows still have a free hole in their gap."""
        total = np.cumsum(wanted)
        firsts = np.flatnonzero(np.concatenate([[True], gaps[1:] != gaps[:-1]]))
        starts: Indices = np.repeat(total[firsts] - wanted[firsts], np.diff([*firsts, len(gaps)]))
        rank = total - starts
        if gaps[0] == self._gap:
            rank = rank + np.where(gaps == self._gap, self._count, 0)
        self._gap, self._count = int(gaps[-1]), int(rank[-1])
        allowed: NDArray[np.bool_] = wanted & (rank <= holes)
        return allowed
