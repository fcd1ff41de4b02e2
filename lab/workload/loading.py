"""Writes the history of one topic: plainly, or in transactions of which some are aborted."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from lab.workload.connection import Cluster
from lab.workload.history import Transaction, missing, partition_of, transactions
from lab.workload.records import TRANSACTION_HEADER, Record, record
from lab.workload.roster import Topic
from lab.workload.topics import Offsets
from mirror.problems import CouldNotRun, one_line

FLUSH_SECONDS = 120.0
READ_SECONDS = 60.0
TRANSACTION_SECONDS = 30.0


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


def load_records(cluster: Cluster, topic: Topic, ends: Offsets, seed: int, started_at_ms: int) -> int:
    """Write the records of a topic that are missing; return how many were written."""
    # No time limit for a record: one given up in the middle of a partition would leave a hole that a later
    # seed, which only counts, cannot see.
    settings = producer_settings({"linger.ms": 20, "batch.size": 262_144, "message.timeout.ms": 0})
    deliveries = _Deliveries(Producer(cluster.config(topic.writer, settings)), started_at_ms)
    count = 0
    for partition, item in missing(topic, ends, seed):
        deliveries.send(item, partition)
        count += 1
    deliveries.finish(f"producing the history of {topic.name} as {topic.producer}")
    return count


def load_transactions(cluster: Cluster, topic: Topic, ends: Offsets, seed: int, started_at_ms: int) -> int:
    """Write the transactions of a topic that are missing; return how many records were written."""
    tried = f"producing the transactions of {topic.name} as {topic.producer}"
    settings = producer_settings({"linger.ms": 2, "transactional.id": f"{topic.name}-history"})
    producer = Producer(cluster.config(topic.writer, settings))
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
