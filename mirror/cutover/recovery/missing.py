"""Judges one partition: which records of the source never crossed, and which of their keys are in conflict.

Pure. All records are columns of digests (`mirror.audit.blocks`), read_committed, so aborted ones are absent:

    source   ... mirrored | crossed | never crossed ........................ | last stable offset
    target   ... copies ........... | promoted | written by clients since .. | last stable offset

`mirrored` is MM2's last position. With exactly-once it is committed with the records, so nothing behind it
has crossed. Without, some records behind it may have: these are found by their content. A record that the
target's log cleaner may have removed is excused as the audit does it: a later record of its key has crossed.

By content, too, both logs are first compared row by row (`in_order`); only what is behind the first
difference is looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from mirror.audit.blocks import NO_PRODUCER_TIME, NULL_KEY, TOMBSTONE, RecordBlock
from mirror.audit.columns import Digests, Indices, digests, joined, lookup
from mirror.cutover.recovery.in_order import Matched, in_order, without_headers

Mask = NDArray[np.bool_]
_NOWHERE = -1
"""The offset, time or row of no record; below that of every record."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The result for one partition. The arrays are offsets and milliseconds, in the order of the log."""

    missing: Indices
    """Source offsets of the records that never crossed, with those that were not recovered yet only."""
    timestamps: Indices
    """Of each missing record."""
    in_conflict: Mask
    """Whether the key of a missing record was written on the target since the promotion, or the record was:
    a client that got no answer has sent it again."""
    there: Indices
    """Target offset of the newest record with this key, or of the same record; -1 without a conflict."""
    there_timestamps: Indices
    keyed: Mask
    """Whether a missing record has a key: without one it follows no record."""
    tombstones: int
    """Missing records whose value is null."""
    crossed: int
    """Records behind MM2's last position that are on the target."""
    superseded: int
    """Records that may have crossed and been compacted: a later record of their key has crossed."""
    recovered: int
    """Records that an earlier run has recovered."""
    stamped: bool
    """Whether some of the missing may be there: the target's brokers have stamped records that were compared
    by content, or MM2's producer has stamped the copies of some that have no timestamp (-1), so that copies
    among these are not recognised. A comparison without timestamps would take what clients wrote for copies,
    and lose records."""

    @property
    def conflicts(self) -> int:
        """The number of missing records in conflict."""
        return int(np.count_nonzero(self.in_conflict))


def judge(
    source: Iterable[RecordBlock],
    target: Iterable[RecordBlock],
    *,
    recovered: int,
    promoted: int | None,
    by_content: bool,
    compacted: bool,
) -> Judgement:
    """Judge a partition.

    `source`: all its records behind MM2's last position. `recovered`: the last source offset that an earlier
    run has recovered, -1 for none. `promoted`: the target's end at the promotion; None: unknown, so that any
    record of `target` counts as written since. `by_content`: records behind the position may have crossed.
    `compacted`: the log cleaner may have removed records from the target.
    """
    originals = (block for block in source if len(block))
    copies = (block for block in target if len(block))
    matched = in_order(originals, copies) if by_content else Matched((), originals, copies)
    left = joined(list(matched.source) or [RecordBlock.empty(0, at_end=True)])
    first = next(matched.target, None) if len(left) else None
    # Sorting digests takes a fifth of the time of reading: only where the target has records to compare.
    seen: _Seen | None = None
    if first is not None:
        seen = _Seen(left, matched.originals, promoted, by_content, recovered)
        for block in chain([first], matched.target):
            seen.add(block)
    crossed = np.zeros(len(left), bool) if seen is None else seen.crossed()
    superseded = np.zeros(len(left), bool) if seen is None or not compacted else seen.superseded(crossed)
    done = ~crossed & ~superseded & (left.offsets <= recovered)
    open_ = ~crossed & ~superseded & ~done
    nowhere = np.full(len(left), _NOWHERE)
    there, there_timestamps = (nowhere, nowhere) if seen is None else seen.newest()
    return Judgement(
        left.offsets[open_],
        left.timestamps[open_],
        there[open_] != _NOWHERE,
        there[open_],
        there_timestamps[open_],
        left.flags[open_] & NULL_KEY == 0,
        int(np.count_nonzero(left.flags[open_] & TOMBSTONE)),
        sum(map(len, matched.originals)) + int(np.count_nonzero(crossed)),
        int(np.count_nonzero(superseded)),
        int(np.count_nonzero(done)),
        seen is not None
        and by_content
        and bool((open_ if seen.stamped else open_ & (left.timestamps < 0)).any()),
    )


