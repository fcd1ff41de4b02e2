"""Compares one partition's source with its target, record by record, in one pass and in bounded memory.

    1  lockstep   while the next records of both sides are the same, whole columns are compared; a partition
                  without differences needs only this step
    2  window     at a difference, the next 1,024 records of both sides are aligned (`align`), then 8,192,
                  then 65,536. Tied records are passed; those between the ties go to the residue (`gaps`)
    3  search     if even the largest window has too few ties (thousands of records are lost), both sides are
                  read ahead until they have the same records again (`search`), and then once more up to there
    Then step 1 again.

This pass does not say what a difference is (`resolve` does): only the whole partition shows whether a record
is lost or comes later, and whether a target record is alien or came before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from types import TracebackType

import numpy as np

from mirror.audit.align import align, dense_end
from mirror.audit.blocks import BLOCK_RECORDS, RecordBlock, RecordLog
from mirror.audit.columns import Indices, alike, digests
from mirror.audit.cursor import Cursor
from mirror.audit.extent import Extent, ResumePoint
from mirror.audit.gaps import GapWriter
from mirror.audit.residue import Residue
from mirror.audit.search import find_sync

WINDOWS = ((1024, 2), (8192, 2), (BLOCK_RECORDS, 4))
"""Window sizes in records; the second number n: an alignment counts if one record in n is tied."""


class Comparison:
    """The comparison of one partition: `steps` does it; between two steps, `place` is the resume point."""

    def __init__(
        self,
        extent: Extent,
        source: RecordLog,
        target: RecordLog,
        residue: Residue,
        place: ResumePoint | None = None,
        windows: Sequence[tuple[int, int]] = WINDOWS,
    ) -> None:
        self._windows, self._margin = windows, windows[-1][0]
        self._extent, self._source, self._target, self._residue = extent, source, target, residue
        self._place = place or ResumePoint(
            extent.source_start,
            extent.target_start,
            source_before=extent.source_start - 1 if extent.sampled else extent.left_out,
            target_before=extent.target_start - 1 if extent.sampled else extent.copy_before,
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
        self._stamped = at.stamped
        self._gaps = GapWriter(extent, self._residue, at)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def place(self) -> ResumePoint:
        """The point from which a restarted comparison continues."""
        return ResumePoint(
            self._left.place,
            self._right.place,
            self._gaps.before[0],
            self._gaps.before[1],
            self._gaps.tied,
            self._place.source_records + self._left.records,
            self._place.target_records + self._right.records,
            self._stamped,
            lost=self._gaps.open[0],
            extra=self._gaps.open[1],
            lost_head=self._gaps.open[2],
            extra_head=self._gaps.open[3],
            sizes=self._residue.sizes,
        )

    def steps(self) -> Iterator[None]:
        """Compare up to the end of the extent; `place` is valid between any two steps."""
        left, right = self._left, self._right
        while True:
            ours, theirs = left.head(), right.head()
            self._stamped = self._stamped and not (left.no_producer_time or right.no_producer_time)
            if not len(ours) or not len(theirs):
                break
            same = alike(ours, theirs, self._stamped)
            if same and any(self._gaps.open):
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
        """Pass the remaining records; none of them is tied."""
        yield from self._drain_source(self._extent.must + 1, 0)
        if not self._extent.sampled:
            yield from self._drain_target(self._extent.target_stop, 0)

    def _pass(self, ours: RecordBlock, theirs: RecordBlock, count: int) -> None:
        """Pass `count` records that are the same; no gap is open."""
        self._gaps.same(ours, theirs, count)
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
        left, right = self._left, self._right
        before = None
        while (found := self._find_sync()) is not None:
            if found == before:
                raise RuntimeError(
                    f"the search found offsets {found} twice, but no record there is the same on both sides"
                )
            before = found
            # The search looks at a sample of records only, so the first tie may be some records earlier.
            yield from self._drain_source(found[0], self._margin)
            yield from self._drain_target(found[1], self._margin)
            rows, copies = left.window(2 * self._margin), right.window(2 * self._margin)
            ties = self._align(rows, copies)
            if sure := dense_end(*ties) or len(ties[0]):
                self._commit(rows, copies, ties[0][:sure], ties[1][:sure])
                return
            # Retention or the cleaner has deleted what was found since: the next ones are searched for.
        yield from self._drain()

    def _find_sync(self) -> tuple[int, int] | None:
        """Read both logs ahead, and return where they have the same records again."""
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
        return found

    def _align(self, ours: RecordBlock, theirs: RecordBlock) -> tuple[Indices, Indices]:
        return align(digests(ours, self._stamped), digests(theirs, self._stamped))

    def _drain_source(self, stop: int, keep: int) -> Iterator[None]:
        """Pass source records without a tie; keep the last `keep` records before the offset `stop`."""
        while count := _before(self._left, stop, keep):
            rows = self._left.window(count)
            self._gaps.source_only(rows)
            self._left.advance(len(rows))
            yield

    def _drain_target(self, stop: int, keep: int) -> Iterator[None]:
        while count := _before(self._right, stop, keep):
            rows = self._right.window(count)
            self._gaps.target_only(rows)
            self._right.advance(len(rows))
            yield

    def _commit(self, ours: RecordBlock, theirs: RecordBlock, left: Indices, right: Indices) -> None:
        """Pass all records up to the last tie."""
        if not len(left):
            return
        self._gaps.ties(ours, theirs, left, right)
        self._left.advance(int(left[-1]) + 1)
        self._right.advance(int(right[-1]) + 1)

    def _close_last(self) -> None:
        """Close the gap at the end. Of a sampled stretch, the target may have records left."""
        if not any(self._gaps.open):
            return
        source, target = self._left.head(), self._right.head()
        self._gaps.close_last(
            (
                int(source.offsets[0]) if len(source) else self._extent.source_stop,
                int(target.offsets[0]) if len(target) else self._extent.target_stop,
            )
        )


def _before(cursor: Cursor, stop: int, keep: int) -> int:
    """Count the records in memory before the offset `stop`, without the last `keep` of them."""
    rows = cursor.window(keep + BLOCK_RECORDS) if keep else cursor.head()
    return max(0, int(np.searchsorted(rows.offsets, stop)) - keep)
