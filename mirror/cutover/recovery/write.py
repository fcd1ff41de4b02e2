"""Writes missing records to the target, exactly once, also if it is killed and run again.

One transactional id for each mirror: a new run fences an older one that still runs, and Kafka aborts its open
transaction (KIP-98). Each transaction contains the records and the mark that says how far the source
partition is (`marks`), so the next run continues behind the last committed record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from confluent_kafka import KafkaError, KafkaException, Producer

from mirror.audit.columns import Indices
from mirror.clients.connection import Errors
from mirror.clients.messages import entry_of
from mirror.clients.records import Header, TopicPartition
from mirror.cutover.recovery.marks import Mark, digest_of, encode
from mirror.problems import CouldNotRun, one_line

HEADER = "region-mirror.recovered."
"""The prefix of the headers that say where a record comes from: `alias`, `topic`, `partition`, `offset`."""
HEADER_BYTES = 4_096
"""More than these headers take: the name of a topic has 249 bytes at most."""
RECORDS, BYTES = 2_000, 16 * 1024 * 1024
"""The size of one transaction: what a killed run repeats at most."""
SECONDS = 60.0
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is written for one source partition. The topic of a record's offset decides where it goes."""

    source: TopicPartition
    offsets: Indices
    """Source offsets to write, ascending."""
    quarantined: Indices
    """Those of them that go to the quarantine topic."""
    topic: str
    """The topic for the other ones."""
    quarantine: str
    topic_id: str = ""
    to_topic: int = 0
    """Records that earlier runs have written to the topic itself."""

    def goes_to(self, offset: int) -> str:
        """The topic of a record."""
        at = int(np.searchsorted(self.quarantined, offset))
        held = at < len(self.quarantined) and int(self.quarantined[at]) == offset
        return self.quarantine if held else self.topic


@dataclass(frozen=True, slots=True)
class Marks:
    """Where the marks of one mirror are written."""

    topic: str
    connector: str
    alias: str


def origin(alias: str, source: TopicPartition, offset: int) -> list[Header]:
    """The headers that are added to a recovered record."""
    parts = {"alias": alias, "topic": source.topic, "partition": source.partition, "offset": offset}
    return [(HEADER + name, str(value).encode()) for name, value in parts.items()]


class Writer:
    """A transactional producer on the target. Creating it fences an older run. Raises CouldNotRun."""

    def __init__(
        self, config: Mapping[str, Any], where: str, transactional_id: str, marks: Marks, batch_bytes: int
    ) -> None:
        """`batch_bytes`: what each topic takes in one batch."""
        self._where, self._marks = where, marks
        self._refused: list[tuple[KafkaError, str]] = []
        self._errors = Errors()
        self._producer = Producer(
            {
                **config,
                "transactional.id": transactional_id,
                "transaction.timeout.ms": int(SECONDS * 1000),
                "acks": "all",
                "linger.ms": 5,
                "compression.type": "zstd",
                # The topic's own limit decides: a record that the source has accepted is not refused here.
                "message.max.bytes": 1_000_000_000,
                "batch.size": batch_bytes,
                # Java's default partitioner: MM2's positions and the marks of a key share a partition.
                "partitioner": "murmur2_random",
                "client.id": "region-mirror-recover",
                "error_cb": self._errors,
                "log_level": 0,
            }
        )
        self._call("starting the recovery's transactions", lambda: self._producer.init_transactions(SECONDS))

    def write(
        self, parcel: Parcel, messages: Iterator[Any], committed: Callable[[TopicPartition, int], None]
    ) -> int:
        """Write the messages of a parcel; `committed` gets the number of records after each transaction.

        Returns the number of records. Raises CouldNotRun: run it again, it continues.
        """
        count, pending, size, last = 0, 0, 0, None
        try:
            for message in messages:
                if not pending:
                    self._call("beginning a transaction", self._producer.begin_transaction)
                pending, size, last = pending + 1, size + len(message), message
                self._produce(parcel, message)
                if pending >= RECORDS or size >= BYTES:
                    count += self._commit(parcel, last, pending)
                    pending = size = 0
                    committed(parcel.source, count)
            if pending:
                count += self._commit(parcel, last, pending)
                pending = 0
                committed(parcel.source, count)
        except BaseException:
            if pending:  # consumers of these topics would wait for its timeout
                self._abort()
            raise
        return count

    def _produce(self, parcel: Parcel, message: Any) -> None:
        offset = message.offset()
        _, timestamp = message.timestamp()
        headers = [*(message.headers() or ()), *origin(self._marks.alias, parcel.source, offset)]
        self._queue(
            parcel.goes_to(offset),
            message.value(),
            message.key(),
            partition=parcel.source.partition,
            headers=headers,
            **({"timestamp": timestamp} if timestamp > 0 else {}),
        )

    def _commit(self, parcel: Parcel, last: Any, pending: int) -> int:
        record = entry_of(last)
        done = int(np.searchsorted(parcel.offsets, record.offset, side="right"))
        held = int(np.searchsorted(parcel.quarantined, record.offset, side="right"))
        to_topic = parcel.to_topic + done - held
        mark = Mark(record.offset, parcel.topic_id, to_topic, digest_of(record))
        key, value = encode(self._marks.connector, self._marks.alias, parcel.source, mark)
        self._queue(self._marks.topic, value, key)
        # Delivery reports are served while the commit waits for them.
        self._call("committing recovered records", lambda: self._producer.commit_transaction(SECONDS))
        return pending

    def _queue(self, topic: str, value: bytes | None, key: bytes | None, **rest: Any) -> None:
        while True:
            try:
                self._producer.produce(topic, value, key, on_delivery=self._delivered, **rest)
                self._producer.poll(0)
                return
            except BufferError:
                self._producer.poll(0.1)
            except KafkaException as error:
                raise self._failure(f"writing to {topic}", error.args[0]) from error

    def _delivered(self, error: KafkaError | None, message: Any) -> None:
        if error is not None:
            self._refused.append((error, message.topic()))

    def _call(self, tried: str, call: Callable[[], None]) -> None:
        for attempt in range(_ATTEMPTS):
            try:
                call()
                return
            except KafkaException as error:
                reason: KafkaError = error.args[0]
                if reason.retriable() and attempt + 1 < _ATTEMPTS:
                    continue
                if reason.txn_requires_abort():
                    self._abort()
                raise self._failure(tried, reason) from error

    def _abort(self) -> None:
        try:
            self._producer.abort_transaction(SECONDS)
        except KafkaException:
            return  # Kafka aborts it: the next run's init_transactions, or the transaction's timeout

    def _failure(self, tried: str, error: KafkaError) -> CouldNotRun:
        first, topic = self._refused[0] if self._refused else (error, "")
        code = first.code()
        if error.code() == KafkaError._FENCED or code == KafkaError._FENCED:
            way_out = "another run of `recover --write` has started since: wait for it, then run this again"
        elif code == KafkaError.MSG_SIZE_TOO_LARGE and topic:
            tried = f"writing to topic {topic}"
            way_out = (
                f"a recovered record has four headers more than its original: raise max.message.bytes of "
                f"{topic} by {HEADER_BYTES:,} at least, and run the same command again: it continues"
            )
        elif "AUTHORIZATION" in first.name():
            way_out = (
                "the mirror's user may not do this: give a login that may, with --target-admin-config FILE"
            )
        else:
            way_out = "check the target's brokers, and run the same command again: it continues"
        return CouldNotRun(f"{tried} on {self._where}", one_line(first.str()), way_out)
