"""A label for each record of the residue, and its counterpart's offset: two columns beside each file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from mirror.audit.align import join
from mirror.audit.columns import Digests, Indices
from mirror.audit.residue import CHUNK, Residue, Table

UNNAMED, MOVED, TWICE, LATE, COMPACTED, EXPIRED = range(6)
CHANGED = 16
"""From this label up: the record has other content; the bits below 16 say which parts differ."""

Digest = Callable[[Table], Digests]


class Labels:
    """The labels of one residue file, kept in files because they have as many rows."""

    def __init__(self, residue: Residue, name: str) -> None:
        self._residue, self.name = residue, name
        self._count = getattr(residue.sizes, name)
        self.label = _column(residue.folder / f"{name}.labels", np.uint8, self._count)
        self.partner = _column(residue.folder / f"{name}.partners", np.int64, self._count)

    def unnamed(self, start: int, rows: Table) -> Indices:
        """Return the indices of the rows in a chunk that have no label yet."""
        return np.flatnonzero(self.label[start : start + len(rows)] == UNNAMED)

    def set(self, rows: Indices, label: int, partners: Indices | int = -1) -> None:
        """Label rows, numbered from the start of the file; `partners`: offsets on the other side, if any."""
        self.label[rows] = label
        self.partner[rows] = partners

    def count(self, label: int) -> int:
        """Count the rows with a label."""
        return sum(
            int(np.count_nonzero(self.label[start : start + CHUNK] == label))
            for start in range(0, self._count, CHUNK)
        )

    def digests(self, digest: Digest, part: int, parts: int) -> tuple[Indices, Digests, Indices]:
        """Return the unlabelled rows with a digest in part `part` of `parts`: numbers, digests, offsets."""
        numbers, found, offsets = [], [], []
        for start, rows in self._residue.chunks(self.name):
            free = self.unnamed(start, rows)
            every = digest(rows[free])
            here = every % np.uint64(parts) == part
            numbers.append(free[here] + start)
            found.append(every[here])
            offsets.append(rows["offsets"][free[here]])
        if not numbers:
            return np.empty(0, np.int64), np.empty(0, np.uint64), np.empty(0, np.int64)
        return np.concatenate(numbers), np.concatenate(found), np.concatenate(offsets)

    def forget(self) -> None:
        """Delete the files of the labels."""
        del self.label, self.partner
        for kind in ("labels", "partners"):
            (self._residue.folder / f"{self.name}.{kind}").unlink(missing_ok=True)


def pair(lost: Labels, extra: Labels, digest: Digest, label: int) -> None:
    """Label the records of both files that have the same digest: the n-th of identical ones with the n-th.

    The digests are processed in parts (Grace hash join), so that memory does not grow with the files.
    """
    longest = max(len(lost.label), len(extra.label))
    if not len(lost.label) or not len(extra.label):
        return
    parts = -(-longest // CHUNK)
    for part in range(parts):
        ours, our_digests, our_offsets = lost.digests(digest, part, parts)
        theirs, their_digests, their_offsets = extra.digests(digest, part, parts)
        left, right = join(our_digests, their_digests)
        lost.set(ours[left], label, their_offsets[right])
        extra.set(theirs[right], label, our_offsets[left])


def _column(path: Path, kind: type[np.generic], count: int) -> np.ndarray[tuple[int], np.dtype[np.generic]]:
    if not count:
        return np.zeros(0, kind)
    return np.memmap(path, kind, "w+", shape=(count,))
