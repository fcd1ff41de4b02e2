"""One connection of librdkafka to a cluster, and the reading of single partitions over it.

This is librdkafka's "simple consumer", without a consumer group: librdkafka fills a separate, bounded queue
for every partition, and only the reader of the partition empties it.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from confluent_kafka import KafkaError

from mirror.audit.native.library import (
    CONF_OK,
    CONSUMER,
    ERROR_CALLBACK,
    TOKEN_CALLBACK,
    error_text,
    library,
)
from mirror.clients.access import ClusterAccess
from mirror.clients.connection import Errors, explain
from mirror.clients.msk_iam import CALLBACK
from mirror.clients.records import TopicPartition
from mirror.problems import CouldNotConnect, CouldNotRead, one_line

SETTINGS: Mapping[str, Any] = {
    "client.id": "region-mirror-audit",
    "isolation.level": "read_committed",
    "enable.partition.eof": "true",
    "enable.auto.commit": "false",
    # Retention may move the log's start after it was read: continue at the first record that is left.
    "auto.offset.reset": "earliest",
    # How long to wait for an unknown topic: brokers learn of a new topic at different times.
    "topic.metadata.propagation.max.ms": "5000",
    # At a log's end the broker delays a fetch this long, and with it the fetches of its other partitions.
    "fetch.wait.max.ms": "20",
    # Each broker serves one fetch at a time, with up to this much of each partition. 4 MB instead of 1 MB,
    # because one of the clusters is in another region.
    "fetch.message.max.bytes": "4194304",
    # How much to read ahead for a partition: this bounds the memory. A full queue is checked again after the
    # backoff; its default of 1,000 ms makes a fast reader wait.
    "queued.max.messages.kbytes": "16384",
    "fetch.queue.backoff.ms": "10",
    "log_level": "0",  # librdkafka would write to stderr; the error callback gets the same errors
}


class Client:
    """An `rd_kafka_t`. `close` first closes the open readings.

    Any thread may call any method at any time: after a second Ctrl-C, the main thread closes the client while
    other threads still read. No native call begins after `close`, and `close` waits for those that run.
    """

    def __init__(self, access: ClusterAccess, settings: Mapping[str, Any] = SETTINGS) -> None:
        self.access = access
        self.errors = Errors()
        self._lock = threading.Lock()
        self._topics: dict[str, int] = {}
        self._open: dict[TopicPartition, Reading] = {}
        self._closing = False
        self._callback = ERROR_CALLBACK(self._heard)
        self._token_callback = TOKEN_CALLBACK(self._token)
        self._handle: int | None = self._create({**access.client_config(), **settings})

    @property
    def handle(self) -> int:
        """The `rd_kafka_t` itself."""
        if self._handle is None:
            raise ValueError("the client is closed")
        return self._handle

    def poll(self) -> None:
        """Let librdkafka call the error callback: it does so only in a poll."""
        with self._lock:
            library().rd_kafka_poll(self.handle, 0)

    def read(self, partition: TopicPartition, start: int) -> Reading | None:
        """Begin to read ahead. None if this client already reads the partition: it can do so only once.

        Raises ValueError after `close`.
        """
        with self._lock:
            if self._closing:
                raise ValueError("the client is closed")
            if partition in self._open:
                return None
            if partition.topic not in self._topics:
                topic = library().rd_kafka_topic_new(self.handle, partition.topic.encode(), None)
                if not topic:
                    raise self._unreadable(partition, error_text(library().rd_kafka_last_error()))
                self._topics[partition.topic] = topic
            topic = self._topics[partition.topic]
            queue = library().rd_kafka_queue_new(self.handle)
            if library().rd_kafka_consume_start_queue(topic, partition.partition, start, queue) != 0:
                reason = error_text(library().rd_kafka_last_error())
                library().rd_kafka_queue_destroy(queue)
                raise self._unreadable(partition, reason)
            reading = self._open[partition] = Reading(self, partition, topic, queue)
            return reading

    def close(self) -> None:
        """Stop reading and disconnect; may be called twice."""
        with self._lock:
            self._closing = True
            readings = list(self._open.values())
        for reading in readings:
            reading.close()
        with self._lock:
            if self._handle is not None:
                for topic in self._topics.values():
                    library().rd_kafka_topic_destroy(topic)
                library().rd_kafka_destroy(self._handle)
                self._handle = None

    def closed(self, reading: Reading) -> None:
        """Allow another reading of the partition after this one has ended."""
        with self._lock:
            self._open.pop(reading.partition, None)

    def _unreadable(self, partition: TopicPartition, reason: str) -> CouldNotRead:
        return CouldNotRead(
            f"reading {partition} of {self.access.describe()}",
            one_line(reason),
            "check that the topic is still there and that the user may Read it",
        )

    def _create(self, settings: Mapping[str, Any]) -> int:
        said = ctypes.create_string_buffer(512)
        conf = library().rd_kafka_conf_new()
        signer: Any = settings.get(CALLBACK)
        self._signer = signer
        for name, value in settings.items():
            if name == CALLBACK:  # a function, and no property
                continue
            text = str(value).lower() if isinstance(value, bool) else str(value)
            if library().rd_kafka_conf_set(conf, name.encode(), text.encode(), said, len(said)) != CONF_OK:
                library().rd_kafka_conf_destroy(conf)
                raise self._refused(said.value)
        library().rd_kafka_conf_set_error_cb(conf, self._callback)
        if self._signer is not None:
            library().rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, self._token_callback)
            library().rd_kafka_conf_enable_sasl_queue(conf, 1)
        handle: int | None = library().rd_kafka_new(CONSUMER, conf, said, len(said))
        if handle is None:
            library().rd_kafka_conf_destroy(conf)
            raise self._refused(said.value)
        if self._signer is not None:
            # librdkafka's own thread then asks for tokens, also while nobody polls.
            library().rd_kafka_sasl_background_callbacks_enable(handle)
        return handle

    def _refused(self, said: bytes) -> CouldNotConnect:
        # librdkafka parses the certificates here, so errors in them appear here.
        return explain(self.access, [(KafkaError._SSL, one_line(said.decode(errors="replace")))])

    def _token(self, handle: int, _: bytes | None, __: int) -> None:
        """Hand a token for Amazon MSK to librdkafka, or the reason why there is none."""
        said = ctypes.create_string_buffer(512)
        try:
            token, expires = self._signer()
        except Exception as error:  # whatever botocore raises: an exception must not enter librdkafka
            reason = one_line(error) or type(error).__name__
            library().rd_kafka_oauthbearer_set_token_failure(handle, reason.encode())
            return
        lifetime = int(expires * 1000)
        given = token.encode(), lifetime, b"", None, 0, said, len(said)
        if library().rd_kafka_oauthbearer_set_token(handle, *given) != 0:
            library().rd_kafka_oauthbearer_set_token_failure(handle, said.value)

    def _heard(self, _: int, code: int, reason: bytes | None, __: int) -> None:
        self.errors(KafkaError(code, (reason or b"").decode(errors="replace")))


class Reading:
    """A partition that librdkafka reads ahead; `loop.read` empties its queue."""

    def __init__(self, client: Client, partition: TopicPartition, topic: int, queue: int) -> None:
        self.client = client
        self.partition = partition
        self._topic = topic
        self._queue: int | None = queue
        self._lock = threading.Lock()

    @contextmanager
    def queue(self) -> Iterator[int]:
        """The `rd_kafka_queue_t`; `close` waits until it is given back. Raises ValueError after `close`."""
        with self._lock:
            if self._queue is None:
                raise ValueError(f"the reading of {self.partition} is closed")
            yield self._queue

    def close(self) -> None:
        """Stop, and free the records read ahead; may be called twice."""
        with self._lock:
            if self._queue is None:
                return
            library().rd_kafka_consume_stop(self._topic, self.partition.partition)
            library().rd_kafka_queue_destroy(self._queue)
            self._queue = None
        self.client.closed(self)
