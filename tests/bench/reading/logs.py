"""The logs that the audit's bench reads: the same records on both clusters, written once."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from lab.layout import Lab
from lab.ports import known
from lab.region import pki
from lab.region.clients import admin_client_config
from mirror.clients.access import ClusterAccess, TlsCredential
from mirror.clients.cluster import Cluster
from mirror.clients.records import TopicPartition, Unread

REGIONS = ("east", "west")
PARTITIONS = 8
_FIRST_TIMESTAMP = 1_750_000_000_000


@dataclass(frozen=True)
class Shape:
    """So many records of so many bytes, key and value together, over eight partitions."""

    topic: str
    records: int
    size: int
    headers: int = 0

    @property
    def partitions(self) -> list[TopicPartition]:
        return [TopicPartition(self.topic, number) for number in range(PARTITIONS)]

    @property
    def stop(self) -> int:
        """The end of each partition."""
        return self.records // PARTITIONS


SHAPES = (Shape("bench-audit-200b", 2_000_000, 200), Shape("bench-audit-1kb", 400_000, 1024))
SHORT = Shape("bench-audit-short", 16_000, 200)
"""Shows that the bench runs, and measures nothing."""


def access(lab: Lab, region: str) -> ClusterAccess:
    """The lab's super user, as the product's own kind of access."""
    user = pki.read(lab.pki(region), pki.administrator(region))
    return ClusterAccess(
        f"localhost:{known(lab)[f'{region}-kafka-mtls']}",
        (lab.pki(region) / "cluster-ca.crt").read_text(),
        TlsCredential(user.certificate, user.key, pki.administrator(region)),
        region,
    )


def written(lab: Lab, shape: Shape) -> None:
    """Write the records on both clusters, unless they are there. A log that is half there is an error."""
    with ThreadPoolExecutor(len(REGIONS)) as pool:
        list(pool.map(lambda region: _write(lab, region, shape), REGIONS))
    for region in REGIONS:
        assert _held(lab, region, shape) == shape.records, (
            f"{shape.topic} in {region}: delete it, it is not whole"
        )


def _write(lab: Lab, region: str, shape: Shape) -> None:
    config = admin_client_config(lab, region)
    if _held(lab, region, shape):
        return
    # The records' timestamps are fixed, and so long past: retention would take them while they are written.
    admin = AdminClient(config)
    admin.create_topics([NewTopic(shape.topic, PARTITIONS, 1, config={"retention.ms": "-1"})])[
        shape.topic
    ].result(60)
    more: dict[str, Any] = {"linger.ms": 50, "batch.size": 262_144, "queue.buffering.max.kbytes": 131_072}
    producer = Producer({**config, **more, "enable.idempotence": True})
    rubbish = random.Random(shape.size).randbytes(1 << 20)
    headers: list[tuple[str, str | bytes | None]] = [
        (f"header-{number}", b"0123456789abcdef") for number in range(shape.headers)
    ]
    for number in range(shape.records):
        key = b"key-%012d" % number
        start = number * 31 % (len(rubbish) - shape.size)
        value = rubbish[start : start + shape.size - len(key)]
        while True:
            try:
                producer.produce(
                    shape.topic,
                    value,
                    key,
                    number % PARTITIONS,
                    timestamp=_FIRST_TIMESTAMP + number,
                    headers=headers,
                )
                break
            except BufferError:
                producer.poll(0.2)
        if number % 10_000 == 0:
            producer.poll(0)
    assert producer.flush(120) == 0


def _held(lab: Lab, region: str, shape: Shape) -> int:
    with Cluster(access(lab, region)) as cluster:
        cluster.connect()
        if shape.topic not in cluster.topics():
            return 0
        bounds = cluster.bounds(shape.partitions).values()
        return sum(one.end - one.start for one in bounds if not isinstance(one, Unread))
