"""Where two logs that have nothing in common for a long stretch run together again.

Both are read on in turn, block by block; kept is a sample of the digests seen so far, chosen by the digests
themselves (Broder 1997), so that both sides keep the same records whatever lies between. It thins out as it
grows: memory stays the same however long the stretch is. Every new block is looked up, whole, in the other
side's sample.

    source   ......lost stretch......abcdefgh
    target   ..alien..abcdefgh                   the first ties in one order: go on here
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mirror.audit.align import DENSE, longest_ascending
from mirror.audit.blocks import Block
from mirror.audit.columns import Digests, Indices, digests

SAMPLE = 1 << 17
MANY = 64
"""So many ties in one block are no accident, however far apart: one side is compacted."""


class _Sample:
    """Digests that one side had, with the offset of the last record that had each."""

    def __init__(self) -> None:
        self.spread = 1
        self._digests: Digests = np.empty(0, np.uint64)
        self._offsets: Indices = np.empty(0, np.int64)

    def add(self, fresh: Digests, offsets: Indices) -> None:
        chosen = self._chosen(fresh)
        every = np.concatenate([fresh[chosen], self._digests])
        places = np.concatenate([offsets[chosen], self._offsets])
        self._digests, first = np.unique(every, return_index=True)
        self._offsets = places[first]
        while len(self._digests) > SAMPLE:
            self.spread *= 2
            chosen = self._chosen(self._digests)
            self._digests, self._offsets = self._digests[chosen], self._offsets[chosen]

    def _chosen(self, fresh: Digests) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        # The upper bits: the lower ones place records elsewhere.
        chosen: np.ndarray[tuple[int], np.dtype[np.bool_]] = (fresh >> np.uint64(40)) % np.uint64(
            self.spread
        ) == 0
        return chosen

    def find(self, fresh: Digests) -> tuple[Indices, Indices]:
        """Which of a block's records are in the sample, and the offsets there."""
        if not len(self._digests):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        places = np.minimum(np.searchsorted(self._digests, fresh), len(self._digests) - 1)
        rows = np.flatnonzero(self._digests[places] == fresh)
        return rows, self._offsets[places[rows]]


def find_sync(source: Iterator[Block], target: Iterator[Block], stamped: bool) -> tuple[int, int] | None:
    """Offsets, on the source and on the target, from which both sides have the same records again; None
    where they have nothing in common up to the end."""
    samples = (_Sample(), _Sample())
    open_ = [source, target]
    ended = [False, False]
    weak: tuple[int, tuple[int, int]] | None = None
    while not all(ended):
        for side in (0, 1):
            block = None if ended[side] else next(open_[side], None)
            if block is None:
                ended[side] = True
                continue
            fresh = digests(block, stamped)
            rows, places = samples[1 - side].find(fresh)
            samples[side].add(fresh, block.offsets)
            if not len(rows):
                continue
            kept = longest_ascending(places)
            sure = _dense(rows[kept], samples[1 - side].spread)
            # Among ties that are far apart, the middle one is the least likely to be an accident.
            tie = kept[len(kept) // 2 if sure is None else sure]
            here, there = int(block.offsets[rows[tie]]), int(places[tie])
            found = (here, there) if side == 0 else (there, here)
            if sure is not None:
                return found
            if weak is None or len(kept) > weak[0]:
                weak = len(kept), found
    return None if weak is None else weak[1]


def _dense(rows: Indices, spread: int) -> int | None:
    """The first of ties that lie as close as the sample lets them; of very many, one of the first."""
    if len(rows) < DENSE:
        return None
    close = np.flatnonzero(rows[DENSE - 1 :] - rows[: 1 - DENSE] < 4 * DENSE * spread)
    if len(close):
        return int(close[0])
    return len(rows) // 8 if len(rows) >= MANY else None
