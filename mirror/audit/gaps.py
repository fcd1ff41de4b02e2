"""Writes the records without a tie to the residue, each with the gap that it lies in.

A gap is open from one tied record to the next. While it is open, its records are counted and written. The
next tie closes it: then the offsets before and after the gap are known.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mirror.audit.blocks import RecordBlock
from mirror.audit.columns import Indices, taken
from mirror.audit.extent import Extent, ResumePoint
from mirror.audit.residue import GAP, Residue

COUNTS = ("lost", "extra", "lost_head", "extra_head")
_LOST, _EXTRA, _LOST_HEAD, _EXTRA_HEAD = range(len(COUNTS))


class GapWriter:
    """The open gap of one partition's comparison, and the residue that gets its records."""

    def __init__(self, extent: Extent, residue: Residue, point: ResumePoint) -> None:
        self._extent, self._residue = extent, residue
        self.before = [point.source_before, point.target_before]
        """The offsets of the last tied record, on the source and on the target."""
        self.tied = point.tied
        """Number of records that are the same on both sides."""
        self.open = [point.lost, point.extra, point.lost_head, point.extra_head]
        """The records in the open gap, in the order of COUNTS."""

    @property
    def at_head(self) -> bool:
        """Whether no record is tied yet."""
        return self.tied == 0

    def same(self, source: RecordBlock, target: RecordBlock, count: int) -> None:
        """Count the first `count` records as the same on both sides. No gap may be open."""
        self.before = [int(source.offsets[count - 1]), int(target.offsets[count - 1])]
        self.tied += count

    def source_only(self, rows: RecordBlock) -> None:
        """Add source records without a tie to the open gap."""
        if self.at_head and self._extent.target_head_gone:
            self.open[_LOST_HEAD] += int(np.count_nonzero(rows.offsets <= self._extent.must))
        else:
            self.open[_LOST] += len(rows)
            self._lose(rows, np.full(len(rows), self._residue.sizes.gaps))

    def target_only(self, rows: RecordBlock) -> None:
        """Add target records without a tie to the open gap.

        Not judged: records before the copy of a sampled stretch, and records that follow a source record
        behind the committed position.
        """
        if self.at_head and self._extent.sampled:
            if len(rows):
                self.before[1] = int(rows.offsets[-1])
        elif self.before[0] <= self._extent.must:
            if self.at_head and self._extent.source_head_gone:
                self.open[_EXTRA_HEAD] += len(rows)
            else:
                self.open[_EXTRA] += len(rows)
                self._residue.gain(rows, np.full(len(rows), self._residue.sizes.gaps))

    def ties(self, source: RecordBlock, target: RecordBlock, left: Indices, right: Indices) -> None:
        """Record the ties `source[left]` = `target[right]`, and the gaps between them, up to the last tie."""
        count = len(left)
        lost = np.setdiff1d(np.arange(left[-1]), left, assume_unique=True)
        extra = np.setdiff1d(np.arange(right[-1]), right, assume_unique=True)
        if self.at_head and left[0] + right[0]:
            self.source_only(source[: int(left[0])])
            self.target_only(target[: int(right[0])])
            lost, extra = lost[lost > left[0]], extra[extra > right[0]]
        gaps = np.zeros(count, GAP)
        gaps["source_before"] = np.concatenate([[self.before[0]], source.offsets[left[:-1]]])
        gaps["target_before"] = np.concatenate([[self.before[1]], target.offsets[right[:-1]]])
        gaps["source_after"], gaps["target_after"] = source.offsets[left], target.offsets[right]
        lost_gap = np.searchsorted(left, lost)
        extra_gap = np.searchsorted(right, extra)
        judged = gaps["source_before"][extra_gap] <= self._extent.must
        extra, extra_gap = extra[judged], extra_gap[judged]
        gaps["lost"] = np.bincount(lost_gap, minlength=count)
        gaps["extra"] = np.bincount(extra_gap, minlength=count)
        for name, counted in zip(COUNTS, self.open, strict=True):
            gaps[name][0] += counted
        filled = (gaps["lost"] + gaps["extra"] + gaps["lost_head"] + gaps["extra_head"]) > 0
        numbers = self._residue.sizes.gaps + np.cumsum(filled) - 1
        self._lose(taken(source, lost), numbers[lost_gap])
        self._residue.gain(taken(target, extra), numbers[extra_gap])
        self._residue.close_gaps(gaps[filled])
        self.open = [0, 0, 0, 0]
        self.before = [int(source.offsets[left[-1]]), int(target.offsets[right[-1]])]
        self.tied += count

    def close_last(self, after: Sequence[int]) -> None:
        """Close the last gap, which no tie follows; `after` are the next offsets on source and target."""
        gap = np.zeros(1, GAP)
        names = ("source_before", "target_before", "source_after", "target_after", *COUNTS)
        for name, value in zip(names, (*self.before, *after, *self.open), strict=True):
            gap[name] = value
        self._residue.close_gaps(gap)
        self.open = [0, 0, 0, 0]

    def _lose(self, rows: RecordBlock, gaps: NDArray[np.int64]) -> None:
        """Keep the records up to the committed position: MM2 may still mirror the later ones."""
        due = int(np.searchsorted(rows.offsets, self._extent.must, side="right"))
        self._residue.lose(rows[:due], gaps[:due])
