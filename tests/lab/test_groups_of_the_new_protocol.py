"""A group with the new protocol (KIP-848) is active while it shares out partitions."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from confluent_kafka import Consumer, ConsumerGroupState

from mirror.clients.access import ClusterAccess, ScramCredential
from mirror.clients.cluster import Cluster
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.wait import until


class SuperUser(ClusterAccess):
    """Logs in as the tests do."""

    __slots__ = ()

    def client_config(self) -> dict[str, Any]:
        return dict(CONFIG)


CONFIG: dict[str, Any] = {}


@contextmanager
def joined(group: str, topic: str) -> Iterator[Consumer]:
    """A consumer of the group."""
    consumer = Consumer(
        {
            **CONFIG,
            "group.id": group,
            "group.protocol": "consumer",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    # With a callback, partitions are given up where the application polls, and not before.
    consumer.subscribe([topic], on_revoke=lambda *_: None)
    try:
        yield consumer
    finally:
        consumer.close()


@contextmanager
def polling(consumer: Consumer) -> Iterator[None]:
    """The consumer's application polls."""
    ends = threading.Event()

    def poll() -> None:
        while not ends.is_set():
            consumer.poll(0.2)

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()


def test_a_member_that_has_not_given_up_its_partitions_yet_is_a_member(regions: Regions) -> None:
    CONFIG.update(regions.kafka("east"))
    name = f"scratch-{uuid.uuid4().hex[:8]}"
    kafka.create_topic(regions.kafka("east"), name, 4)
    access = SuperUser("unused", "", ScramCredential("nobody", ""), "east")
    try:
        with Cluster(access) as cluster, joined(name, name) as first:
            cluster.connect()
            until("the first member's partitions", lambda: first.poll(0.2) or first.assignment(), seconds=60)
            # The first one polls no more, so it does not give up what the second one is to get.
            with joined(name, name) as second, polling(second):
                until(
                    "a state that librdkafka lacks",
                    lambda: cluster.group_states().get(name) == ConsumerGroupState.UNKNOWN.name,
                    seconds=30,
                )
                assert cluster.listed_groups()[name]
    finally:
        kafka.delete_topic(regions.kafka("east"), name)
