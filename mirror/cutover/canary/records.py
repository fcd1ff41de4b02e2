"""Creates the topic of the canary at the source, writes its records there, and reads them as its group.

All of it as the administrator of the source (`--source-admin-config`): the mirror's own user may only read.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from mirror.cutover.canary.canary import RETENTION_MS, Canary
from mirror.problems import CouldNotRun, one_line

SECONDS = 30.0
SESSION_MS = 10_000
"""Brokers allow 6 s to 30 minutes (`group.min.session.timeout.ms`)."""
READ_SECONDS = 90.0
"""A group without members waits for others (`group.initial.rebalance.delay.ms`) before it reads."""
_NEEDS = (
    "the login needs Create, Describe, Read and Write on topic {topic}, and Read on group {group}: check "
    "--source-admin-config"
)


class Written(NamedTuple):
    """What the source said of a record. `at`: seconds since the epoch."""

    record: str
    kind: Literal["accepted", "refused", "unknown"]
    at: float
    error: str = ""


class SourceRecords:
    """A writer and a reader at the source. `config`: librdkafka's, with the login."""

    def __init__(self, config: Mapping[str, Any], where: str, canary: Canary) -> None:
        self._config = {**config, "log_level": 0, "client.id": "region-mirror-canary"}
        self._where, self._canary = where, canary
        self._way_out = _NEEDS.format(topic=canary.topic, group=canary.group)

    def create(self) -> None:
        """Create the topic unless it exists: one partition, and the brokers' replication factor. Raises
        CouldNotRun.
        """
        topic = self._canary.topic
        new = NewTopic(topic, 1, -1, config={"retention.ms": str(RETENTION_MS), "cleanup.policy": "delete"})
        try:
            admin = AdminClient(self._config)
            admin.create_topics([new], request_timeout=SECONDS, operation_timeout=SECONDS)[topic].result(
                SECONDS + 5
            )
        except (KafkaException, TimeoutError) as error:
            if _code(error) != KafkaError.TOPIC_ALREADY_EXISTS:
                raise self._failure(f"creating topic {topic}", error) from error

    def write(self, numbers: Iterable[int], *, fenced: bool = False) -> list[Written]:
        """Write records of this run, in this order. A refusal is an answer, and no error. `fenced`: it is
        expected. Raises CouldNotRun where the login cannot be used.
        """
        found: list[Written] = []
        try:
            producer = Producer(
                {
                    **self._config,
                    "acks": "all",
                    # A record that is sent twice must not be there twice. An idempotent producer that may
                    # write to no topic gets no producer id, instead of the answer that is asked for here.
                    "enable.idempotence": not fenced,
                    "message.timeout.ms": int(SECONDS * 1000),
                }
            )
        except KafkaException as error:
            raise self._failure("writing", error) from error

        def delivered(error: KafkaError | None, message: Any) -> None:
            found.append(_written(message.value().decode(), error))

        for number in numbers:
            record = str(number)
            try:
                producer.produce(
                    self._canary.topic,
                    record.encode(),
                    self._canary.key,
                    partition=0,
                    on_delivery=delivered,
                )
            except KafkaException as error:  # librdkafka knows of the refusal already
                found.append(_written(record, error.args[0]))
        producer.flush(SECONDS + 5)
        return sorted(found, key=lambda one: int(one.record))

    def read(self, last: str) -> list[str]:
        """Read as the group, from where it is, until the record `last` of this run; then commit and leave.
        Return the names of the records (`Canary.name_of`). Raises CouldNotRun.
        """
        found: list[str] = []
        tried = f"reading as group {self._canary.group}"
        try:
            consumer = Consumer(
                {
                    **self._config,
                    "group.id": self._canary.group,
                    # A run that is killed here leaves a member, which blocks the next one for so long.
                    "session.timeout.ms": SESSION_MS,
                    "enable.auto.commit": False,
                    "auto.offset.reset": "earliest",
                    "isolation.level": "read_committed",
                }
            )
        except KafkaException as error:
            raise self._failure(tried, error) from error
        try:
            consumer.subscribe([self._canary.topic])
            deadline = time.monotonic() + READ_SECONDS
            while time.monotonic() < deadline:
                message = consumer.poll(0.5)
                if message is None:
                    continue
                if (wrong := message.error()) is not None:
                    raise KafkaException(wrong)
                found.append(self._canary.name_of(message.key(), message.value()))
                if found[-1] == last:
                    consumer.commit(message=message, asynchronous=False)
                    return found
        except KafkaException as error:
            raise self._failure(tried, error) from error
        finally:
            consumer.close()
        raise CouldNotRun(
            f"{tried} on {self._where}",
            f"record {last} did not come within {READ_SECONDS:.0f} s ({len(found)} records did)",
            f"check that no other consumer of this group runs, and the brokers; {self._way_out}",
        )

    def _failure(self, tried: str, error: Exception) -> CouldNotRun:
        reason = error.args[0].str() if isinstance(error, KafkaException) else "no answer in time"
        return CouldNotRun(f"{tried} on {self._where}", one_line(reason), self._way_out)


def _code(error: Exception) -> int:
    return int(error.args[0].code()) if isinstance(error, KafkaException) else 0


def _written(record: str, error: KafkaError | None) -> Written:
    now = round(time.time(), 4)
    if error is None:
        return Written(record, "accepted", now)
    kind: Literal["refused", "unknown"] = (
        "refused" if error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED else "unknown"
    )
    return Written(record, kind, now, one_line(error.str()))
