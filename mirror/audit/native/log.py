"""Reads the logs of one cluster as blocks of columns, with compiled code."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from mirror.audit.blocks import BLOCK_RECORDS, RecordBlock
from mirror.audit.native import loop
from mirror.audit.native.client import Client, Reading
from mirror.audit.native.compiling import cache_folder
from mirror.audit.native.library import error_text
from mirror.clients.access import ClusterAccess
from mirror.clients.cluster import Cluster
from mirror.clients.connection import explain
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.problems import CouldNotRead, one_line

SILENCE_SECONDS = 60.0
"""Longest wait for a record or the log's end; rolling brokers return sooner."""

_WAIT_MS = 100  # the longest delay before errors and Ctrl-C are handled
_TEXT_BYTES = 512


class NativeLog:
    """A cluster's committed records (`mirror.audit.blocks.RecordLog`), a context manager.

    `tell` gets one line if the reader has to be compiled first.
    """

    def __init__(
        self,
        access: ClusterAccess,
        tell: Callable[[str], None] | None = None,
        silence: float = SILENCE_SECONDS,
    ) -> None:
        self._access = access
        self._tell = tell
        self._silence = silence
        self._cluster = Cluster(access)
        self._clients: list[Client] = []
        self._lock = threading.Lock()

    def __enter__(self) -> NativeLog:
        compile_reader(self._tell)
        self._cluster.connect()
        self._clients.append(Client(self._access))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            clients, self._clients = self._clients, []
        for client in clients:
            client.close()
        self._cluster.__exit__(kind, error, trace)

    def bounds(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, Bounds | Unread]:
        """Start and last stable offset of each partition, asked in bulk."""
        return self._cluster.bounds(partitions)

    @contextmanager
    def blocks(self, partition: TopicPartition, start: int, stop: int) -> Iterator[Iterator[RecordBlock]]:
        """The committed records from `start` to, not including, `stop`. Raises CouldNotRun.

        The last block has `at_end`; its `next_offset` is `stop`, or less if the log ends before. If the log's
        start has moved past `start`, reading begins at its first record. It is an error if offsets go back
        (the log was truncated, or the topic deleted and created again).
        """
        if start >= stop:
            yield iter([RecordBlock.empty(start, at_end=True)])
            return
        reading = self._reading(partition, start)
        try:
            yield self._blocks(reading, start, stop)
        finally:
            reading.close()

    def _reading(self, partition: TopicPartition, start: int) -> Reading:
        """Open a reading; a second one of the same partition needs another client."""
        with self._lock:
            if not self._clients:
                raise RuntimeError("NativeLog is a context manager: enter it before reading")
            for client in self._clients:
                if reading := client.read(partition, start):
                    return reading
            self._clients.append(Client(self._access))
            reading = self._clients[-1].read(partition, start)
            if reading is None:
                raise RuntimeError(f"a new client already reads {partition}")
            return reading

    def _blocks(self, reading: Reading, start: int, stop: int) -> Iterator[RecordBlock]:
        state = np.zeros(loop.STATE, np.int64)
        state[loop.NEXT] = start
        text = np.zeros(_TEXT_BYTES, np.uint8)
        messages, scratch = np.zeros(loop.BATCH, np.int64), np.zeros(8, np.int64)
        while True:
            # Each record has an offset of its own, so a short stretch needs few rows.
            rows = min(BLOCK_RECORDS, stop - int(state[loop.NEXT]))
            offsets, timestamps = np.empty(rows, np.int64), np.empty(rows, np.int64)
            keys, values, headers = (np.empty(rows, np.uint64) for _ in range(3))
            flags = np.empty(rows, np.uint8)
            columns = (offsets, timestamps, keys, values, headers, flags)
            state[loop.ROWS] = 0
            waited_since = time.monotonic()
            while True:
                before = int(state[loop.ROWS])
                with reading.queue() as queue:
                    loop.read(queue, _WAIT_MS, stop, state, text, messages, scratch, *columns)
                if state[loop.OUTCOME] != loop.WAITING:
                    break
                if state[loop.ROWS] > before:
                    waited_since = time.monotonic()
                self._look_at_errors(reading, int(state[loop.NEXT]), time.monotonic() - waited_since)
            if state[loop.OUTCOME] in (loop.FAILED, loop.WENT_BACK):
                raise self._failure(reading.partition, state, bytes(text[: state[loop.TEXT]]))
            filled, next_offset = int(state[loop.ROWS]), int(state[loop.NEXT])
            at_end = bool(state[loop.OUTCOME] == loop.END)
            block = RecordBlock(offsets, timestamps, keys, values, headers, flags, next_offset, at_end)
            yield block[:filled]
            if at_end:
                return

    def _look_at_errors(self, reading: Reading, offset: int, silent: float) -> None:
        client = reading.client
        if silent < _WAIT_MS / 1000:  # records have arrived since: earlier errors are over
            client.errors.clear()
        client.poll()
        if client.errors.decisive:
            raise explain(self._access, client.errors.seen)
        own = [text for _, text in client.errors.seen if text.startswith(_prefix(reading.partition))]
        if own:
            raise self._unreadable(reading.partition, offset, own[-1])
        if silent > self._silence:
            if client.errors.seen:
                raise explain(self._access, client.errors.seen)
            raise CouldNotRead(
                self._tried(reading.partition, offset),
                f"neither a record nor the log's end in {silent:.0f} s",
                "check that the partition has a leader (`kafka-topics.sh --describe`)",
            )

    def _failure(self, partition: TopicPartition, state: NDArray[np.int64], text: bytes) -> CouldNotRead:
        offset, code = int(state[loop.NEXT]), int(state[loop.CODE])
        if state[loop.OUTCOME] != loop.WENT_BACK:
            return self._unreadable(partition, offset, text.decode(errors="replace") or error_text(code))
        return CouldNotRead(
            self._tried(partition, offset),
            f"the next record has offset {code}: the log was truncated, or the topic deleted and created "
            "again, while it was read",
            "audit the partition again from its start",
        )

    def _unreadable(self, partition: TopicPartition, offset: int, reason: str) -> CouldNotRead:
        way_out = "check that the topic is still there and that the user may Read it"
        return CouldNotRead(self._tried(partition, offset), one_line(reason), way_out)

    def _tried(self, partition: TopicPartition, offset: int) -> str:
        return f"reading {partition} of {self._access.describe()} from offset {offset}"


def _prefix(partition: TopicPartition) -> str:
    """The start of an error text about a partition, if librdkafka names it only in the text."""
    return f"{partition.topic} [{partition.partition}]: "


def compile_reader(tell: Callable[[str], None] | None = None) -> None:
    """Load the reader's machine code from the cache, or compile it (some seconds, the first time)."""
    if tell is not None and not any(cache_folder().rglob("*.nbc")):
        tell(f"compiling the audit's reader for this machine, once (kept in {cache_folder()})")
    numbers, digests, octets = np.empty(0, np.int64), np.empty(0, np.uint64), np.empty(0, np.uint8)
    state = np.zeros(loop.STATE, np.int64)
    # No rows to fill: nothing is read.
    loop.read(0, 0, 0, state, octets, numbers, numbers, numbers, numbers, digests, digests, digests, octets)
