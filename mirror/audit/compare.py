"""Compares one partition's source with its target, record by record, in one pass and bounded memory.

    1  lockstep   while both sides have the same next records, whole columns are compared: a clean partition
                  costs nothing else
    2  a window   at a difference, 1,024 records of both sides are aligned (`align`), then 8,192, then 65,536;
                  what is tied is gone past, what stands between ties goes to the residue
    3  a search   where even the largest window has too little in common (a lost stretch of thousands), both
                  sides are read ahead until they run together again (`search`), then once more up to there
    ->            1

Names are given afterwards (`resolve`): only the whole partition tells a lost record from one that comes
later, and an alien one from one that came before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from mirror.audit.align import align, dense_end
from mirror.audit.blocks import BLOCK_RECORDS, Block, Log
from mirror.audit.columns import Indices, alike, digests
from mirror.audit.cursor import Cursor
from mirror.audit.extent import Extent, Place
from mirror.audit.residue import GAP, Residue
from mirror.audit.search import find_sync

# Windows, and how much of one side has to be tied for its alignment to be believed: one in so many.
WINDOWS = ((1024, 2), (8192, 2), (BLOCK_RECORDS, 4))


class Comparison:
    """One partition's comparison; `steps` does it, `place` says at any step how to go on after a restart."""

    def __init__(
        self,
        extent: Extent,
        source: Log,
        target: Log,
        residue: Residue,
        place: Place | None = None,
        windows: Sequence[tuple[int, int]] = WINDOWS,
    ) -> None:
        self._windows, self._margin = windows, windows[-1][0]
        self._extent, self._source, self._target, self._residue = extent, source, target, residue
        self._place = place or Place(
            extent.source_start,
            extent.target_start,
            source_before=extent.source_start - 1 if extent.sampled else extent.left_out,
            target_before=extent.target_start - 1 if extent.sampled else -1,
        )
        self._stack = ExitStack()

    def __enter__(self) -> Comparison:
        extent, at = self._extent, self._place
        self._left = self._stack.enter_context(
            Cursor(
                lambda start: self._source.blocks(extent.source, start, extent.source_stop), at.source_next
            )
        )
        self._right = self._stack.enter_context(
            Cursor(
                lambda start: self._target.blocks(extent.target, start, extent.target_stop), at.target_next
            )
        )
        self._before = [at.source_before, at.target_before]
        self._tied, self._stamped = at.tied, at.stamped
        self._open = [at.lost, at.extra, at.lost_head, at.extra_head]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def place(self) -> Place:
        return Place(
            self._left.place,
            self._right.place,
            self._before[0],
            self._before[1],
            self._tied,
            self._place.source_records + self._left.records,
            self._place.target_records + self._right.records,
            self._stamped,
            lost=self._open[0],
            extra=self._open[1],
            lost_head=self._open[2],
            extra_head=self._open[3],
            sizes=self._residue.sizes,
        )

    def steps(self) -> Iterator[None]:
        """Compares up to the end; between any two steps `place` holds."""
        left, right = self._left, self._right
        while True:
            ours, theirs = left.head(), right.head()
            self._stamped = self._stamped and not (left.log_append_time or right.log_append_time)
            if not len(ours) or not len(theirs):
                break
            same = alike(ours, theirs, self._stamped)
            if same and any(self._open):
                first = np.zeros(1, np.int64)
                self._commit(ours, theirs, first, first)
            elif same:
                self._pass(ours, theirs, same)
            else:
                yield from self._resync()
            yield
        yield from self._drain()
        self._close_last()

    def _drain(self) -> Iterator[None]:
        """Goes past the rest: nothing more is tied."""
        yield from self._drain_source(self._extent.must + 1, 0)
        if not self._extent.sampled:
            yield from self._drain_target(self._extent.target_stop, 0)

    def _pass(self, ours: Block, theirs: Block, count: int) -> None:
        """The next records are the same, and no gap is open."""
        self._before = [int(ours.offsets[count - 1]), int(theirs.offsets[count - 1])]
        self._tied += count
        self._left.advance(count)
        self._right.advance(count)

    def _resync(self) -> Iterator[None]:
        for size, share in self._windows:
            ours, theirs = self._left.window(size), self._right.window(size)
            all_ours = self._left.ended and len(ours) == self._left.held
            all_theirs = self._right.ended and len(theirs) == self._right.held
            ties = self._align(ours, theirs)
            sure = dense_end(*ties)
            sampled = self._extent.sampled and sure > 0 and size == self._margin
            if all_ours and (all_theirs or sampled):
                self._commit(ours, theirs, *ties)
                yield from self._drain()
                return
            if (all_theirs and len(ties[1]) == len(theirs)) or (all_ours and len(ties[0]) == len(ours)):
                sure = len(ties[0])
            elif sure and sure * share <= min(ties[0][sure - 1], ties[1][sure - 1]):
                continue
            if sure:
                self._commit(ours, theirs, ties[0][:sure], ties[1][:sure])
                return
        yield from self._search()

    def _search(self) -> Iterator[None]:
        extent, left, right = self._extent, self._left, self._right
        left.close()
        right.close()
        with (
            self._source.blocks(extent.source, left.place, extent.source_stop) as ours,
            self._target.blocks(extent.target, right.place, extent.target_stop) as theirs,
        ):
            found = find_sync(ours, theirs, self._stamped)
        left.seek(left.place)
        right.seek(right.place)
        if found is None:
            yield from self._drain()
            return
        # The true place may lie some records before: the sample holds not all of them.
        yield from self._drain_source(found[0], self._margin)
        yield from self._drain_target(found[1], self._margin)
        rows, copies = left.window(2 * self._margin), right.window(2 * self._margin)
        ties = self._align(rows, copies)
        sure = dense_end(*ties) or len(ties[0])
        assert sure, "a place where both sides have the same record has a tie"
        self._commit(rows, copies, ties[0][:sure], ties[1][:sure])

    def _align(self, ours: Block, theirs: Block) -> tuple[Indices, Indices]:
        return align(digests(ours, self._stamped), digests(theirs, self._stamped))

    def _drain_source(self, stop: int, keep: int) -> Iterator[None]:
        """Goes past records of the source without a tie, but for the last `keep` before the offset `stop`."""
        while count := _before(self._left, stop, keep):
            rows = self._left.window(count)
            self._untied(rows, None)
            self._left.advance(len(rows))
            yield

    def _drain_target(self, stop: int, keep: int) -> Iterator[None]:
        while count := _before(self._right, stop, keep):
            rows = self._right.window(count)
            self._untied(None, rows)
            self._right.advance(len(rows))
            yield

    def _untied(self, ours: Block | None, theirs: Block | None) -> None:
        """Records in the gap that is open."""
        if ours is not None:
            if self._head and self._extent.target_head_gone:
                self._open[2] += int(np.count_nonzero(ours.offsets <= self._extent.must))
            else:
                self._open[0] += len(ours)
                self._lose(ours, np.full(len(ours), self._residue.sizes.gaps))
        if theirs is not None and self._head and self._extent.sampled:
            if len(theirs):
                self._before[1] = int(theirs.offsets[-1])
        elif theirs is not None and self._before[0] <= self._extent.must:
            if self._head and self._extent.source_head_gone:
                self._open[3] += len(theirs)
            else:
                self._open[1] += len(theirs)
                self._residue.gain(theirs, np.full(len(theirs), self._residue.sizes.gaps))

    @property
    def _head(self) -> bool:
        return self._tied == 0

    def _lose(self, rows: Block, gaps: NDArray[np.int64]) -> None:
        """Nothing behind the cut is lost: it may still come."""
        due = int(np.searchsorted(rows.offsets, self._extent.must, side="right"))
        self._residue.lose(rows[:due], gaps[:due])

    def _commit(self, ours: Block, theirs: Block, left: Indices, right: Indices) -> None:
        """Goes past everything up to the last tie."""
        if not len(left):
            return
        ties = len(left)
        lost = np.setdiff1d(np.arange(left[-1]), left, assume_unique=True)
        extra = np.setdiff1d(np.arange(right[-1]), right, assume_unique=True)
        if self._head and left[0] + right[0]:
            self._untied(ours[: int(left[0])], theirs[: int(right[0])])
            lost, extra = lost[lost > left[0]], extra[extra > right[0]]
        gaps = np.zeros(ties, GAP)
        gaps["source_before"] = np.concatenate([[self._before[0]], ours.offsets[left[:-1]]])
        gaps["target_before"] = np.concatenate([[self._before[1]], theirs.offsets[right[:-1]]])
        gaps["source_after"], gaps["target_after"] = ours.offsets[left], theirs.offsets[right]
        lost_gap = np.searchsorted(left, lost)
        extra_gap = np.searchsorted(right, extra)
        judged = gaps["source_before"][extra_gap] <= self._extent.must
        extra, extra_gap = extra[judged], extra_gap[judged]
        gaps["lost"] = np.bincount(lost_gap, minlength=ties)
        gaps["extra"] = np.bincount(extra_gap, minlength=ties)
        for name, count in zip(("lost", "extra", "lost_head", "extra_head"), self._open, strict=True):
            gaps[name][0] += count
        filled = (gaps["lost"] + gaps["extra"] + gaps["lost_head"] + gaps["extra_head"]) > 0
        numbers = self._residue.sizes.gaps + np.cumsum(filled) - 1
        self._lose(_rows(ours, lost), numbers[lost_gap])
        self._residue.gain(_rows(theirs, extra), numbers[extra_gap])
        self._residue.close_gaps(gaps[filled])
        self._open = [0, 0, 0, 0]
        self._before = [int(ours.offsets[left[-1]]), int(theirs.offsets[right[-1]])]
        self._tied += ties
        self._left.advance(int(left[-1]) + 1)
        self._right.advance(int(right[-1]) + 1)

    def _close_last(self) -> None:
        """The gap at the end: no tie follows."""
        if not any(self._open):
            return
        gap = np.zeros(1, GAP)
        behind = self._left.head()
        after = int(behind.offsets[0]) if len(behind) else self._extent.source_stop
        rest = self._right.head()  # of a sampled stretch
        values = (*self._before, after, int(rest.offsets[0]) if len(rest) else self._extent.target_stop)
        names = ("source_before", "target_before", "source_after", "target_after")
        for name, value in zip(names, values, strict=True):
            gap[name] = value
        for name, count in zip(("lost", "extra", "lost_head", "extra_head"), self._open, strict=True):
            gap[name] = count
        self._residue.close_gaps(gap)
        self._open = [0, 0, 0, 0]


def _before(cursor: Cursor, stop: int, keep: int) -> int:
    """How many of the records that are read lie before an offset, without the last `keep`; 0: none."""
    rows = cursor.window(keep + BLOCK_RECORDS) if keep else cursor.head()
    return max(0, int(np.searchsorted(rows.offsets, stop)) - keep)


def _rows(block: Block, indices: Indices) -> Block:
    return Block(
        block.offsets[indices],
        block.timestamps[indices],
        block.keys[indices],
        block.values[indices],
        block.headers[indices],
        block.flags[indices],
        block.next_offset,
        block.at_end,
    )
