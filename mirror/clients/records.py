"""Plain records that the clients return; whoever judges them needs no Kafka client."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Header = tuple[str, bytes | None]


class TopicPartition(NamedTuple):
    """A partition, with the topic's name on the cluster in question."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}"


class Bounds(NamedTuple):
    """A partition's log: the offset of its start, and of its last stable end (read_committed; exclusive)."""

    start: int
    end: int

    @property
    def empty(self) -> bool:
        """Whether the log has no offset between start and end."""
        return self.end <= self.start


class Topic(NamedTuple):
    """A topic from the cluster's metadata; `replication_factor` is the smallest of its partitions."""

    name: str
    partitions: int
    replication_factor: int


class ConfigValue(NamedTuple):
    """One property of a topic, and where its value comes from (`DescribeConfigsResponse.ConfigSource`)."""

    value: str | None
    source: int
    read_only: bool = False
    sensitive: bool = False

    @classmethod
    def of(cls, entry: Any) -> ConfigValue:
        """Return the value of a ConfigEntry of confluent-kafka."""
        source = getattr(entry.source, "value", entry.source)
        return cls(entry.value, int(source), entry.is_read_only, entry.is_sensitive)

    @property
    def of_topic(self) -> bool:
        """Whether it is set on the topic itself (DYNAMIC_TOPIC_CONFIG)."""
        return self.source == 1

    @property
    def of_broker_file(self) -> bool:
        """Whether it is from the broker's properties file (STATIC_BROKER_CONFIG)."""
        return self.source == 4

    @property
    def is_default(self) -> bool:
        """Whether it is Kafka's default (DEFAULT_CONFIG)."""
        return self.source == 5


class Record(NamedTuple):
    """A record without its bytes, with what is needed to compare it with another one.

    `content` is a 64-bit digest of key, value and headers in their order; `timestamp` is in milliseconds.
    Digests keep memory small and production data out of reports.
    """

    offset: int
    timestamp: int
    content: int
    key: int | None
    tombstone: bool
    no_producer_time: bool = False
    """Whether the timestamp is none of a producer: the broker's, or none at all (-1,
    `RecordBatch.NO_TIMESTAMP`). MM2 lets its own producer stamp the copy of a record without one
    (`ConnectUtils.checkAndConvertTimestamp`)."""

    def same_as(self, other: Record) -> bool:
        """Whether key, value, order of headers, and timestamp are the same.

        MM2 never copies `message.timestamp.type` (DefaultConfigPropertyFilter): where a topic has
        LogAppendTime, the timestamps differ and are ignored, as of a record without one.
        """
        if self.content != other.content:
            return False
        return self.timestamp == other.timestamp or self.no_producer_time or other.no_producer_time


class Window(NamedTuple):
    """Consecutive committed records of one partition, from `start` on; read up to, not including, `end`.

    `at_end`: the log had no further record when it was read.
    """

    start: int
    end: int
    records: Sequence[Record]
    at_end: bool

    def since(self, offset: int) -> Sequence[Record]:
        """The records at or after an offset."""
        return [record for record in self.records if record.offset >= offset]


class Entry(NamedTuple):
    """A record with its bytes, from a topic of MM2 or Connect; `timestamp` in milliseconds."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


class ReadTo(NamedTuple):
    """How far a partition was read: to before offset `end`. `failure`: why no further, empty where that is
    the whole range; `late`: because the time was over.
    """

    end: int
    failure: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """A partition or a group that could not be read, and why."""

    reason: str
    code: int = field(default=0, compare=False)
    """The broker's error code (`KafkaError`); 0 where it is not known."""


def coverage(windows: Sequence[Window], offset: int) -> Window | None:
    """The longest run of consecutive windows that holds `offset`, as one window; None where none does."""
    run: Window | None = None
    for window in sorted(windows, key=lambda one: (one.start, one.end)):
        if run is None:
            if window.start <= offset <= window.end:
                run = window
        elif window.start <= run.end:
            fresh = [record for record in window.records if record.offset >= run.end]
            at_end = window.at_end if window.end >= run.end else run.at_end
            run = Window(run.start, max(run.end, window.end), [*run.records, *fresh], at_end)
    return run


def digest(key: bytes | None, value: bytes | None, headers: Sequence[Header] | None) -> int:
    """64 bits over key, value and headers in their order, so that parts cannot be confused.

    Python's own hash: SipHash with a key of this process, a sixth of the time of a cryptographic digest. A
    digest means nothing to another process.
    """
    return hash((key, value, *headers)) if headers else hash((key, value))


def digest_key(key: bytes | None) -> int | None:
    """64 bits over a key; None for a record without one."""
    return None if key is None else hash(key)
