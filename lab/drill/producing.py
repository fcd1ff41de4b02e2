"""The producers of a drill: each numbers its records and tells which of them the cluster has accepted.

A producer goes on while the fence refuses it, as an application would. A refused record is dropped, not
sent again: what applications have to buffer during a cutover shows in the report. A producer whose cluster is
gone is abandoned, as a process that is killed: what it was told nothing about is unknown.
"""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from lab.drill.production import Side, Stream
from lab.drill.tell import DRILL, RUN, SILENT, Tell
from lab.workload.history import ABORT_EVERY
from lab.workload.records import record

TICK_SECONDS = 0.05
TRANSACTION_SIZE = 10
CALL_SECONDS = 15.0
_REFUSALS = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
}


class Writer(threading.Thread):
    """One producer of one stream on one cluster, until it is ended."""

    def __init__(self, stream: Stream, side: Side, first: int, tell: Tell) -> None:
        super().__init__(name=f"{side} {stream.name}", daemon=True)
        self.next = first
        self._stream, self._side, self._tell = stream, side, tell
        self._ends, self._abandoned = threading.Event(), threading.Event()
        self._running: Producer | None = None
        self._open: dict[int, str] = {}
        """Records of which the cluster has told nothing yet, by number."""

    def run(self) -> None:
        """Write at the stream's rate; what is due while the cluster does not answer is not made up for."""
        write = self._transaction if self._stream.transactional else self._plain
        size = TRANSACTION_SIZE if self._stream.transactional else 1
        producer = self._running = self._producer()
        due, last = 0.0, time.monotonic()
        while not self._ends.wait(TICK_SECONDS):
            now = time.monotonic()
            due = min(due + (now - last) * self._stream.rate, 2.0 * size + self._stream.rate * TICK_SECONDS)
            last = now
            producer.poll(0)
            while due >= size and not self._ends.is_set():
                due -= size
                producer = self._running = write(producer)
        if self._abandoned.is_set():  # what was handed over after `abandon` has purged, too
            producer.purge()
        producer.flush(CALL_SECONDS)
        for number in list(self._open.values()):
            self._told("unknown", number)

    def end(self) -> None:
        """Wait for what was handed over, and tell what nobody knows."""
        self._ends.set()
        self.join()

    def abandon(self) -> None:
        """End it without waiting for the cluster, which does not answer."""
        self._abandoned.set()
        self._ends.set()
        if self._running is not None:
            self._running.purge()

    def _producer(self) -> Producer:
        settings: dict[str, Any] = {"linger.ms": 5, "message.timeout.ms": 20_000, "logger": SILENT}
        if self._stream.transactional:
            settings["transactional.id"] = f"{self._stream.topics[self._side]}-drill"
        producer = Producer({**self._stream.writers[self._side], **settings})
        if self._stream.transactional:
            producer.init_transactions(CALL_SECONDS)
        return producer

    def _plain(self, producer: Producer) -> Producer:
        number = self.next
        self.next += 1
        self._open[number] = identity(number)
        try:
            self._send(producer, number, self._delivered)
        except KafkaException as error:  # librdkafka knows of the refusal already
            self._delivered(number, error.args[0], None)
        return producer

    def _delivered(self, number: int, error: KafkaError | None, _: Message | None) -> None:
        name = self._open.pop(number)
        if error is None:
            self._told("accepted", name)
        else:
            self._told("refused" if error.code() in _REFUSALS else "unknown", name, error=error.name())

    def _transaction(self, producer: Producer) -> Producer:
        """Write one transaction; every fifth is aborted: its records are neither accepted nor refused."""
        numbers = range(self.next, self.next + TRANSACTION_SIZE)
        aborted = numbers.start // TRANSACTION_SIZE % ABORT_EVERY == ABORT_EVERY - 1
        self.next = numbers.stop
        errors: list[KafkaError] = []
        committing = False

        def delivered(_number: int, error: KafkaError | None, _message: Message) -> None:
            if error is not None:
                errors.append(error)

        try:
            producer.begin_transaction()
            for number in numbers:
                self._send(producer, number, delivered)
            producer.flush(CALL_SECONDS)
            if aborted and not errors:
                producer.abort_transaction(CALL_SECONDS)
                self._told_all("aborted", numbers)
                return producer
            # librdkafka commits no transaction of which a record was not delivered.
            committing = not errors
            producer.commit_transaction(CALL_SECONDS)
        except KafkaException as error:
            name = [*errors, error.args[0]][0].name()
            return self._failed(producer, numbers, name, committing=committing)
        self._told_all("accepted", numbers)
        return producer

    def _failed(self, producer: Producer, numbers: range, error: str, *, committing: bool) -> Producer:
        """Abort a transaction. Where that fails too, nobody knows the end of one that was being committed. A
        cluster that refused its first record has never heard of it, so that it cannot be aborted either.
        """
        event, going_on = "refused", producer
        if self._abandoned.is_set():
            self._told_all("unknown" if committing else "aborted", numbers, error=error)
            return producer
        try:
            producer.abort_transaction(CALL_SECONDS)
        except KafkaException:
            event = "unknown" if committing else "refused"
            if not self._abandoned.is_set():
                going_on = self._producer()
        self._told_all(event, numbers, error=error)
        return going_on

    def _send(self, producer: Producer, number: int, told: Any) -> None:
        item = record(self._stream.content, number)
        producer.produce(
            self._stream.topics[self._side],
            key=item.key,
            value=item.value,
            headers=[*item.headers, (DRILL, identity(number).encode())],
            on_delivery=partial(told, number),
        )

    def _told_all(self, event: str, numbers: range, **more: str) -> None:
        """Tell what became of a transaction."""
        name = identity(numbers.start)
        for number in numbers:
            self._told(event, identity(number), transaction=name, **more)

    def _told(self, event: str, name: str, **more: str) -> None:
        self._tell.record(event, self._side, self._stream.name, name, **more)


def identity(number: int) -> str:
    """What makes a record of this drill different from all others."""
    return f"{RUN}-{number}"
