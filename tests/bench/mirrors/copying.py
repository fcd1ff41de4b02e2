"""Measures a mirror that runs: records a second of a copy, milliseconds of a single record.

The speed of the copy is read from the last stable offsets of the target's partitions: a consumer that reads
the copy meanwhile would take processor time from the mirror.
"""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass

from confluent_kafka import Consumer, IsolationLevel, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from lab.region.clients import admin_client_config
from tests.bench.mirrors.deployed import Deployed, until
from tests.bench.mirrors.threads import Cpu, cpu
from tests.bench.mirrors.variants import PARTITIONS

_TO = 0.95  # of the records; the last transactions of a task are alone on the machine
_LOOK_SECONDS = 0.05
_QUIET = 10  # tenths of a second after the last record, in which a repeated one would arrive


@dataclass(frozen=True)
class Copied:
    """Records a second, the CPU seconds of each process and thread per record, and the load meanwhile."""

    rate: float
    records: int
    seconds: float
    cpu: Cpu
    load: float


class Copy:
    """The copy on the target, read as committed."""

    def __init__(self, mirror: Deployed) -> None:
        self._mirror = mirror
        self._login = admin_client_config(mirror.lab, "west")
        self._admin = AdminClient(self._login)
        self._partitions = [TopicPartition(mirror.copy, number) for number in range(PARTITIONS)]

    def wait(self) -> None:
        """Wait until MM2 has made the topic, and each partition has a leader."""

        def exists() -> bool:
            found = self._admin.list_topics(timeout=10).topics.get(self._mirror.copy)
            if found is None or len(found.partitions) != PARTITIONS:
                return False
            with contextlib.suppress(KafkaException):
                return self.committed(0) == 0
            return False

        until(f"topic {self._mirror.copy}", exists, 180)

    def committed(self, records: int) -> int:
        """Return how many of the records are committed, from the offsets: markers of transactions count as
        records until a partition is complete, at most one for each poll.
        """
        request = dict.fromkeys(self._partitions, OffsetSpec.latest())
        found = self._admin.list_offsets(request, isolation_level=IsolationLevel.READ_COMMITTED)
        return sum(min(one.result().offset, records // PARTITIONS) for one in found.values())

    def rate(self, records: int, warm_up: int, seconds: float) -> Copied:
        """Measure after `warm_up` records, for so many seconds at most."""
        until(f"{warm_up:,} records", lambda: self.committed(records) >= warm_up, 300)
        before, begun, at = cpu(self._mirror.lab), time.monotonic(), self.committed(records)
        now, count = begun, at
        while count < _TO * records and now - begun < seconds:
            time.sleep(_LOOK_SECONDS)
            count, now = self.committed(records), time.monotonic()
        used = cpu(self._mirror.lab, names=True) - before
        copied, taken = max(count - at, 1), max(now - begun, _LOOK_SECONDS)  # the short form may see neither
        return Copied(copied / taken, copied, taken, used, os.getloadavg()[0])

    def complete(self, records: int, seconds: float = 600.0) -> None:
        """Wait for all records by reading them once: each is there exactly once."""
        consumer, count, quiet = self._consumer(earliest=True), 0, 0
        deadline = time.monotonic() + seconds
        while count < records or quiet < _QUIET:
            messages = [one for one in consumer.consume(5000, timeout=0.1) if one.error() is None]
            count, quiet = count + len(messages), 0 if messages else quiet + 1
            if time.monotonic() > deadline:
                raise TimeoutError(f"{count:,} of {records:,} records came within {seconds:g} s")
        consumer.close()
        if count != records:
            raise ValueError(f"{count:,} records on the target, {records:,} on the source")

    def latencies(self, single: int) -> list[float]:
        """Return the milliseconds that so many single records need, one after the other: from `produce` on
        the source to a read_committed consumer on the target.
        """
        producer = Producer({**admin_client_config(self._mirror.lab, "east"), "linger.ms": 0})
        consumer = self._consumer(earliest=False)
        taken = []
        for number in range(single):
            started = time.monotonic()
            producer.produce(self._mirror.topic, b"%d" % number, partition=number % PARTITIONS)
            producer.flush(10)
            while not any(one.error() is None for one in consumer.consume(1, timeout=0.05)):
                if time.monotonic() - started > 60:
                    raise TimeoutError("a single record did not come within 60 s")
            taken.append((time.monotonic() - started) * 1000)
        consumer.close()
        return taken

    def _consumer(self, earliest: bool) -> Consumer:
        consumer = Consumer(
            {
                **self._login,
                "group.id": f"bench-{self._mirror.copy}",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                "fetch.queue.backoff.ms": 10,
                "fetch.wait.max.ms": 10,
            }
        )
        ends = {one: (0 if earliest else consumer.get_watermark_offsets(one)[1]) for one in self._partitions}
        consumer.assign([TopicPartition(one.topic, one.partition, at) for one, at in ends.items()])
        return consumer
