"""A producer that keeps running while a test changes things, and knows what was acknowledged."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import KafkaError, KafkaException, Producer

from tests.lab.support import kafka
from tests.lab.support.wait import until

_PAUSE_SECONDS = 0.02


class Traffic:
    """One producer to partition 0 of one topic, some fifty records a second, numbered from 0."""

    def __init__(self, config: kafka.Config, topic: str) -> None:
        self.topic = topic
        self.refused: list[KafkaError] = []
        self._acknowledged = 0
        self._stop = threading.Event()
        # Idempotent: a broker that comes back makes it neither repeat nor lose a record.
        self._producer = Producer({**config, "enable.idempotence": True, "message.timeout.ms": 120_000})
        self._thread = threading.Thread(target=self._run, name=f"traffic-{topic}", daemon=True)

    @property
    def acknowledged(self) -> int:
        """Records that the broker has so far."""
        return self._acknowledged

    def some_more(self, count: int = 50) -> None:
        """Wait until so many more records have been acknowledged: traffic goes on. AssertionError when one
        was refused.
        """
        enough = self._acknowledged + count
        until(
            f"{count} more records to {self.topic}",
            lambda: self.refused or self._acknowledged >= enough,
            seconds=60,
        )
        assert not self.refused, f"{self.topic}: {self.refused[0]}"

    def start(self) -> None:
        self._thread.start()

    def end(self) -> int:
        """Stop and say how many records there are; AssertionError when one was refused."""
        self._stop.set()
        self._thread.join(120)
        left = self._producer.flush(120)
        assert left == 0, f"{left} records to {self.topic} were not acknowledged"
        assert not self.refused, f"{self.topic}: {self.refused[0]}"
        return self._acknowledged

    def cut(self) -> int:
        """Stop, drop what the broker has not acknowledged, and say how many records it has."""
        self._stop.set()
        self._thread.join(120)
        self._producer.purge()
        self._producer.flush(10)
        return self._acknowledged

    def _run(self) -> None:
        number = 0
        while not self._stop.is_set():
            key, value = f"k{number}".encode(), f"{self.topic} {number}".encode()
            try:
                self._producer.produce(self.topic, value, key, 0, on_delivery=self._delivered)
            except KafkaException as error:  # after a fatal error of the producer
                self.refused.append(error.args[0])
                return
            number += 1
            self._producer.poll(_PAUSE_SECONDS)
            self._stop.wait(_PAUSE_SECONDS)

    def _delivered(self, error: KafkaError | None, _: object) -> None:
        if error is None:
            self._acknowledged += 1
        else:
            self.refused.append(error)


@contextmanager
def traffic(config: kafka.Config, topic: str, login: kafka.Config | None = None) -> Iterator[Traffic]:
    """A fresh topic with a producer that runs until `end`, or the end of the block.

    The producer logs in with `login` where the administrator's certificate (`config`) ends too early.
    """
    kafka.create_topic(config, topic)
    running = Traffic(login or config, topic)
    running.start()
    try:
        running.some_more(10)
        yield running
    finally:
        running._stop.set()


def values(topic: str, count: int) -> list[bytes]:
    """What `count` records of traffic to a topic hold, in order."""
    return [f"{topic} {number}".encode() for number in range(count)]
