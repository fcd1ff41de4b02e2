"""Encodes records of Kafka Connect's offsets topic, byte for byte as Connect writes them.

Connect looks a position up by the bytes of its key (`KafkaOffsetBackingStore` keeps a map of them), so the
JSON must equal what its JsonConverter writes for `["<connector>", {cluster, partition, topic}]`: compact,
without schema, the mapping in the order of Java's HashMap, which for these three keys is the alphabet's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from mirror.clients.records import TopicPartition
from mirror.mm2.positions import START_MARK, TARGET

Pair = tuple[bytes, bytes | None]
"""Key and value; without a value, the position of the key is removed."""


@dataclass(frozen=True, slots=True)
class StartPosition:
    """One partition that is not mirrored from its beginning.

    `position` is the last source offset that counts as mirrored (MM2 resumes behind it,
    `MirrorSourceTask.initializeConsumer`). `left_out` are the offsets from the log's start up to it: at most
    that many records stay on the source; compaction and transactions make it fewer.
    """

    partition: TopicPartition
    position: int
    left_out: int
    copy_end: int = 0
    """The end of the copy before MM2 writes to it: records before it are not MM2's (`mirror.leftovers:
    adopt`)."""


def key(connector: str, source_alias: str, partition: TopicPartition) -> bytes:
    """Return the key of one connector's position in one source partition."""
    where = {"cluster": source_alias, "partition": partition.partition, "topic": partition.topic}
    return _json([connector, where])


def value(offset: int) -> bytes:
    """Return the value of a position: the offset of the last record mirrored (`MirrorUtils.wrapOffset`)."""
    return _json({"offset": offset})


def records(connector: str, source_alias: str, chosen: Iterable[StartPosition]) -> list[Pair]:
    """Return two records for each partition.

    One is the position at which MM2 starts; MM2 overwrites it later. The other is a copy under the name of a
    connector that does not exist: verification needs to know later where mirroring started, on both sides.
    """
    written: list[Pair] = []
    for one in chosen:
        mark = {"offset": one.position, **({TARGET: one.copy_end} if one.copy_end else {})}
        written.append((key(START_MARK + connector, source_alias, one.partition), _json(mark)))
        if one.position >= 0:  # MM2 refuses -1, and starts a partition without a position at its beginning
            written.append((key(connector, source_alias, one.partition), value(one.position)))
    return written


def instead_of(written: Iterable[Pair], removed: Iterable[Pair]) -> list[Pair]:
    """Return both, each key once: a producer may repeat a record behind a later one."""
    pairs = dict(written)
    return [*pairs.items(), *(pair for pair in removed if pair[0] not in pairs)]


def removals(connector: str, source_alias: str, partitions: Iterable[TopicPartition]) -> list[Pair]:
    """Return records that remove the start of each partition, and the position that was written with it."""
    names = (START_MARK + connector, connector)
    return [(key(name, source_alias, one), None) for one in partitions for name in names]


def _json(what: object) -> bytes:
    return json.dumps(what, separators=(",", ":"), ensure_ascii=False).encode()
