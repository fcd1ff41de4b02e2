"""Finds the offsets from which two logs have the same records again after a long stretch without any.

Both logs are read in turn, block by block. Of each, a sample of digests is kept. The digest itself decides
whether it is in the sample (Broder 1997), so both sides keep the same records. A larger stretch makes the
sample sparser, so memory stays bounded. Every record of a new block is looked up in the other side's sample.

    source   ......lost stretch......abcdefgh
    target   ..alien..abcdefgh                   ties in the same order: resume here
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mirror.audit.align import DENSE, longest_ascending
from mirror.audit.blocks import RecordBlock
from mirror.audit.columns import Digests, Indices, digests, lookup

SAMPLE = 1 << 17
MANY = 64
"""This many ties in one block are not a coincidence, however far apart: one side is compacted."""


class _Sample:
    """A sample of one side's digests, each with the offset of the last record that has it."""

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
        # Use the upper bits: the lower ones partition records elsewhere (`labels.pair`).
        chosen: np.ndarray[tuple[int], np.dtype[np.bool_]] = (fresh >> np.uint64(40)) % np.uint64(
            self.spread
        ) == 0
        return chosen

    def find(self, fresh: Digests) -> tuple[Indices, Indices]:
        """Return the rows of a block that are in the sample, and their offsets on the sampled side."""
        rows, at = lookup(self._digests, fresh)
        return rows, self._offsets[at]


def find_sync(
    source: Iterator[RecordBlock], target: Iterator[RecordBlock], stamped: bool
) -> tuple[int, int] | None:
    """Return the source and target offset from which both sides have the same records again.

    None: they have no common record up to the end.
    """
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
            # Of ties that are far apart, the middle one is the least likely to be a coincidence.
            tie = kept[len(kept) // 2 if sure is None else sure]
            here, there = int(block.offsets[rows[tie]]), int(places[tie])
            found = (here, there) if side == 0 else (there, here)
            if sure is not None:
                return found
            if weak is None or len(kept) > weak[0]:
                weak = len(kept), found
    return None if weak is None else weak[1]


def _dense(rows: Indices, spread: int) -> int | None:
    """Return the first of ties that are as close as the sampling allows; of very many ties, an early one."""
    if len(rows) < DENSE:
        return None
    close = np.flatnonzero(rows[DENSE - 1 :] - rows[: 1 - DENSE] < 4 * DENSE * spread)
    if len(close):
        return int(close[0])
    return len(rows) // 8 if len(rows) >= MANY else None