class _Seen:
    """What the target has of the records that are `left` of the source's, and of their keys."""

    def __init__(
        self,
        left: RecordBlock,
        passed: Sequence[Digests],
        promoted: int | None,
        by_content: bool,
        recovered: int,
    ) -> None:
        self._left, self._passed = left, passed
        self._keys, self._which = _unique(left.keys)
        self._keyed = left.flags & NULL_KEY == 0
        self._last = np.full(len(self._keys), _NOWHERE)
        self._last_timestamps = np.full(len(self._keys), _NOWHERE)
        self._promoted, self._by_content = promoted, by_content
        self.stamped = False
        """Whether the target's brokers have stamped any of these records (LogAppendTime)."""
        if by_content:
            self._wanted, self._row = _unique(digests(left, stamped=True))
            self._copies = np.zeros(len(self._wanted), np.int64)
        else:
            self._bodies, self._body = _unique(without_headers(left))
            self._again = np.full(len(self._bodies), _NOWHERE)
            self._again_timestamps = np.full(len(self._bodies), _NOWHERE)
        # Exactly-once, only what an earlier run has recovered is on the target by our doing.
        self._ours = np.ones(len(left), bool) if by_content else left.offsets <= recovered

    @cached_property
    def _own(self) -> Digests:
        return np.sort(np.concatenate([*self._passed, without_headers(self._left)[self._ours]]))

    def add(self, block: RecordBlock) -> None:
        self.stamped = self.stamped or bool((block.flags & NO_PRODUCER_TIME).any())
        if self._by_content:
            _, at = lookup(self._wanted, digests(block, stamped=True))
            np.add.at(self._copies, at, 1)
        since = (
            block if self._promoted is None else block[int(np.searchsorted(block.offsets, self._promoted)) :]
        )
        # A copy, or what an earlier run has recovered: its headers have grown.
        own, _ = lookup(self._own, without_headers(since))
        foreign = np.ones(len(since), bool)
        foreign[own] = False
        if not self._by_content:
            self._note(
                since, foreign, without_headers(since), self._bodies, self._again, self._again_timestamps
            )
        keyed = foreign & (since.flags & NULL_KEY == 0)
        self._note(since, keyed, since.keys, self._keys, self._last, self._last_timestamps)

    @staticmethod
    def _note(
        block: RecordBlock,
        chosen: Mask,
        column: Digests,
        known: Digests,
        offsets: Indices,
        timestamps: Indices,
    ) -> None:
        rows = np.flatnonzero(chosen)
        hits, at = lookup(known, column[rows])
        offsets[at], timestamps[at] = block.offsets[rows[hits]], block.timestamps[rows[hits]]

    def newest(self) -> tuple[Indices, Indices]:
        """For each source record, offset and timestamp of the newest record with its key on the target, or of
        the same record where that is newer, or has no key.
        """
        there = np.where(self._keyed, self._last[self._which], _NOWHERE)
        timestamps = np.where(self._keyed, self._last_timestamps[self._which], _NOWHERE)
        if self._by_content:
            return there, timestamps
        again = self._again[self._body]
        return (
            np.maximum(there, again),
            np.where(again > there, self._again_timestamps[self._body], timestamps),
        )

    def superseded(self, crossed: Mask) -> Mask:
        """Whether a later record of the key has crossed."""
        rows = np.arange(len(crossed))
        later = np.full(len(self._keys), _NOWHERE)
        later[self._which[crossed]] = rows[crossed]  # of several records with one key, the last one remains
        found: Mask = ~crossed & self._keyed & (later[self._which] > rows)
        return found

    def crossed(self) -> Mask:
        """Of identical records, as many as the target has: the first ones."""
        if not self._by_content:
            return np.zeros(len(self._which), bool)
        order = np.argsort(self._row, kind="stable")
        groups = self._row[order]
        firsts = np.searchsorted(groups, groups)
        ranks = np.empty(len(order), np.int64)
        ranks[order] = np.arange(len(order)) - firsts
        found: Mask = ranks < self._copies[self._row]
        return found


def _unique(column: Digests) -> tuple[Digests, Indices]:
    values, which = np.unique(column, return_inverse=True)
    return values, which.astype(np.int64)


def ranges(offsets: Indices, most: int = 20) -> list[tuple[int, int, int]]:
    """Return first offset, last offset and count of each run of missing records; runs beyond `most` are
    joined with the last one. Offsets of one run follow each other; markers and aborted records divide runs.
    """
    if not len(offsets):
        return []
    breaks = np.flatnonzero(np.diff(offsets) != 1) + 1
    starts = np.concatenate([[0], breaks])[:most]
    stops = np.concatenate([breaks, [len(offsets)]])[:most]
    stops[-1] = len(offsets)
    return [
        (int(offsets[start]), int(offsets[stop - 1]), int(stop - start))
        for start, stop in zip(starts, stops, strict=True)
    ]
