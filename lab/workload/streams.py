"""One topic being written by one of production's running producers: plainly, or in transactions."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from lab.workload.connection import Cluster
from lab.workload.history import transaction
from lab.workload.loading import producer_settings
from lab.workload.records import TRANSACTION_HEADER, record
from lab.workload.roster import SEED, Topic
from lab.workload.running import Brokers, say

TRANSACTION_SIZE = 10
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
        self.topic = topic
        self.counts = Counts()
        self.next = first
        self.sent = 0
        self._brokers = brokers
        self._config = cluster.config(
            topic.writer,
            producer_settings({"linger.ms": 100, "error_cb": brokers.error, **(settings or {})}),
        )
        self.producer = Producer(self._config)

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

    def renew(self, error: KafkaError) -> None:
        """Go on with a new producer after a fatal error: librdkafka's way out of it.

        Ends the process when another producer has taken over, which must not be fought.
        """
        say(f"{self.topic.name}: {error.str()}: going on with a new producer")
        if error.code() in (KafkaError._FENCED, KafkaError.PRODUCER_FENCED):
            raise SystemExit(1)
        with contextlib.suppress(KafkaException):
            self.producer.purge()
            self.producer.poll(0)
        self.producer = Producer(self._config)

    def _delivered(self, error: KafkaError | None, _: Message) -> None:
        if error is None:
            self.counts.delivered += 1
            self._brokers.answered()
        else:
            self.counts.failed += 1


class PlainStream(_Sender):
    """Records one by one, idempotent."""

    def write(self, count: int) -> int:
        """Hand over up to `count` records; return how many. Does not wait for deliveries."""
        before = self.sent
        try:
            self.producer.poll(0)
            for _ in range(min(count, MOST_WAITING - len(self.producer))):
                self.next += 1
                self.send(self.next - 1)
        except KafkaException as error:
            if not error.args[0].fatal():
                raise
            self.renew(error.args[0])
        return self.sent - before

    def stop(self, seconds: float) -> None:
        """Wait up to `seconds` for deliveries."""
        left = self.producer.flush(seconds)
        if left:
            say(f"{self.topic.name}: {left} records were not delivered")


class _State(Enum):
    STARTING = "starting"
    IDLE = "idle"
    OPEN = "open"
    COMMITTING = "committing"
    DELIVERING = "delivering what is to be aborted"
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
        """Do what is outstanding, then add up to `count` records to a transaction; return how many."""
        before = self.sent
        try:
            self.producer.poll(0)
            self._finish_outstanding(CALL_SECONDS)
            if count and self._state is _State.IDLE:
                self.producer.begin_transaction()
                self._state = _State.OPEN
            if self._state is _State.OPEN:
                self._add(count)
        except KafkaException as error:
            self._failed(error.args[0])
        return self.sent - before

    def stop(self, seconds: float) -> None:
        """Abort the open transaction, within `seconds`."""
        try:
            if self._state is _State.OPEN:
                say(f"{self.topic.name}: aborting the open transaction {self._transaction.number}")
                self._state = _State.DELIVERING
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
            self._state = _State.DELIVERING if self._transaction.aborted else _State.COMMITTING
            self._finish_outstanding(CALL_SECONDS)

    def _finish_outstanding(self, seconds: float) -> None:
        match self._state:
            case _State.STARTING:
                self.producer.init_transactions(seconds)
                self._state = _State.IDLE
            case _State.COMMITTING:
                self.producer.commit_transaction(seconds)
                self._begin_next()
            case _State.DELIVERING:
                # Aborting drops what is not delivered: readers would meet no aborted records, and a broker
                # that has not heard of the transaction yet refuses to end it: fatal (INVALID_TXN_STATE).
                if self.producer.flush(seconds) == 0:
                    self._state = _State.ABORTING
                    self._finish_outstanding(seconds)
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
        if self._state is _State.STARTING:
            raise SystemExit(
                1
            )  # not allowed to, or fenced: the supervisor starts another, less and less often
        if error.fatal():
            self.renew(error)
            self._begin_next()
            self._state = _State.STARTING
        elif error.txn_requires_abort() or self._state in (_State.OPEN, _State.DELIVERING):
            self._state = _State.ABORTING
        else:
            raise SystemExit(1)
