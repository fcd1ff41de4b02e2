"""Operations on columns of records: join blocks, find the first difference, digest whole records."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mirror.audit.blocks import COLUMNS, RecordBlock

Digests = NDArray[np.uint64]
Indices = NDArray[np.int64]
_CHUNK = 8192

# splitmix64 (Steele, Lea and Flood, 2014): its finalizer spreads every input bit over all output bits.
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def mixed(number: Digests) -> Digests:
    """Spread every bit of each number over 64 bits."""
    number = number + _STEP
    number = (number ^ (number >> np.uint64(30))) * _FIRST
    number = (number ^ (number >> np.uint64(27))) * _SECOND
    return number ^ (number >> np.uint64(31))


def combined(*columns: NDArray[np.generic]) -> Digests:
    """Return one digest for each row over several columns; the order of the columns matters."""
    digest: Digests = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        digest = mixed(digest ^ column.astype(np.uint64))
    return digest


def digests(rows: RecordBlock, stamped: bool) -> Digests:
    """Return one digest for each record: key, value, headers and, if `stamped`, the producer's timestamp."""
    parts: list[NDArray[np.generic]] = [rows.keys, rows.values, rows.headers]
    if stamped:
        parts.append(rows.timestamps)
    return combined(*parts)


def lookup(known: Digests, wanted: Digests) -> tuple[Indices, Indices]:
    """Return the rows of `wanted` that `known` (sorted, unique) contains, and their indices in `known`."""
    if not len(known):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    rows = np.flatnonzero(known[at] == wanted)
    return rows, at[rows]


def joined(blocks: Sequence[RecordBlock]) -> RecordBlock:
    """Concatenate consecutive blocks."""
    if len(blocks) == 1:
        return blocks[0]
    columns = {name: np.concatenate([getattr(one, name) for one in blocks]) for name in COLUMNS}
    return RecordBlock(**columns, next_offset=blocks[-1].next_offset, at_end=blocks[-1].at_end)


def taken(block: RecordBlock, indices: Indices) -> RecordBlock:
    """Return the rows of a block at `indices`; the result is a copy."""
    return RecordBlock(
        block.offsets[indices],
        block.timestamps[indices],
        block.keys[indices],
        block.values[indices],
        block.headers[indices],
        block.flags[indices],
        block.next_offset,
        block.at_end,
    )


def alike(source: RecordBlock, target: RecordBlock, stamped: bool) -> int:
    """Return how many leading records are the same in both blocks, compared row by row."""
    count = min(len(source), len(target))
    for start in range(0, count, _CHUNK):
        rows = slice(start, min(start + _CHUNK, count))
        same = source.values[rows] == target.values[rows]
        same &= source.keys[rows] == target.keys[rows]
        same &= source.headers[rows] == target.headers[rows]
        if stamped:
            same &= source.timestamps[rows] == target.timestamps[rows]
        if not same.all():
            return start + int(np.argmin(same))
    return count
