"""A Kafka cluster inside librdkafka: real clients and protocol, no broker. Topics have four partitions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import Producer

from lab.workload.connection import Cluster


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    mock = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "ignored"})
    (broker,) = mock.list_topics(timeout=5).brokers.values()
    address = f"{broker.host}:{broker.port}"
    yield Cluster("east", lambda user: {"bootstrap.servers": address})
    del mock
