"""Decodes records of MM2's own topics: `OffsetSync` (connect-mirror) and `Checkpoint`
(connect-mirror-client).

Both are structs of Kafka's protocol (`org.apache.kafka.common.protocol.types.Schema`), big-endian; a STRING
is an INT16 length and that many bytes of UTF-8:

    offset-syncs   key    topic STRING, partition INT32                topic as named on the source
                   value  upstreamOffset INT64, offset INT64           without a version
    checkpoints    key    group STRING, topic STRING, partition INT32  topic as named on the target
                   value  version INT16 (0), upstreamOffset INT64, offset INT64, metadata STRING

A record without value is a tombstone. MM2 writes none; people write them to delete a key. Bytes after a
struct are ignored, as in Java.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import NamedTuple

from mirror.clients.records import TopicPartition

CHECKPOINT_VERSION = 0
"""`Checkpoint.VERSION`, the only one of Kafka 2.4 to 4.3."""


_KEYS_KEPT = 4096
"""Each key comes again with every sync of its partition."""
_SYNC_VALUE = struct.Struct(">qq")


class Undecodable(ValueError):
    """The record was not written by MM2, or by a newer MM2 with another format."""


class OffsetSync(NamedTuple):
    """The record at offset `upstream` of the source partition has offset `downstream` in its copy."""

    partition: TopicPartition
    upstream: int
    downstream: int


class Checkpoint(NamedTuple):
    """A group that committed `upstream` on the source may resume at `downstream` of the target's
    `partition`.
    """

    group: str
    partition: TopicPartition
    upstream: int
    downstream: int
    metadata: str


class CheckpointKey(NamedTuple):
    """The key of a checkpoint; the newest record of a key counts."""

    group: str
    partition: TopicPartition


@lru_cache(maxsize=_KEYS_KEPT)
def parse_sync_key(key: bytes | None) -> TopicPartition:
    """The source partition of an offset sync. Raises Undecodable."""
    fields = _Fields(key, "the key of an offset sync")
    return TopicPartition(fields.string("topic"), fields.int32("partition"))


def parse_sync(key: bytes | None, value: bytes | None) -> OffsetSync | None:
    """An offset sync, or None for a tombstone. Raises Undecodable."""
    partition = parse_sync_key(key)
    if value is None:
        return None
    if len(value) >= _SYNC_VALUE.size:
        return OffsetSync(partition, *_SYNC_VALUE.unpack_from(value))
    fields = _Fields(value, f"the value of the offset sync of {partition}")
    return OffsetSync(partition, fields.int64("upstreamOffset"), fields.int64("offset"))


def parse_checkpoint_key(key: bytes | None) -> CheckpointKey:
    """The group and target partition of a checkpoint. Raises Undecodable."""
    fields = _Fields(key, "the key of a checkpoint")
    group = fields.string("group")
    return CheckpointKey(group, TopicPartition(fields.string("topic"), fields.int32("partition")))


def parse_checkpoint(key: bytes | None, value: bytes | None) -> Checkpoint | None:
    """A checkpoint, or None for a tombstone. Raises Undecodable, also for a version that is not known:
    Java only asserts it, and with assertions off takes any version for the first (`Checkpoint.valueSchema`).
    """
    about = parse_checkpoint_key(key)
    if value is None:
        return None
    fields = _Fields(value, f"the value of the checkpoint of group {about.group}, {about.partition}")
    version = fields.int16("version")
    if version != CHECKPOINT_VERSION:
        raise Undecodable(
            f"{fields.what} has version {version}, and only version {CHECKPOINT_VERSION} is known here"
        )
    upstream, downstream = fields.int64("upstreamOffset"), fields.int64("offset")
    return Checkpoint(*about, upstream, downstream, fields.string("metadata"))


class _Fields:
    """Reads one field after the other."""

    def __init__(self, data: bytes | None, what: str) -> None:
        if data is None:
            raise Undecodable(f"{what} is missing")
        self.what = what
        self._data = data
        self._at = 0

    def int16(self, name: str) -> int:
        return self._number(">h", 2, name)

    def int32(self, name: str) -> int:
        return self._number(">i", 4, name)

    def int64(self, name: str) -> int:
        return self._number(">q", 8, name)

    def string(self, name: str) -> str:
        length = self.int16(name)
        if length < 0:
            raise Undecodable(f"{self.what}: {name} cannot have the length {length}")
        return self._take(length, name).decode(errors="replace")  # as Java's `new String(bytes, UTF_8)`

    def _number(self, form: str, size: int, name: str) -> int:
        number: int = struct.unpack(form, self._take(size, name))[0]
        return number

    def _take(self, size: int, name: str) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise Undecodable(f"{self.what} is cut off: {len(self._data)} bytes end before {name} does")
        taken = self._data[self._at : end]
        self._at = end
        return taken
