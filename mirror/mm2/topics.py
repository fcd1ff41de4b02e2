"""Reads MM2's topics of offset syncs and checkpoints: first to the end, later only the new records.

Both topics have one partition (`MirrorSourceConnector.createOffsetSyncsTopic`, `MirrorCheckpointConnector`)
and are compacted: the newest record of a key counts, older ones may still be there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from confluent_kafka import IsolationLevel

from mirror.clients.cluster import Cluster
from mirror.clients.long_logs import read_on, way_out
from mirror.clients.messages import entry_of
from mirror.clients.reader import Reader
from mirror.clients.records import Entry, TopicPartition, Unread
from mirror.mm2.formats import (
    Checkpoint,
    CheckpointKey,
    Undecodable,
    parse_checkpoint,
    parse_checkpoint_key,
    parse_sync,
    parse_sync_key,
)
from mirror.mm2.store import OffsetSyncStore
from mirror.problems import CouldNotRead


@dataclass(frozen=True, slots=True)
class Dated:
    """A checkpoint, and when MM2 had looked at the group's offsets for it (`MirrorCheckpointTask.
    sourceRecordsForGroup`), in seconds since the epoch."""

    checkpoint: Checkpoint
    at: float


class Checkpoints:
    """The newest checkpoint of each group and partition; `isolation` is the reader's."""

    def __init__(
        self,
        cluster: Cluster,
        reader: Reader,
        topic: str,
        isolation: IsolationLevel = IsolationLevel.READ_COMMITTED,
    ) -> None:
        self._log = _TopicReader(cluster, reader, topic, self._forget, isolation)
        self._newest: dict[CheckpointKey, Dated] = {}
        self._turn = threading.Lock()

    def read(self) -> Mapping[CheckpointKey, Dated]:
        """Raises CouldNotRead, also for a record that cannot be decoded."""
        with self._turn:
            self._log.read(self._apply)
            return dict(self._newest)

    def _apply(self, entry: Entry) -> None:
        checkpoint = parse_checkpoint(entry.key, entry.value)
        if checkpoint is None:
            self._newest.pop(parse_checkpoint_key(entry.key), None)
        else:
            key = CheckpointKey(checkpoint.group, checkpoint.partition)
            self._newest[key] = Dated(checkpoint, entry.timestamp / 1000)

    def _forget(self) -> None:
        self._newest.clear()


class OffsetSyncs:
    """The offset syncs that MM2 would have if it started now. A running MM2 may also know syncs that
    compaction has removed since."""

    def __init__(self, cluster: Cluster, reader: Reader, topic: str) -> None:
        self._log = _TopicReader(cluster, reader, topic, self._forget)
        self._store = OffsetSyncStore()
        self._turn = threading.Lock()

    def read(self) -> OffsetSyncStore:
        """Raises CouldNotRead, also for a record that cannot be decoded."""
        with self._turn:
            self._log.read(self._apply)
            return self._store

    @property
    def end(self) -> int:
        """The end of the topic as it was last read: one that stays says that no sync was written."""
        return self._log.end

    def _apply(self, entry: Entry) -> None:
        sync = parse_sync(entry.key, entry.value)
        if sync is None:
            self._store.forget(parse_sync_key(entry.key))
        else:
            self._store.apply(sync)

    def _forget(self) -> None:
        self._store = OffsetSyncStore()


class _TopicReader:
    """Reads partition 0 of a topic, starting where the last read ended. Calls `forget` if the topic was
    recreated."""

    def __init__(
        self,
        cluster: Cluster,
        reader: Reader,
        topic: str,
        forget: Callable[[], None],
        isolation: IsolationLevel = IsolationLevel.READ_COMMITTED,
    ) -> None:
        self._isolation = isolation
        self._cluster = cluster
        self._reader = reader
        self._one = TopicPartition(topic, 0)
        self._forget = forget
        self._next = 0

    def read(self, apply: Callable[[Entry], None]) -> None:
        bounds = self._cluster.bounds([self._one], self._isolation)[self._one]
        if isinstance(bounds, Unread):
            raise self._failure(bounds.reason)
        if self._next > bounds.end:
            self._next = 0
            self._forget()
        refused: list[tuple[int, Undecodable]] = []

        def take(entry: Entry) -> None:
            try:
                if not refused:
                    apply(entry)
            except Undecodable as error:
                refused.append((entry.offset, error))

        wanted = {self._one: (max(self._next, bounds.start), bounds.end)}
        read = read_on(self._reader, wanted, entry_of, lambda _: take)[self._one]
        # Also of what was not read to the end: the next read goes on there.
        self._next = refused[0][0] if refused else read.end
        for offset, error in refused:
            raise CouldNotRead(
                f"reading record {offset} of {self._one} of {self._cluster.access.describe()}",
                str(error),
                "update region-mirror if MM2 is newer; otherwise find out who wrote the record, "
                "and delete it",
            ) from error
        if read.failure:
            raise self._failure(read.failure, way_out(self._one.topic) if read.late else None)

    @property
    def end(self) -> int:
        """Up to which offset it was read."""
        return self._next

    def _failure(self, reason: str, remedy: str | None = None) -> CouldNotRead:
        return CouldNotRead(
            f"reading {self._one} of {self._cluster.access.describe()}",
            reason,
            remedy or f"the user needs Read on topic {self._one.topic}, which MM2 creates when it starts",
        )
