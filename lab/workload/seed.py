"""The historical load: about 20,000 records and four consumer groups, written once however often asked for.

How far an earlier seed came is read from the cluster itself: a topic's end offsets, the transactions that
payments hold, the offsets the groups have committed. So it can be interrupted anywhere and goes on from
there, and nothing on this machine can contradict the cluster.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from lab.workload.connection import Cluster
from lab.workload.groups import advance
from lab.workload.history import Transaction, minimum_end_offset, missing, partition_of, transactions
from lab.workload.records import HISTORY_MS, TRANSACTION_HEADER, Record, record
from lab.workload.roster import GROUPS, SEED, TOPICS, Topic
from lab.workload.topics import Offsets, TopicAdmin
from mirror.problems import CouldNotRun, one_line

FLUSH_SECONDS = 120.0
READ_SECONDS = 60.0
TRANSACTION_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What one seed did. `produced` counts records by topic, aborted ones included."""

    topics_created: tuple[str, ...]
    produced: dict[str, int]
    groups_advanced: tuple[str, ...]
    seconds: float

    @property
    def nothing_done(self) -> bool:
        return not (self.topics_created or any(self.produced.values()) or self.groups_advanced)

    def __str__(self) -> str:
        if self.nothing_done:
            return f"already seeded ({self.seconds:.1f} s)"
        produced = ", ".join(f"{name} {count}" for name, count in self.produced.items() if count) or "none"
        return (
            f"seeded in {self.seconds:.1f} s: records {produced}; "
            f"groups {', '.join(self.groups_advanced) or 'none'}"
        )


def seed(cluster: Cluster, seed: int = SEED, say: Callable[[str], None] = lambda line: None) -> SeedReport:
    """Bring the cluster to the state its history leaves it in. Raises CouldNotRun; another call goes on."""
    started = time.monotonic()
    admin = TopicAdmin(cluster)
    created = admin.create_missing()
    ends = admin.end_offsets()
    with ThreadPoolExecutor(len(GROUPS)) as pool:
        committed = dict(zip(GROUPS, pool.map(admin.group_offsets, GROUPS), strict=True))
    waiting = tuple(g for g in GROUPS if committed[g].keys() < ends[g.topic].keys())
    produced: dict[str, int] = {}
    # A group is advanced after its topic is complete, so groups that are all there vouch for the payments,
    # whose end offsets alone cannot: an interrupted transaction raises them too.
    behind = [
        t
        for t in TOPICS
        if sum(ends[t.name].values()) < minimum_end_offset(t) or (waiting and t.read_committed)
    ]
    if behind:
        say("producing the history of " + ", ".join(topic.name for topic in behind))
        started_at_ms = int(time.time() * 1000) - HISTORY_MS
        with ThreadPoolExecutor(len(behind)) as pool:
            loads = {
                topic.name: pool.submit(
                    _load_transactions if topic.read_committed else _load,
                    cluster,
                    topic,
                    ends[topic.name],
                    seed,
                    started_at_ms,
                )
                for topic in behind
            }
            produced = {name: load.result() for name, load in loads.items()}
        ends = admin.end_offsets()
    if waiting:
        say("reading as groups " + ", ".join(group.name for group in waiting))
        with ThreadPoolExecutor(len(waiting)) as pool:
            list(pool.map(lambda group: advance(cluster, group, ends[group.topic]), waiting))
    return SeedReport(created, produced, tuple(group.name for group in waiting), time.monotonic() - started)


class _Deliveries:
    """Hands records to a producer and keeps the first failure."""

    def __init__(self, producer: Producer, started_at_ms: int) -> None:
        self.producer = producer
        self.started_at_ms = started_at_ms
        self.failure: KafkaError | None = None

    def send(self, item: Record, partition: int, *headers: tuple[str, bytes]) -> None:
        while True:
            try:
                self.producer.produce(
                    item.topic,
                    key=item.key,
                    value=item.value,
                    partition=partition,
                    headers=[*item.headers, *headers],
                    timestamp=self.started_at_ms + item.elapsed_ms,
                    on_delivery=self._delivered,
                )
                self.producer.poll(0)
                return
            except BufferError:
                self.producer.poll(0.1)

    def finish(self, tried: str) -> None:
        """Wait until everything is delivered."""
        left = self.producer.flush(FLUSH_SECONDS)
        if left or self.failure is not None:
            what = (
                one_line(self.failure.str()) if self.failure is not None else f"{left} records not delivered"
            )
            raise CouldNotRun(
                tried, what, "see that the brokers run, and seed again: it goes on where it stopped"
            )

    def _delivered(self, error: KafkaError | None, _: Message) -> None:
        self.failure = self.failure or error


