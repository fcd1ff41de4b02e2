"""One connection of librdkafka to a cluster, and the reading of single partitions over it.

This is librdkafka's "simple consumer": a queue of its own for every partition, which librdkafka fills ahead
up to a bound, and which nobody but its reader empties. There is no group.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Mapping
from typing import Any

from confluent_kafka import KafkaError

from mirror.audit.native.library import CONF_OK, CONSUMER, ERROR_CALLBACK, error_text, library
from mirror.clients.access import ClusterAccess
from mirror.clients.connection import Errors, explain
from mirror.clients.records import TopicPartition
from mirror.problems import CouldNotConnect, CouldNotRead, one_line

SETTINGS: Mapping[str, Any] = {
    "client.id": "region-mirror-audit",
    "isolation.level": "read_committed",
    "enable.partition.eof": "true",
    "enable.auto.commit": "false",
    # Retention may move the log's start after it was asked for: go on at the first record there is.
    "auto.offset.reset": "earliest",
    # How long a topic that is not there is waited for: one that has just been made is not known everywhere.
    "topic.metadata.propagation.max.ms": "5000",
    # At a log's end the broker holds a fetch back this long, and with it those of its other partitions.
    "fetch.wait.max.ms": "20",
    # One fetch is under way for a broker: it brings that much of a partition a round trip. 4 MB, not 1 MB:
    # the other cluster is in another region.
    "fetch.message.max.bytes": "4194304",
    # Read ahead for a partition; the bound on memory. A full queue is looked at again soon: the default of
    # 1,000 ms leaves a fast reader waiting.
    "queued.max.messages.kbytes": "16384",
    "fetch.queue.backoff.ms": "10",
    "log_level": "0",  # librdkafka would write to stderr; the error callback hears the same
}


class Client:
    """An `rd_kafka_t`. `close` first closes what still reads."""

    def __init__(self, access: ClusterAccess, settings: Mapping[str, Any] = SETTINGS) -> None:
        self.access = access
        self.errors = Errors()
        self._lock = threading.Lock()
        self._topics: dict[str, int] = {}
        self._open: dict[TopicPartition, Reading] = {}
        self._callback = ERROR_CALLBACK(self._heard)
        self._handle: int | None = self._create({**access.client_config(), **settings})

    @property
    def handle(self) -> int:
        """The `rd_kafka_t` itself."""
        if self._handle is None:
            raise ValueError("the client is closed")
        return self._handle

    def poll(self) -> None:
        """Hear of errors: librdkafka tells them only to those who ask."""
        library().rd_kafka_poll(self.handle, 0)

    def read(self, partition: TopicPartition, start: int) -> Reading | None:
        """Begin to read ahead. None while this client reads the partition already: it can read it once."""
        with self._lock:
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
        """Stop reading and disconnect; again is fine."""
        for reading in list(self._open.values()):
            reading.close()
        with self._lock:
            if self._handle is not None:
                for topic in self._topics.values():
                    library().rd_kafka_topic_destroy(topic)
                library().rd_kafka_destroy(self._handle)
                self._handle = None

    def closed(self, reading: Reading) -> None:
        """A reading that has ended lets others read its partition."""
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
        for name, value in settings.items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            if library().rd_kafka_conf_set(conf, name.encode(), text.encode(), said, len(said)) != CONF_OK:
                library().rd_kafka_conf_destroy(conf)
                raise self._refused(said.value)
        library().rd_kafka_conf_set_error_cb(conf, self._callback)
        handle: int | None = library().rd_kafka_new(CONSUMER, conf, said, len(said))
        if handle is None:
            library().rd_kafka_conf_destroy(conf)
            raise self._refused(said.value)
        return handle

    def _refused(self, said: bytes) -> CouldNotConnect:
        # Here librdkafka parses the certificates: what it cannot read, it says now.
        return explain(self.access, [(KafkaError._SSL, one_line(said.decode(errors="replace")))])

    def _heard(self, _: int, code: int, reason: bytes | None, __: int) -> None:
        self.errors(KafkaError(code, (reason or b"").decode(errors="replace")))


class Reading:
    """A partition that is being read ahead: the `queue` is for `loop.read`."""

    def __init__(self, client: Client, partition: TopicPartition, topic: int, queue: int) -> None:
        self.client = client
        self.partition = partition
        self._topic = topic
        self._queue: int | None = queue
        self._lock = threading.Lock()

    @property
    def queue(self) -> int:
        if self._queue is None:
            raise ValueError(f"the reading of {self.partition} is closed")
        return self._queue

    def close(self) -> None:
        """Stop, and free what was read ahead; again is fine."""
        with self._lock:
            if self._queue is None:
                return
            library().rd_kafka_consume_stop(self._topic, self.partition.partition)
            library().rd_kafka_queue_destroy(self._queue)
            self._queue = None
        self.client.closed(self)
