"""What comparing does with columns: join blocks, say where two begin to differ, digest whole records."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mirror.audit.blocks import Block

Digests = NDArray[np.uint64]
Indices = NDArray[np.int64]
_CHUNK = 8192
_NAMES = ("offsets", "timestamps", "keys", "values", "headers", "flags")

# splitmix64 (Steele, Lea and Flood, 2014): its finalizer spreads every input bit over all output bits.
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def mixed(number: Digests) -> Digests:
    """Every bit of each number spread over 64 bits."""
    number = number + _STEP
    number = (number ^ (number >> np.uint64(30))) * _FIRST
    number = (number ^ (number >> np.uint64(27))) * _SECOND
    return number ^ (number >> np.uint64(31))


def combined(*columns: NDArray[np.generic]) -> Digests:
    """One digest a row over several columns; their order matters."""
    digest: Digests = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        digest = mixed(digest ^ column.astype(np.uint64))
    return digest


def digests(rows: Block, stamped: bool) -> Digests:
    """One digest a record: key, value, headers, and the timestamp where it is the producer's (`stamped`)."""
    parts: list[NDArray[np.generic]] = [rows.keys, rows.values, rows.headers]
    if stamped:
        parts.append(rows.timestamps)
    return combined(*parts)


def joined(blocks: Sequence[Block]) -> Block:
    """Consecutive blocks as one."""
    if len(blocks) == 1:
        return blocks[0]
    columns = {name: np.concatenate([getattr(one, name) for one in blocks]) for name in _NAMES}
    return Block(**columns, next_offset=blocks[-1].next_offset, at_end=blocks[-1].at_end)


def alike(source: Block, target: Block, stamped: bool) -> int:
    """How many records from the first on are the same in both, one by one."""
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
