"""Reads whole records of the source, with all their bytes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import confluent_kafka
from confluent_kafka import Consumer, KafkaError

from mirror.audit.columns import Indices
from mirror.clients.access import ClusterAccess
from mirror.clients.connection import Errors
from mirror.clients.known_topics import KnownTopics
from mirror.clients.reader import FETCH_WAIT_MS
from mirror.clients.records import TopicPartition
from mirror.problems import CouldNotRead, one_line

SECONDS = 60.0
"""Longest wait for a record."""
_BATCH = 1_000
_TURN_SECONDS = 0.02


class SourceRecords:
    """Reads whole records of the source, read_committed, as the mirror's user. A context manager."""

    def __init__(self, access: ClusterAccess) -> None:
        self._access = access
        self._errors = Errors()
        self._consumer = Consumer(
            {
                **access.client_config(),
                "group.id": "region-mirror-recover",  # required by librdkafka; the group is never joined
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "isolation.level": "read_committed",
                "auto.offset.reset": "error",
                "fetch.queue.backoff.ms": 10,
                "fetch.wait.max.ms": FETCH_WAIT_MS,
                "queued.max.messages.kbytes": 32 * 1024,
                "client.id": "region-mirror-recover",
                "error_cb": self._errors,
                "log_level": 0,
            }
        )
        self._known = KnownTopics(self._consumer)

    def close(self) -> None:
        """Disconnect."""
        self._consumer.close()

    def read(self, partition: TopicPartition, offsets: Indices) -> Iterator[Any]:
        """Yield the messages with these offsets, ascending. Raises CouldNotRead where one is not there any
        more, or does not arrive in time.
        """
        if not len(offsets):
            return
        at, left, reached = 0, len(offsets), -1
        self._known.learn({partition.topic})
        self._consumer.assign(
            [confluent_kafka.TopicPartition(partition.topic, partition.partition, int(offsets[0]))]
        )
        silent_since = time.monotonic()
        while at < left:
            # `consume` waits so long for a full batch, also where fewer records are left.
            messages = self._consumer.consume(_BATCH, _TURN_SECONDS)
            before = reached
            for message in messages:
                error, offset = message.error(), message.offset()
                if error is not None and _harmless(message, error):
                    continue
                if error is not None or offset is None:
                    raise self._failure(partition, int(offsets[at]), one_line(error))
                reached = max(reached, offset)
                if at < left and offset > int(offsets[at]):
                    raise self._failure(partition, int(offsets[at]), "the record is not there any more")
                if at < left and offset == int(offsets[at]):
                    at += 1
                    yield message
            # Only a later record is progress: an error may be repeated for ever.
            if reached > before:
                silent_since = time.monotonic()
            elif time.monotonic() - silent_since > SECONDS:
                raise self._failure(partition, int(offsets[at]), f"no record in {SECONDS:.0f} s")
        self._consumer.unassign()

    def _failure(self, partition: TopicPartition, offset: int, reason: str) -> CouldNotRead:
        said = self._errors.seen
        return CouldNotRead(
            f"reading {partition} of {self._access.describe()} from offset {offset}",
            f"{reason}: {said[-1][1]}" if said else reason,
            "check the source's brokers, and run the same command again: it continues",
        )


def _harmless(message: Any, error: KafkaError) -> bool:
    """Whether reading continues in spite of an error: a fetch without a record, as mirror/clients/reader.py
    explains, or an error about no partition. librdkafka asks for the coordinator of the group that is never
    joined, and the mirror's user may not describe a group at the source.
    """
    return message.topic() is None or error.code() == KafkaError.MSG_SIZE_TOO_LARGE
