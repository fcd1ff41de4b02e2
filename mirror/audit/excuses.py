"""What the log cleaner and retention may have removed on one side alone, and what they cannot have.

A record that stands on one side only is excused when all of this holds:

- the other side's offsets have a hole at its place, and one for each excused record there: the cleaner never
  gives an offset to another record, so where no hole is, nothing was removed;
- either retention has moved the other log's start past that place,
- or that topic is compacted, the record has a key, and a later record of this key is on that side; or
  the last record of this key is a tombstone older than `delete.retention.ms`, and nothing older of the key is
  left on that side (the cleaner removes what a tombstone deletes before, or with, the tombstone).

A hole alone proves nothing: transaction markers and aborted records leave holes, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror.audit.blocks import NULL_KEY, TOMBSTONE, Log
from mirror.audit.columns import Digests, Indices
from mirror.audit.labels import COMPACTED, EXPIRED, Labels
from mirror.audit.residue import Residue, Table
from mirror.clients.records import TopicPartition


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What may remove records from one side's topic."""

    compacted: bool = False
    delete_retention_ms: int = 86_400_000
    """Kafka's default of `delete.retention.ms`."""


UNCLEANED = Cleaning()


@dataclass(frozen=True, slots=True)
class Side:
    """One side's partition as it is now, after everything was compared."""

    log: Log
    partition: TopicPartition
    start: int
    stop: int
    cleaning: Cleaning


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the records of some keys are: -1 for nowhere."""

    first: Indices
    last: Indices
    last_timestamp: Indices
    last_is_tombstone: NDArray[np.bool_]


def excuse(residue: Residue, labels: Labels, here: Side, there: Side, now_ms: int) -> None:
    """Labels what is rightly `here` only. `labels` are of the rows that `here` has and `there` lacks."""
    side, other = ("target", "extra") if labels.name == "lost" else ("source", "lost")
    used = _Used()
    for start, rows in residue.chunks(labels.name):
        free = labels.unnamed(start, rows)
        if not len(free):
            continue
        mine = rows[free]
        gaps = _gaps(residue, mine["gaps"])
        before = gaps[f"{side}_before"]
        holes = gaps[f"{side}_after"] - before - 1 - gaps[other] - gaps[f"{other}_head"]
        expired = (before + 1 < there.start) & (holes > 0)
        compacted = np.zeros(len(mine), bool)
        if there.cleaning.compacted:
            asked = (holes > 0) & ~expired & (mine["flags"] & NULL_KEY == 0)
            compacted[asked] = _superseded(mine[asked], before[asked], here, there, now_ms)
        allowed = used.within(mine["gaps"], expired | compacted, holes)
        labels.set(start + free[expired & allowed], EXPIRED, -1)
        labels.set(start + free[compacted & allowed], COMPACTED, -1)


def _superseded(rows: Table, before: Indices, here: Side, there: Side, now_ms: int) -> NDArray[np.bool_]:
    if not len(rows):
        return np.zeros(0, bool)
    keys, which = np.unique(rows["keys"], return_inverse=True)
    on_other = _places(there, keys)
    superseded: NDArray[np.bool_] = on_other.last[which] > before
    if superseded.all():
        return superseded
    on_own = _places(here, keys)
    deleted = on_own.last_is_tombstone & (
        now_ms - on_own.last_timestamp >= there.cleaning.delete_retention_ms
    )
    older_left = (on_other.first[which] >= 0) & (on_other.first[which] <= before)
    return superseded | (deleted[which] & ~older_left)


def _places(side: Side, keys: Digests) -> _Places:
    """One pass over a log, for some keys: memory depends on these alone."""
    nowhere = np.full(len(keys), -1)
    found = _Places(nowhere, nowhere.copy(), nowhere.copy(), np.zeros(len(keys), bool))
    with side.log.blocks(side.partition, side.start, side.stop) as blocks:
        for block in blocks:
            at = np.minimum(np.searchsorted(keys, block.keys), len(keys) - 1)
            hits = np.flatnonzero((keys[at] == block.keys) & (block.flags & NULL_KEY == 0))
            at = at[hits]
            # Of several records of a key, the last assignment stays.
            found.last[at] = block.offsets[hits]
            found.last_timestamp[at] = block.timestamps[hits]
            found.last_is_tombstone[at] = block.flags[hits] & TOMBSTONE != 0
            back = at[::-1]
            first = np.full(len(keys), -1)
            first[back] = block.offsets[hits][::-1]
            fresh = (found.first < 0) & (first >= 0)
            found.first[fresh] = first[fresh]
    return found


def _gaps(residue: Residue, numbers: Indices) -> Table:
    """The gap of each row; rows of a chunk are in the order of their gaps."""
    first, last = int(numbers.min()), int(numbers.max())
    return residue.read("gaps", first, last - first + 1)[numbers - first]


class _Used:
    """How many holes of a gap are spoken for; a long gap spans several chunks."""

    def __init__(self) -> None:
        self._gap, self._count = -1, 0

    def within(self, gaps: Indices, wanted: NDArray[np.bool_], holes: Indices) -> NDArray[np.bool_]:
        """Which of the wanted rows still find a hole in their gap."""
        total = np.cumsum(wanted)
        firsts = np.flatnonzero(np.concatenate([[True], gaps[1:] != gaps[:-1]]))
        starts: Indices = np.repeat(total[firsts] - wanted[firsts], np.diff([*firsts, len(gaps)]))
        rank = total - starts
        if gaps[0] == self._gap:
            rank = rank + np.where(gaps == self._gap, self._count, 0)
        self._gap, self._count = int(gaps[-1]), int(rank[-1])
        allowed: NDArray[np.bool_] = wanted & (rank <= holes)
        return allowed
