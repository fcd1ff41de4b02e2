"""The residue of a comparison: records that have no tie, and the gaps that contain them.

    source   ...  m  x  y  m  ...          a gap is between two tied records (m); its records have no tie:
    target   ...  m  z     m  ...          `lost` x and y on the source, `extra` z on the target

The residue does not say what is wrong with a record. It is kept in three append-only files: memory stays
bounded for gaps of any length, and a killed audit can resume, because rows after its last saved resume point
are truncated. The first difference creates the files; a partition without differences has none.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirror.audit.blocks import RecordBlock

ROW = np.dtype(
    [
        ("offsets", "<i8"),
        ("timestamps", "<i8"),
        ("keys", "<u8"),
        ("values", "<u8"),
        ("headers", "<u8"),
        ("gaps", "<i8"),
        ("flags", "u1"),
    ]
)
GAP = np.dtype(
    [
        # Offsets of the tied records around the gap; -1 if none is before, the extent's end if none follows.
        ("source_before", "<i8"),
        ("source_after", "<i8"),
        ("target_before", "<i8"),
        ("target_after", "<i8"),
        ("lost", "<i8"),
        ("extra", "<i8"),
        # Records before the first tie that the other side's retention may have removed: only counted.
        ("lost_head", "<i8"),
        ("extra_head", "<i8"),
    ]
)
Table = NDArray[np.void]
CHUNK = 1 << 18
_FILES = ("lost", "extra", "gaps")


class ResidueSizes(NamedTuple):
    """Number of rows in each of the three files."""

    lost: int = 0
    extra: int = 0
    gaps: int = 0


NOTHING = ResidueSizes()


class Residue:
    """The three files of one partition, in their own folder."""

    def __init__(self, folder: Path, sizes: ResidueSizes = NOTHING) -> None:
        """Truncate the rows after `sizes`, the saved ones. Raises ValueError if saved rows are missing."""
        self.folder = folder
        self._sizes = list(sizes)
        for name, size in zip(_FILES, sizes, strict=True):
            path = self._path(name)
            length = size * self._kind(name).itemsize
            if length > (path.stat().st_size if path.exists() else 0):
                raise ValueError(f"{path} is shorter than what was saved of it")
            if path.exists():
                os.truncate(path, length)

    @property
    def sizes(self) -> ResidueSizes:
        """Number of rows in each of the three files."""
        return ResidueSizes(*self._sizes)

    def lose(self, rows: RecordBlock, gaps: NDArray[np.int64]) -> None:
        """Append source records without a tie, with the number of each one's gap."""
        self._append("lost", table(rows, gaps))

    def gain(self, rows: RecordBlock, gaps: NDArray[np.int64]) -> None:
        """Append target records without a tie, with the number of each one's gap."""
        self._append("extra", table(rows, gaps))

    def close_gaps(self, gaps: Table) -> None:
        """Append the next gaps in order; the tied records before and after each are known."""
        self._append("gaps", gaps)

    def chunks(self, name: str, size: int = CHUNK) -> Iterator[tuple[int, Table]]:
        """Yield the rows of a file in chunks of at most `size`, each with the number of its first row."""
        count = self._sizes[_FILES.index(name)]
        kind = self._kind(name)
        for start in range(0, count, size):
            yield start, self.read(name, start, min(size, count - start), kind)

    def read(self, name: str, start: int, count: int, kind: Any = None) -> Table:
        """Read `count` rows of a file."""
        if not count:
            return np.empty(0, self._kind(name))
        kind = kind or self._kind(name)
        return np.fromfile(self._path(name), kind, count, offset=start * kind.itemsize)

    @staticmethod
    def to_disk(folder: Path) -> None:
        """Let the rows of a residue survive a power failure: before a resume point refers to them."""
        for path in folder.glob("*.rows"):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def forget(self) -> None:
        """Delete the files."""
        for name in _FILES:
            self._path(name).unlink(missing_ok=True)
        self._sizes = [0, 0, 0]
        if self.folder.exists() and not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _append(self, name: str, rows: Table) -> None:
        if not len(rows):
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._path(name).open("ab") as file:
            rows.tofile(file)
        self._sizes[_FILES.index(name)] += len(rows)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.rows"

    @staticmethod
    def _kind(name: str) -> Any:
        return GAP if name == "gaps" else ROW


def table(rows: RecordBlock, gaps: NDArray[np.int64]) -> Table:
    """Convert records to rows of a file."""
    made = np.empty(len(rows), ROW)
    for name in ROW.names or ():
        made[name] = gaps if name == "gaps" else getattr(rows, name)
    return made
