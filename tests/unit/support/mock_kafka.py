"""librdkafka's mock cluster: the real protocol, no broker. It knows neither TLS nor SASL."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

from confluent_kafka import Producer

from mirror.clients.access import ClusterAccess, ScramCredential


class PlainAccess(ClusterAccess):
    """The mock cluster speaks plain text only: the one place where nothing is encrypted."""

    __slots__ = ()

    def client_config(self) -> dict[str, Any]:
        return {"bootstrap.servers": self.bootstrap_servers}


class MockCluster:
    """Lives as long as this object. Topics come into being with four partitions when first written to. `rtt`:
    milliseconds to each answer.
    """

    def __init__(self, rtt: int = 0) -> None:
        made = {"test.mock.num.brokers": 1, "test.mock.broker.rtt": rtt}
        self.producer = Producer({"bootstrap.servers": "unused", **made, "log_level": 0})
        brokers = self.producer.list_topics(timeout=10).brokers.values()
        servers = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
        self.access = PlainAccess(servers, "", ScramCredential("nobody", ""), "mock")

    def write(
        self,
        topic: str,
        partition: int,
        values: Iterable[tuple[bytes | None, bytes | None]],
        numbers: Iterable[int] | None = None,
    ) -> None:
        """`numbers`: what goes into each record's timestamp and header, absent: 0, 1, 2, ..."""
        for number, (key, value) in zip(numbers or count(), values, strict=False):
            self.producer.produce(
                topic,
                value,
                key,
                partition=partition,
                timestamp=1000 + number,
                headers=[("n", b"%d" % number)],
            )
        assert self.producer.flush(10) == 0
