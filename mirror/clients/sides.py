"""Connections to both clusters: an admin client and consumers for the source and for the target."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import NamedTuple, TypeVar

from mirror.clients.access import ClusterAccess
from mirror.clients.cluster import Cluster
from mirror.clients.reader import Reader
from mirror.clients.records import TopicPartition
from mirror.problems import CouldNotConnect

# Bytes that one fetch asks of each partition, where only a few records are needed. Of a batch that is larger
# than this, a fetch returns nothing, unless its partition is the first one in the request (KIP-74): then each
# such partition takes a fetch of its own.
_LITTLE_BYTES = 80 * 1024
# Messages. The first fetch brings what is needed, mostly: the next one would be thrown away. Yet some batches
# of several hundred records have to be on their way while one is processed.
_LITTLE_AHEAD = 500
A = TypeVar("A")
B = TypeVar("B")


class Joined(NamedTuple):
    """A source partition and its copy on the target."""

    source: TopicPartition
    target: TopicPartition


class Sides:
    """Logs in to both clusters in parallel, and keeps one AdminClient and up to two consumers for each.

    Entering raises CouldNotConnect. Where both clusters cannot be reached, the message names both.
    """

    def __init__(self, source: ClusterAccess, target: ClusterAccess) -> None:
        self._stack = ExitStack()
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="mirror")
        self.source = Cluster(source)
        self.target = Cluster(target)
        self._readers: list[Reader] = []
        self._readers_of_little: tuple[Reader, Reader] | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Sides:
        for side in (self.source, self.target):
            self._stack.enter_context(side)
        attempts = [self._pool.submit(side.connect) for side in (self.source, self.target)]
        errors = [error for attempt in attempts if (error := attempt.exception()) is not None]
        if errors:
            self._stack.close()
            self._pool.shutdown(wait=False)
            refused = [error for error in errors if isinstance(error, CouldNotConnect)]
            if len(refused) == 2:
                raise _both(*refused)
            raise errors[0]
        self._readers = [
            self._stack.enter_context(Reader(side.access)) for side in (self.source, self.target)
        ]
        self._log_in(self._readers)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True)
        self._stack.close()

    def start_group_helpers(self) -> None:
        """Start the processes that answer questions about groups; before the login they start beside it."""
        for side in (self.source, self.target):
            side.start_group_helper()

    @property
    def source_reader(self) -> Reader:
        """The consumer that reads the source."""
        return self._readers[0]

    @property
    def target_reader(self) -> Reader:
        """The consumer that reads the target."""
        return self._readers[1]

    def readers_of_little(self) -> tuple[Reader, Reader]:
        """The source's and the target's consumer for a few records from each of many partitions.

        Created on the first call and kept: a login takes as long as reading a few windows.
        """
        with self._lock:
            if self._readers_of_little is None:
                source, target = (
                    self._stack.enter_context(
                        Reader(side.access, "read_committed", _LITTLE_BYTES, _LITTLE_AHEAD)
                    )
                    for side in (self.source, self.target)
                )
                self._readers_of_little = source, target
                self._log_in(self._readers_of_little)
            return self._readers_of_little

    def _log_in(self, readers: Iterable[Reader]) -> None:
        """Let these consumers log in while something else is read: a consumer does not before it needs to."""
        for reader in readers:
            self._pool.submit(reader.prepare)

    def together(self, on_source: Callable[[], A], on_target: Callable[[], B]) -> tuple[A, B]:
        """Run one call for each side in parallel; use it only where their order does not matter."""
        first, second = self._pool.submit(on_source), self._pool.submit(on_target)
        return first.result(), second.result()


def _both(first: CouldNotConnect, second: CouldNotConnect) -> CouldNotConnect:
    return CouldNotConnect(
        first.tried,
        f"{first.happened}\n  Way out: {first.way_out}\n{second.tried}: {second.happened}",
        second.way_out,
    )
