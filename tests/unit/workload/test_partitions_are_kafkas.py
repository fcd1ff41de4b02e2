"""A key belongs to the partition where Kafka's own producers would put it."""

from __future__ import annotations

import pytest
from confluent_kafka import Message, Producer

from lab.workload.connection import Cluster
from lab.workload.history import murmur2, partition_of
from lab.workload.loading import producer_settings
from lab.workload.records import record
from lab.workload.roster import TOPICS, Topic

# From Kafka's own UtilsTest.testMurmur2.
KNOWN = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize("key", KNOWN, ids=lambda key: key.decode())
def test_murmur2_is_the_one_of_the_java_client(key: bytes) -> None:
    assert murmur2(key) == KNOWN[key] % 2**32


def test_librdkafka_agrees_with_it(cluster: Cluster) -> None:
    producer = Producer(cluster.config("orders-producer", producer_settings({})))
    landed: dict[bytes, int] = {}

    def delivered(_: object, message: Message) -> None:
        key, partition = message.key(), message.partition()
        assert key is not None
        assert partition is not None
        landed[key] = partition

    keys = [key for n in range(100) if (key := record("orders", n).key) is not None]
    for key in keys:
        producer.produce("orders", key=key, value=b"", on_delivery=delivered)
    assert producer.flush(10) == 0
    assert landed == {key: partition_of(key, 4) for key in keys}


@pytest.mark.parametrize("topic", [topic for topic in TOPICS if topic.history], ids=lambda topic: topic.name)
def test_every_partition_has_history(topic: Topic) -> None:
    # What tells a seeded group from another is a commit in every partition.
    used = {partition_of(record(topic.name, n).key, topic.partitions) for n in range(topic.history)}
    assert used == set(range(topic.partitions))
