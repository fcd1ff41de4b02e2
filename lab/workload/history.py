"""The plan of the historical load: which records, in which partition, in which transaction. Pure.

The end offsets of a topic say how far an earlier seed came, because the plan is the same every time and a
partition's log is always a beginning of what the plan has for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lab.workload.records import Record, record
from lab.workload.roster import SEED, Topic

TRANSACTION_SIZE = 40
ABORT_EVERY = 5


@dataclass(frozen=True, slots=True)
class Transaction:
    """Consecutive payments that are committed or aborted together. `records` is a range of sequences."""

    number: int
    records: range
    aborted: bool


def transaction(number: int, first: int, size: int = TRANSACTION_SIZE) -> Transaction:
    """Transaction `number`, holding `size` records from sequence `first`; every fifth one is aborted."""
    return Transaction(number, range(first, first + size), aborted=number % ABORT_EVERY == ABORT_EVERY - 1)


def transactions(topic: Topic, size: int = TRANSACTION_SIZE) -> tuple[Transaction, ...]:
    """The historical transactions of a transactional topic."""
    return tuple(transaction(first // size, first, size) for first in range(0, topic.history, size))


def murmur2(data: bytes) -> int:
    """The hash Kafka's default partitioner takes of a key, unsigned (org.apache.kafka.common.utils.Utils)."""
    multiplier, mask = 0x5BD1E995, 0xFFFFFFFF
    length = len(data)
    hashed = 0x9747B28C ^ length
    whole = length & ~3
    for start in range(0, whole, 4):
        word = int.from_bytes(data[start : start + 4], "little") * multiplier & mask
        word = (word ^ word >> 24) * multiplier & mask
        hashed = (hashed * multiplier & mask) ^ word
    if whole < length:
        hashed = (hashed ^ int.from_bytes(data[whole:], "little")) * multiplier & mask
    hashed = (hashed ^ hashed >> 13) * multiplier & mask
    return hashed ^ hashed >> 15


def partition_of(key: bytes | None, partitions: int) -> int:
    """The partition a keyed record belongs to, as for every Java producer. A record without key goes to 0.

    Only audit-log has no keys, and it has one partition.
    """
    return 0 if key is None else (murmur2(key) & 0x7FFFFFFF) % partitions


def missing(topic: Topic, end_offsets: Mapping[int, int], seed: int = SEED) -> Iterator[tuple[int, Record]]:
    """The history of a non-transactional topic that is not there yet: partitions and records, in order.

    `end_offsets` per partition; a partition that is not named is empty. Deliveries keep their order inside
    a partition (idempotent producer), so what is there is the first records of the partition and nothing
    else.
    """
    seen = dict.fromkeys(range(topic.partitions), 0)
    for sequence in range(topic.history):
        item = record(topic.name, sequence, seed)
        partition = partition_of(item.key, topic.partitions)
        seen[partition] += 1
        if seen[partition] > end_offsets.get(partition, 0):
            yield partition, item
