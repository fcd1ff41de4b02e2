"""Both clusters with their readers, and the partitions that the mirror joins."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import NamedTuple, TypeVar

from mirror.clients.access import ClusterAccess
from mirror.clients.cluster import Cluster
from mirror.clients.reader import Reader
from mirror.clients.records import TopicPartition, Unread
from mirror.problems import CouldNotConnect

# Of a partition at once, where little of it is wanted.
_LITTLE_BYTES = 64 * 1024
A = TypeVar("A")
B = TypeVar("B")


class Joined(NamedTuple):
    """A source partition and its copy on the target."""

    source: TopicPartition
    target: TopicPartition


class Sides:
    """Logs in to both clusters at once; an AdminClient and two consumers each, for as long as it is open."""

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
            if len(errors) == 2 and all(isinstance(error, CouldNotConnect) for error in errors):
                raise _both(errors[0], errors[1])
            raise errors[0]
        self._readers = [
            self._stack.enter_context(Reader(side.access)) for side in (self.source, self.target)
        ]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True)
        self._stack.close()

    @property
    def source_reader(self) -> Reader:
        return self._readers[0]

    @property
    def target_reader(self) -> Reader:
        return self._readers[1]

    def readers_of_little(self) -> tuple[Reader, Reader]:
        """The source's and the target's reader for a few records each of many partitions.

        Made when first asked for and kept: a login takes as long as reading a few windows.
        """
        with self._lock:
            if self._readers_of_little is None:
                self._readers_of_little = (
                    self._stack.enter_context(Reader(self.source.access, partition_bytes=_LITTLE_BYTES)),
                    self._stack.enter_context(Reader(self.target.access, partition_bytes=_LITTLE_BYTES)),
                )
            return self._readers_of_little

    def together(self, on_source: Callable[[], A], on_target: Callable[[], B]) -> tuple[A, B]:
        """Does something on both sides at once; only where the order of the two does not matter."""
        first, second = self._pool.submit(on_source), self._pool.submit(on_target)
        return first.result(), second.result()


def compacted_topics(sides: Sides, joined: Iterable[Joined]) -> dict[str, Mapping[str, str]]:
    """The target's configuration of the joined topics, by the source topic's name, with `cleanup.policy`
    naming `compact` when either side compacts. What cannot be read is left out: nothing is excused then."""
    topics = {one.source.topic: one.target.topic for one in joined}
    on_source, on_target = sides.together(
        lambda: sides.source.topic_configs(topics), lambda: sides.target.topic_configs(topics.values())
    )
    found: dict[str, Mapping[str, str]] = {}
    for topic, remote in topics.items():
        configs = [config for config in (on_source.get(topic), on_target.get(remote)) if _read(config)]
        policies = [
            config.get("cleanup.policy", "") for config in configs if not isinstance(config, Unread | None)
        ]
        target_config = on_target.get(remote)
        merged = dict(target_config) if isinstance(target_config, Mapping) else {}
        merged["cleanup.policy"] = ",".join(policies)
        found[topic] = merged
    return found


def is_compacted(config: Mapping[str, str] | None) -> bool:
    return "compact" in (config or {}).get("cleanup.policy", "")


def _read(config: object) -> bool:
    return config is not None and not isinstance(config, Unread)


def _both(first: BaseException, second: BaseException) -> CouldNotConnect:
    assert isinstance(first, CouldNotConnect)
    assert isinstance(second, CouldNotConnect)
    return CouldNotConnect(
        first.tried,
        f"{first.happened}\n  Way out: {first.way_out}\n{second.tried}: {second.happened}",
        second.way_out,
    )
