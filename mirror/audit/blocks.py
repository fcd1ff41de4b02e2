"""Records as columns: the interface between reading logs and comparing them.

A record is a row of numbers instead of a Python object: its offset, its timestamp and digests of its bytes.
The reader (`mirror.audit.native`) fills the columns in compiled code; the comparison works on whole columns.
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
NO_PRODUCER_TIME = 4
"""The timestamp is the broker's, not the producer's (`message.timestamp.type=LogAppendTime`), or none (-1):
MM2 lets its own producer stamp the copy of such a record (`ConnectUtils.checkAndConvertTimestamp`)."""

BLOCK_RECORDS = 65_536
"""A block holds at most this many records: memory does not grow with the log."""

COLUMNS: Mapping[str, Any] = {
    "offsets": np.int64,
    "timestamps": np.int64,
    "keys": np.uint64,
    "values": np.uint64,
    "headers": np.uint64,
    "flags": np.uint8,
}


@dataclass(frozen=True, slots=True, eq=False)
class RecordBlock:
    """Consecutive committed records of one partition, as columns of equal length, in the log's order."""

    offsets: NDArray[np.int64]
    """Strictly ascending; missing offsets are transaction markers, aborted or compacted records."""
    timestamps: NDArray[np.int64]
    """Milliseconds."""
    keys: NDArray[np.uint64]
    """Digest of the key's bytes: never 0, which is a null key's."""
    values: NDArray[np.uint64]
    """Digest of the value's bytes: never 0, which is a null value's."""
    headers: NDArray[np.uint64]
    """Digest of the headers in their order: names, values, lengths and nulls. 0 without any."""
    flags: NDArray[np.uint8]
    """`TOMBSTONE`, `NULL_KEY` and `NO_PRODUCER_TIME`, or-ed."""
    next_offset: int
    """The offset at which reading continues: after markers and aborted records that follow the block."""
    at_end: bool
    """Whether this is the last block: the requested stop or the log's end is reached."""

    def __post_init__(self) -> None:
        for name, kind in COLUMNS.items():
            column = getattr(self, name)
            if column.dtype != kind or column.shape != self.offsets.shape:
                raise ValueError(f"a block's {name} are {column.dtype} {column.shape}, not {kind.__name__}")

    def __len__(self) -> int:
        return len(self.offsets)

    def __getitem__(self, rows: slice) -> RecordBlock:
        """Some consecutive records, as views; `next_offset` and `at_end` stay those of the whole block."""
        columns = {name: getattr(self, name)[rows] for name in COLUMNS}
        return RecordBlock(**columns, next_offset=self.next_offset, at_end=self.at_end)

    @staticmethod
    def empty(next_offset: int, at_end: bool) -> RecordBlock:
        """A block without records: a stretch of the log that holds none."""
        columns = {name: np.empty(0, kind) for name, kind in COLUMNS.items()}
        return RecordBlock(**columns, next_offset=next_offset, at_end=at_end)


class RecordLog(Protocol):
    """One cluster's logs, read_committed. Its methods raise CouldNotRun."""

    def bounds(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, Bounds | Unread]:
        """Start and last stable offset of each partition, asked in bulk."""
        ...

    def blocks(
        self, partition: TopicPartition, start: int, stop: int
    ) -> AbstractContextManager[Iterator[RecordBlock]]:
        """The records from `start` to, not including, `stop`, at most `BLOCK_RECORDS` in a block.

        The last block has `at_end`; it is yielded even if there is no record. Reading ahead is bounded, and
        runs outside Python; several partitions may be open at once. Leaving the context frees everything. If
        the log begins after `start`, the first block begins at the log's start.
        """
        ...


@dataclass(frozen=True, slots=True)
class LogPair:
    """The logs of both sides."""

    source: RecordLog
    target: RecordLog
