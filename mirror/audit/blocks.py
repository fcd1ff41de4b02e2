"""Columns of records: the seam between reading two logs and comparing them.

A record is a row of numbers and no Python object: its offset, its timestamp and digests of its bytes. Reading
(`mirror.audit.native`) fills the columns outside Python, comparing works on whole columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mirror.clients.records import Bounds, TopicPartition, Unread

TOMBSTONE = 1
"""The value is null."""
NULL_KEY = 2
LOG_APPEND_TIME = 4
"""The broker stamped the record on arrival (`message.timestamp.type`): the time is not the producer's."""

BLOCK_RECORDS = 65_536
"""A block holds at most this many records: memory does not grow with the log."""

_COLUMNS: Mapping[str, Any] = {
    "offsets": np.int64,
    "timestamps": np.int64,
    "keys": np.uint64,
    "values": np.uint64,
    "headers": np.uint64,
    "flags": np.uint8,
}


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Consecutive committed records of one partition, as columns of equal length, in the log's order."""

    offsets: NDArray[np.int64]
    """Strictly ascending; gaps are transaction markers, aborted records and what compaction left out."""
    timestamps: NDArray[np.int64]
    """Milliseconds."""
    keys: NDArray[np.uint64]
    """Digest of the key's bytes: never 0, which is a null key's."""
    values: NDArray[np.uint64]
    """Digest of the value's bytes: never 0, which is a null value's."""
    headers: NDArray[np.uint64]
    """Digest of the headers in their order: names, values, lengths and nulls. 0 without any."""
    flags: NDArray[np.uint8]
    """`TOMBSTONE`, `NULL_KEY` and `LOG_APPEND_TIME`, or-ed."""
    next_offset: int
    """Where reading goes on after this block: past markers and aborted records, too."""
    at_end: bool
    """The last block: where reading should stop, or the log's end, is reached."""

    def __post_init__(self) -> None:
        for name, kind in _COLUMNS.items():
            column = getattr(self, name)
            if column.dtype != kind or column.shape != self.offsets.shape:
                raise ValueError(f"a block's {name} are {column.dtype} {column.shape}, not {kind.__name__}")

    def __len__(self) -> int:
        return len(self.offsets)

    def __getitem__(self, rows: slice) -> Block:
        """Some consecutive records, as views; `next_offset` and `at_end` stay those of the whole block."""
        columns = {name: getattr(self, name)[rows] for name in _COLUMNS}
        return Block(**columns, next_offset=self.next_offset, at_end=self.at_end)

    @staticmethod
    def empty(next_offset: int, at_end: bool) -> Block:
        """A block without records: a stretch of the log that holds none."""
        columns = {name: np.empty(0, kind) for name, kind in _COLUMNS.items()}
        return Block(**columns, next_offset=next_offset, at_end=at_end)


class Log(Protocol):
    """One cluster's logs, read_committed. Its methods raise CouldNotRun."""

    def bounds(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, Bounds | Unread]:
        """Start and last stable offset of each partition, asked in bulk."""
        ...

    def blocks(
        self, partition: TopicPartition, start: int, stop: int
    ) -> AbstractContextManager[Iterator[Block]]:
        """The records from `start` to, not including, `stop`, at most `BLOCK_RECORDS` in a block.

        The last block has `at_end`, and it comes even where there is no record. Reading ahead happens outside
        Python and is bounded; several partitions may be open at once. Leaving the context early frees all of
        it. A log that begins after `start` yields what it has: compare the first offset.
        """
        ...
