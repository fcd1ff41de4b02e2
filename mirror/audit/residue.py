"""What comparing could not tie: records of one side, and the gaps that they stand in.

    source   ...  m  x  y  m  ...          a gap lies between two tied records (m) and holds what is untied:
    target   ...  m  z     m  ...          `lost` x and y on the source, `extra` z on the target

Nothing is judged here yet. The rows lie in three files that only grow, so that a stretch of any length costs
no memory, and a killed audit goes on: what it wrote after its last saved place is cut off. The files come
into being with the first difference: a clean partition has none.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirror.audit.blocks import Block

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
        # Offsets of the tied records around the gap; -1 before all, the end of what is compared after all.
        ("source_before", "<i8"),
        ("source_after", "<i8"),
        ("target_before", "<i8"),
        ("target_after", "<i8"),
        ("lost", "<i8"),
        ("extra", "<i8"),
        # Records of a head that retention may have removed on the other side: counted, not kept.
        ("lost_head", "<i8"),
        ("extra_head", "<i8"),
    ]
)
Table = NDArray[np.void]
CHUNK = 1 << 18
_FILES = ("lost", "extra", "gaps")


class Sizes(NamedTuple):
    """How many rows the three files hold."""

    lost: int = 0
    extra: int = 0
    gaps: int = 0


NOTHING = Sizes()


class Residue:
    """The three files, in a folder of their own."""

    def __init__(self, folder: Path, sizes: Sizes = NOTHING) -> None:
        """`sizes` are what a saved place knows of; what lies behind is cut off."""
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
    def sizes(self) -> Sizes:
        return Sizes(*self._sizes)

    def lose(self, rows: Block, gaps: NDArray[np.int64]) -> None:
        """Records of the source without a tie, with the gap of each."""
        self._append("lost", table(rows, gaps))

    def gain(self, rows: Block, gaps: NDArray[np.int64]) -> None:
        """Records of the target without a tie."""
        self._append("extra", table(rows, gaps))

    def close_gaps(self, gaps: Table) -> None:
        """The next gaps, in order: both tied records are known."""
        self._append("gaps", gaps)

    def chunks(self, name: str, size: int = CHUNK) -> Iterator[tuple[int, Table]]:
        """The rows of a file in order, `size` at most at a time, with the number of the first."""
        count = self._sizes[_FILES.index(name)]
        kind = self._kind(name)
        for start in range(0, count, size):
            yield start, self.read(name, start, min(size, count - start), kind)

    def read(self, name: str, start: int, count: int, kind: Any = None) -> Table:
        """Some rows of a file."""
        if not count:
            return np.empty(0, self._kind(name))
        kind = kind or self._kind(name)
        return np.fromfile(self._path(name), kind, count, offset=start * kind.itemsize)

    def forget(self) -> None:
        """Removes the files."""
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


def table(rows: Block, gaps: NDArray[np.int64]) -> Table:
    """Records as rows of a file."""
    made = np.empty(len(rows), ROW)
    for name in ROW.names or ():
        made[name] = gaps if name == "gaps" else getattr(rows, name)
    return made
