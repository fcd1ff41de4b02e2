"""Who and what is in the workload: topics, consumer groups and the KafkaUsers they work as. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

SEED = 20_260_917
"""The default seed of everything generated. Another seed is another, equally repeatable, production."""

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

TOPIC_ADMIN = "topic-admin"
"""Creates the topics and looks at offsets; may neither read nor write a record."""


SEAL = "customers"
"""The topic whose history is written last: complete, it says that all of production is there."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of the workload: how it is created, how much history it has, who writes and reads it."""

    name: str
    partitions: int
    history: int
    producer: str | None
    consumer: str
    reader_group: str
    """A group id that `consumer` may use for reading without ever committing."""
    config: Mapping[str, str] = field(default_factory=dict, hash=False)
    read_committed: bool = False

    @property
    def writer(self) -> str:
        """The producer; ValueError for a topic that nobody writes."""
        if self.producer is None:
            raise ValueError(f"nobody writes topic {self.name}")
        return self.producer


class Position(Enum):
    """Where a consumer group stands when the seed is done."""

    TIP = "near the tip, keeps running"
    MIDDLE = "half of each partition read, stopped"
    FINISHED = "everything read, stopped"


@dataclass(frozen=True, slots=True)
class Group:
    """A consumer group of the workload."""

    name: str
    topic: str
    user: str
    position: Position
    read_committed: bool = False

    @property
    def isolation_level(self) -> str:
        """The group's `isolation.level`."""
        return "read_committed" if self.read_committed else "read_uncommitted"


TOPICS: tuple[Topic, ...] = (
    Topic(
        name="orders",
        partitions=24,
        history=8_000,
        producer="orders-producer",
        consumer="orders-consumer",
        reader_group="orders-fulfilment-reader",
        config={"retention.ms": str(7 * DAY_MS)},
    ),
    Topic(
        name="payments",
        partitions=6,
        history=4_000,
        producer="payments-producer",
        consumer="payments-consumer",
        reader_group="payments-ledger-reader",
        config={"retention.ms": str(30 * DAY_MS), "max.message.bytes": "262144"},
        read_committed=True,
    ),
    Topic(
        name="customers",
        partitions=3,
        history=3_000,
        producer="customers-producer",
        consumer="analytics-consumer",
        reader_group="audit-review-reader",
        # Small segments, so that the log cleaner has closed ones to work on; one day until tombstones go.
        config={
            "cleanup.policy": "compact",
            "delete.retention.ms": str(DAY_MS),
            "min.cleanable.dirty.ratio": "0.2",
            "segment.bytes": "1048576",
        },
    ),
    Topic(
        name="audit-log",
        partitions=1,
        # Several transactions of MirrorSourceConnector: a group in the middle stands after its first
        # offset sync.
        history=5_000,
        producer="orders-producer",
        consumer="analytics-consumer",
        reader_group="audit-archive-reader",
        config={"retention.ms": "-1"},
    ),
    Topic(
        name="returns",
        partitions=2,
        history=0,
        producer="orders-producer",
        consumer="analytics-consumer",
        reader_group="audit-review-reader",
        config={"cleanup.policy": "compact,delete", "retention.ms": str(14 * DAY_MS)},
    ),
)

GROUPS: tuple[Group, ...] = (
    Group("orders-fulfilment", "orders", "orders-consumer", Position.TIP),
    Group("payments-ledger", "payments", "payments-consumer", Position.TIP, read_committed=True),
    Group("audit-review", "audit-log", "analytics-consumer", Position.MIDDLE),
    Group("audit-archive", "audit-log", "analytics-consumer", Position.FINISHED),
)


def topic_named(name: str) -> Topic | None:
    """The workload's topic of that name, also under a name that a replication policy made of it.

    MM2's DefaultReplicationPolicy calls the copy of `orders` from `east` `east.orders`; none of our own
    names has a dot. None when it is not one of ours.
    """
    plain = name.rpartition(".")[2]
    return next((topic for topic in TOPICS if topic.name == plain), None)


def group_named(name: str) -> Group | None:
    """The workload's consumer group of that name, or None."""
    return next((group for group in GROUPS if group.name == name), None)
