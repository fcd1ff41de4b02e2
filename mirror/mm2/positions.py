"""Reads MM2's committed source positions from Kafka Connect's offsets topic on the target.

A source connector's offsets are records of Connect (`OffsetStorageWriter`), JSON without schemas:

    key    ["<connector>", {"cluster": "<source alias>", "partition": 3, "topic": "orders"}]
    value  {"offset": 41}, or null (a tombstone) where the offset was reset

`offset` is the source offset of the last record mirrored (`MirrorUtils.wrapOffset(record.offset())` in
`MirrorSourceTask.convertRecord`): MM2 resumes at offset + 1 (`MirrorSourceTask.initializeConsumer`). With
exactly-once it is written in the transaction of the records themselves (KIP-618), hence read_committed;
without, up to `offset.flush.interval.ms` later.

With `mirror.start_from`, the first position of a partition is written before MM2 runs. A copy of it stays in
the topic under the connector's name with the prefix START_MARK (`mirror.start.initial_offsets`).
"""

from __future__ import annotations

import json
import threading

from mirror.clients.cluster import Cluster
from mirror.clients.long_logs import newest, way_out
from mirror.clients.reader import Reader
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.problems import CouldNotRead

START_MARK = "region-mirror-start:"
"""The prefix of the connector's name in the key of a kept start position. No connector has such a name."""
TARGET = "target"
"""In the value of a kept start position: the end of the copy before MM2 wrote to it."""


class Positions:
    """Reads the offsets topic to its end, later only the new records: with a transaction for each poll the
    topic grows by many records a second until it is compacted."""

    def __init__(
        self, cluster: Cluster, reader: Reader, topic: str, partitions: int, connector: str, source_alias: str
    ) -> None:
        self._cluster = cluster
        self._reader = reader
        self._topic = topic
        self._connector = connector
        self._alias = source_alias
        self._next = {TopicPartition(topic, number): 0 for number in range(partitions)}
        self._positions: dict[TopicPartition, int] = {}
        self._starts: dict[TopicPartition, int] = {}
        self._copy_ends: dict[TopicPartition, int] = {}
        self._read_from: dict[tuple[TopicPartition, bool], TopicPartition] = {}
        """Partition of the offsets topic that each position (False) or start (True) was read from."""
        self._turn = threading.Lock()

    @property
    def starts(self) -> dict[TopicPartition, int]:
        """Source offset of the last record that was left out on purpose, of each partition whose mirroring
        did not start at its beginning; as of the last `read`."""
        return dict(self._starts)

    @property
    def copy_ends(self) -> dict[TopicPartition, int]:
        """The end of the copy before MM2 wrote to it, by source partition, where it was not empty."""
        return dict(self._copy_ends)

    def read(self) -> dict[TopicPartition, int]:
        """Source offset of the last mirrored record of each source partition that has one."""
        with self._turn:
            return self._read()

    def _read(self) -> dict[TopicPartition, int]:
        wanted: dict[TopicPartition, tuple[int, int]] = {}
        for one, bounds in self._cluster.bounds(self._next).items():
            if isinstance(bounds, Unread):
                raise self._failure(one, bounds.reason)
            wanted[one] = self._range(one, bounds)
        found = newest(self._reader, wanted)
        for one, (pairs, read) in found.items():  # also of a partition that was not read to its end
            for key, value in pairs.items():
                self._apply(one, key, value)
            self._next[one] = read.end
        for one, (_, read) in found.items():
            if read.failure:
                raise self._failure(one, read.failure, way_out(self._topic) if read.late else None)
        return dict(self._positions)

    def _range(self, one: TopicPartition, bounds: Bounds) -> tuple[int, int]:
        if self._next[one] > bounds.end:
            # Recreated or truncated: the positions read from this partition are outdated.
            self._next[one] = 0
            self._forget(one)
        return max(self._next[one], bounds.start), bounds.end

    def _forget(self, one: TopicPartition) -> None:
        """Drop what was read from one partition: Connect partitions by key, so no other one repeats it."""
        for (source, is_start), read_from in list(self._read_from.items()):
            if read_from == one:
                (self._starts if is_start else self._positions).pop(source, None)
                if is_start:
                    self._copy_ends.pop(source, None)
                del self._read_from[source, is_start]

    def _apply(self, one: TopicPartition, key: bytes | None, value: bytes | None) -> None:
        source = parse_key(key, self._connector, self._alias)
        offset = parse_value(value)
        if source is None:
            marked = parse_key(key, START_MARK + self._connector, self._alias)
            if marked is not None and offset is None:
                self._starts.pop(marked, None)
                self._copy_ends.pop(marked, None)
            elif marked is not None and offset is not None:
                self._starts[marked] = offset
                self._copy_ends[marked] = parse_value(value, TARGET) or 0
                self._read_from[marked, True] = one
            return
        self._read_from[source, False] = one
        if offset is None:
            self._positions.pop(source, None)
        else:
            self._positions[source] = offset

    def _failure(self, one: TopicPartition, reason: str, remedy: str | None = None) -> CouldNotRead:
        return CouldNotRead(
            f"reading MM2's committed source positions from {one} of {self._cluster.access.describe()}",
            reason,
            remedy or f"the verifier needs Read and Describe on topic {self._topic}",
        )


def parse_key(key: bytes | None, connector: str, source_alias: str) -> TopicPartition | None:
    """The source partition that a record of the offsets topic is about; None for other connectors."""
    try:
        name, where = json.loads(key or b"")
        if name == connector and where["cluster"] == source_alias:
            return TopicPartition(str(where["topic"]), int(where["partition"]))
    except (ValueError, TypeError, KeyError):
        pass
    return None


def parse_value(value: bytes | None, name: str = "offset") -> int | None:
    """The source offset of the last record mirrored; None for a tombstone or a record that MM2 did not
    write. `name`: another number of the value.
    """
    try:
        offset = json.loads(value or b"null")
        return None if offset is None else int(offset[name])
    except (ValueError, TypeError, KeyError):
        return None
