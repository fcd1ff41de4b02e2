"""Production's producers: orders, payments in transactions, and customers, at a steady rate until SIGTERM.

Three KafkaUsers in one process. Brokers may come and go: what is due waits, and nothing is lost or written
twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from lab.workload.connection import Cluster
from lab.workload.history import transaction
from lab.workload.records import TRANSACTION_HEADER, record
from lab.workload.roster import SEED, TOPICS, Topic
from lab.workload.running import Brokers, Progress, Stopping, say
from lab.workload.seed import producer_settings
from lab.workload.topics import TopicAdmin

RATE = 60.0
"""Records a second in total."""

SHARES = {"orders": 0.6, "payments": 0.25, "customers": 0.15}
TRANSACTION_SIZE = 10
TICK_SECONDS = 0.25
CALL_SECONDS = 0.5
"""How long one call of a transaction may hold up everything else; it is made again at the next tick."""

MOST_WAITING = 2_000
"""Records that may wait for the brokers; with more, nothing new is made until they are back."""


@dataclass(slots=True)
class Counts:
    """Records of one topic since the process started."""

    delivered: int = 0
    failed: int = 0
    aborted: int = 0

    def __str__(self) -> str:
        more = [f"{self.aborted} of them aborted"] * bool(self.aborted) + [f"{self.failed} failed"] * bool(
            self.failed
        )
        return f"{self.delivered}" + (f" ({', '.join(more)})" if more else "")


class Stream(Protocol):
    """One topic being written."""

    topic: Topic
    counts: Counts

    def write(self, count: int) -> int:
        """Write up to `count` further records; how many it took. Returns soon, whatever the brokers do."""

    def stop(self, seconds: float) -> None:
        """Finish or abort what is open."""


class _Sender:
    """A producer of one topic, the number of its next record, and what became of the ones before."""

    def __init__(
        self,
        cluster: Cluster,
        topic: Topic,
        first: int,
        brokers: Brokers,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        assert topic.producer is not None
        self.topic = topic
        self.counts = Counts()
        self.next = first
        self.sent = 0
        self._brokers = brokers
        self.producer = Producer(
            cluster.config(
                topic.producer,
                producer_settings({"linger.ms": 100, "error_cb": brokers.error, **(settings or {})}),
            )
        )

    def send(self, sequence: int, *headers: tuple[str, bytes]) -> None:
        item = record(self.topic.name, sequence, SEED)
        self.producer.produce(
            item.topic,
            key=item.key,
            value=item.value,
            headers=[*item.headers, *headers],
            on_delivery=self._delivered,
        )
        self.sent += 1

    def _delivered(self, error: KafkaError | None, _: Message) -> None:
        if error is None:
            self.counts.delivered += 1
            self._brokers.answered()
        else:
            self.counts.failed += 1


class PlainStream(_Sender):
    """Records one by one, idempotent."""

    def write(self, count: int) -> int:
        self.producer.poll(0)
        count = max(0, min(count, MOST_WAITING - len(self.producer)))
        for sequence in range(self.next, self.next + count):
            self.send(sequence)
        self.next += count
        return count

    def stop(self, seconds: float) -> None:
        left = self.producer.flush(seconds)
        if left:
            say(f"{self.topic.name}: {left} records were not delivered")


class _State(Enum):
    STARTING = "starting"
    IDLE = "idle"
    OPEN = "open"
    COMMITTING = "committing"
    ABORTING = "aborting"


class TransactionalStream(_Sender):
    """Records in transactions, every fifth of which is aborted.

    A call that the brokers did not answer in time must be made again before any other (librdkafka:
    "resumable"), so the state says which one is outstanding.
    """

    def __init__(self, cluster: Cluster, topic: Topic, first: int, brokers: Brokers) -> None:
        settings = {"transactional.id": f"{topic.name}-service", "message.timeout.ms": 30_000}
        super().__init__(cluster, topic, first, brokers, settings)
        self._state = _State.STARTING
        self._transaction = transaction(first // TRANSACTION_SIZE + 1, first, TRANSACTION_SIZE)

    def write(self, count: int) -> int:
        self.producer.poll(0)
        before = self.sent
        try:
            self._finish_outstanding()
            if count and self._state is _State.IDLE:
                self.producer.begin_transaction()
                self._state = _State.OPEN
            if self._state is _State.OPEN:
                self._add(count)
        except KafkaException as error:
            self._failed(error.args[0])
        return self.sent - before

    def stop(self, seconds: float) -> None:
        try:
            if self._state is _State.OPEN:
                say(f"{self.topic.name}: aborting the open transaction {self._transaction.number}")
                self._state = _State.ABORTING
            if self._state is not _State.STARTING:
                self._finish_outstanding(seconds)
        except KafkaException as error:
            say(f"{self.topic.name}: transaction {self._transaction.number} left open: {error.args[0].str()}")

    def _add(self, count: int) -> None:
        end = self._transaction.records.stop
        for _ in range(min(count, end - self.next)):
            self.send(self.next, (TRANSACTION_HEADER, str(self._transaction.number).encode()))
            self.next += 1
        if self.next == end:
            if self._transaction.aborted:
                self.producer.flush(
                    CALL_SECONDS
                )  # aborting drops what is not sent; readers must meet aborted records
            self._state = _State.ABORTING if self._transaction.aborted else _State.COMMITTING
            self._finish_outstanding()

    def _finish_outstanding(self, seconds: float = CALL_SECONDS) -> None:
        match self._state:
            case _State.STARTING:
                self.producer.init_transactions(seconds)
                self._state = _State.IDLE
            case _State.COMMITTING:
                self.producer.commit_transaction(seconds)
                self._begin_next()
            case _State.ABORTING:
                self.producer.abort_transaction(seconds)
                self.counts.aborted += self.next - self._transaction.records.start
                self._begin_next()

    def _begin_next(self) -> None:
        # Neither a number nor a sequence is ever used again, also not one whose transaction failed.
        self.next = self._transaction.records.stop
        self._transaction = transaction(self._transaction.number + 1, self.next, TRANSACTION_SIZE)
        self._state = _State.IDLE

    def _failed(self, error: KafkaError) -> None:
        if error.retriable():
            return  # the same call again at the next tick
        say(f"{self.topic.name}: transaction {self._transaction.number}, {self._state.value}: {error.str()}")
        if error.fatal() or self._state is _State.STARTING:
            raise SystemExit(1)  # fenced or not allowed to: the supervisor starts a new one
        if error.txn_requires_abort() or self._state is _State.OPEN:
            self._state = _State.ABORTING
        else:
            raise SystemExit(1)


def streams(cluster: Cluster, brokers: Brokers) -> list[Stream]:
    """The running producers, each numbering on from what its topic holds. Raises CouldNotRun."""
    ends = TopicAdmin(cluster).end_offsets()
    made: list[Stream] = []
    for topic in TOPICS:
        if topic.name in SHARES:
            # A record takes one offset at least, so a number beyond all end offsets has never been used.
            first = max(sum(ends.get(topic.name, {}).values()), topic.history)
            kind = TransactionalStream if topic.read_committed else PlainStream
            made.append(kind(cluster, topic, first, brokers))
    return made


def produce(cluster: Cluster, rate: float = RATE, stopping: Stopping | None = None) -> None:
    """Produce `rate` records a second until told to stop. Raises CouldNotRun when it cannot start."""
    stopping = stopping or Stopping().listen()
    brokers, progress = Brokers(), Progress()
    writers = streams(cluster, brokers)
    say(f"producing {rate:g} records/s to {', '.join(SHARES)} in region {cluster.region}")
    due = {writer.topic.name: 0.0 for writer in writers}
    last = time.monotonic()
    while not stopping.wait(TICK_SECONDS):
        now = time.monotonic()
        for writer in writers:
            name = writer.topic.name
            # At most two seconds' worth: brokers that were away are not flooded when they are back.
            due[name] = min(due[name] + SHARES[name] * rate * (now - last), SHARES[name] * rate * 2)
            due[name] -= writer.write(int(due[name]))
        last = now
        brokers.check()
        if progress.due():
            say(_summary(writers))
    # Abort first: the others' flush could take all the time there is.
    for writer in sorted(writers, key=lambda writer: not isinstance(writer, TransactionalStream)):
        writer.stop(CALL_SECONDS)
    say("stopped; " + _summary(writers))


def _summary(writers: Iterable[Stream]) -> str:
    return "produced " + ", ".join(f"{writer.topic.name} {writer.counts}" for writer in writers)