def producer_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What every producer of the workload has in common: no record lost, none twice, the order kept."""
    return {
        "acks": "all",
        "enable.idempotence": True,
        "compression.type": "lz4",
        "partitioner": "murmur2_random",
        **settings,
    }


def _load(cluster: Cluster, topic: Topic, ends: Offsets, seed: int, started_at_ms: int) -> int:
    assert topic.producer is not None
    # No time limit for a record: one given up in the middle of a partition would leave a hole that a later
    # seed, which only counts, cannot see.
    settings = producer_settings({"linger.ms": 20, "batch.size": 262_144, "message.timeout.ms": 0})
    deliveries = _Deliveries(Producer(cluster.config(topic.producer, settings)), started_at_ms)
    count = 0
    for partition, item in missing(topic, ends, seed):
        deliveries.send(item, partition)
        count += 1
    deliveries.finish(f"producing the history of {topic.name} as {topic.producer}")
    return count


def _load_transactions(cluster: Cluster, topic: Topic, ends: Offsets, seed: int, started_at_ms: int) -> int:
    assert topic.producer is not None
    tried = f"producing the transactions of {topic.name} as {topic.producer}"
    settings = producer_settings({"linger.ms": 2, "transactional.id": f"{topic.name}-history"})
    producer = Producer(cluster.config(topic.producer, settings))
    deliveries = _Deliveries(producer, started_at_ms)
    count = 0
    try:
        # First of all: it aborts what an interrupted seed left open, so that the look at what is there is
        # final.
        producer.init_transactions(TRANSACTION_SECONDS)
        done = committed_transactions(cluster, topic) if any(ends.values()) else frozenset()
        for item in transactions(topic):
            if item.number in done or (item.aborted and item.number < max(done, default=-1)):
                continue
            _carry_out(deliveries, topic, item, seed, tried)
            count += len(item.records)
    except KafkaException as error:
        raise CouldNotRun(
            tried,
            one_line(error.args[0].str()),
            "see that the brokers run, and seed again: it goes on where it stopped",
        ) from error
    return count


def _carry_out(deliveries: _Deliveries, topic: Topic, item: Transaction, seed: int, tried: str) -> None:
    producer = deliveries.producer
    producer.begin_transaction()
    for sequence in item.records:
        payment = record(topic.name, sequence, seed)
        partition = partition_of(payment.key, topic.partitions)
        deliveries.send(payment, partition, (TRANSACTION_HEADER, str(item.number).encode()))
    if item.aborted:
        # Aborting drops what is not sent yet: only delivered records are seen, and must be skipped, by
        # those who read.
        deliveries.finish(tried)
        producer.abort_transaction(TRANSACTION_SECONDS)
    else:
        producer.commit_transaction(TRANSACTION_SECONDS)


def committed_transactions(cluster: Cluster, topic: Topic) -> frozenset[int]:
    """The numbers of the transactions of which a committed record is in `topic`."""
    settings = {"enable.partition.eof": True}
    consumer = Consumer(
        cluster.consumer_config(topic.consumer, topic.reader_group, "read_committed", settings)
    )
    try:
        consumer.assign([TopicPartition(topic.name, number, 0) for number in range(topic.partitions)])
        return frozenset(_numbers(consumer, topic))
    finally:
        consumer.close()


def _numbers(consumer: Consumer, topic: Topic) -> Iterable[int]:
    ended: set[int | None] = set()
    deadline = time.monotonic() + READ_SECONDS
    while len(ended) < topic.partitions:
        if time.monotonic() > deadline:
            raise CouldNotRun(
                f"reading the transactions of {topic.name} as {topic.consumer}",
                f"not at the end after {READ_SECONDS:.0f} s",
                "see that the brokers run, and seed again",
            )
        for message in consumer.consume(500, timeout=0.5):
            error = message.error()
            if error is not None and error.code() == KafkaError._PARTITION_EOF:
                ended.add(message.partition())
            elif error is not None:
                raise CouldNotRun(
                    f"reading the transactions of {topic.name} as {topic.consumer}",
                    one_line(error.str()),
                    "see that KafkaUser payments-consumer is Ready, and seed again",
                )
            else:
                number = dict(message.headers() or ()).get(TRANSACTION_HEADER)
                if number:
                    yield int(number)
