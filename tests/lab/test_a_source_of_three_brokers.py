"""A source of three brokers: one that dies costs no record, one that does not answer hides no group."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from confluent_kafka import Producer

from lab import processes
from lab.outside import Source
from lab.region.broker import process_name
from mirror.clients.access import ClusterAccess, TlsCredential
from mirror.clients.cluster import Cluster
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.mirrors import cluster, deployed, flow, given, outside
from tests.lab.support.outage import killed
from tests.lab.support.sources import running
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

NAME = "three-brokers"
CONTROLLER = 0
GROUPS = tuple(f"ledgers-team-{number}" for number in range(8))
OFFSETS = "__consumer_offsets"
"""The leader of a partition of this topic coordinates the groups in it."""


@pytest.fixture(scope="module")
def central(regions: Regions) -> Iterator[Source]:
    """Three brokers with a few groups."""
    with running(regions, "central") as source:
        for group in GROUPS:
            kafka.commit(regions.kafka("central"), group, source.topic, 50)
        yield source


@pytest.fixture(scope="module")
def stack(regions: Regions, central: Source) -> Iterator[Stack]:
    more = {"groups": ["ledgers-.*"], "replication_policy": "default"}
    sections = {
        "source": outside(central, "tls"),
        "target": cluster("west"),
        "mirror": flow(NAME, central.topic, **more),
    }
    secrets = {f"source.credentials.{key}": value for key, value in given(central).items()}
    with deployed(regions, NAME, sections, secrets) as made:
        yield made


@contextmanager
def producing(regions: Regions, topic: str) -> Iterator[list[int]]:
    """Write a numbered record every 20 ms; the list has the numbers that were acknowledged."""
    acknowledged: list[int] = []
    over = threading.Event()

    def run() -> None:
        config = {**regions.kafka("central"), "enable.idempotence": True, "delivery.timeout.ms": 120_000}
        producer = Producer(config)
        number = 0
        while not over.is_set():

            def delivered(error: object, _: object, number: int = number) -> None:
                if error is None:
                    acknowledged.append(number)

            producer.produce(topic, f"numbered {number}", on_delivery=delivered)
            producer.poll(0.02)
            number += 1
        assert producer.flush(120) == 0

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield acknowledged
    finally:
        over.set()
        thread.join()


def test_a_leader_that_dies_costs_no_record(stack: Stack, regions: Regions, central: Source) -> None:
    with producing(regions, central.topic) as acknowledged:
        until("records before the death", lambda: len(acknowledged) > 50, seconds=60)
        with killed(regions, process_name("central", 1)):
            seen = len(acknowledged)
            until("records with two brokers left", lambda: len(acknowledged) > seen + 200, seconds=120)
            until("a proven mirror of what two brokers have", lambda: stack.verify().code == 0, seconds=120)
    expected = {f"numbered {number}".encode() for number in acknowledged}

    def arrived() -> bool:
        copied = kafka.contents(regions.kafka("west"), f"central.{central.topic}")
        values = [value for partition in copied for _, value, _, _ in partition]
        return expected <= set(values) and len(values) == len(set(values))

    until("each acknowledged record on the target, once", arrived, seconds=120)
    until("a proven mirror with all brokers", lambda: stack.verify().code == 0, seconds=120)


def test_groups_of_a_frozen_coordinator_are_not_forgotten(stack: Stack, regions: Regions) -> None:
    until("a proven mirror", lambda: stack.verify().code == 0, seconds=120)
    coordinators = kafka.coordinators(regions.kafka("central"), GROUPS)
    frozen = next(node for node in coordinators.values() if node != CONTROLLER)
    hidden = {group for group, node in coordinators.items() if node == frozen}
    process = processes.find(regions.lab, process_name("central", frozen))
    assert process is not None
    process.suspend()
    try:
        # Until the controller fences it, only the frozen broker knows these groups; then another one does.
        ended = time.monotonic() + 20
        while time.monotonic() < ended:
            ran = stack.verify("--check", "groups-translated", "--json")
            if ran.code == 0:
                (check,) = json.loads(ran.stdout)["checks"]
                assert hidden <= set(check["facts"]["groups"]), "PROVEN without the groups of a frozen broker"
    finally:
        process.resume()
    until("a proven mirror after it answers again", lambda: stack.verify().code == 0, seconds=120)


def test_a_client_that_lasts_sees_groups_after_their_coordinator_was_restarted(
    regions: Regions, central: Source
) -> None:
    """As the exporter's and that of `status --watch`. librdkafka goes on asking the former coordinator
    (findings/librdkafka-keeps-a-former-coordinator.sh).
    """
    config = regions.kafka("central")

    def one_of_two() -> int | None:
        kafka.elect_preferred_leaders(config)
        nodes = kafka.coordinators(config, GROUPS).values()
        return next((node for node in nodes if node != CONTROLLER), None)

    away = until("a coordinator beside the controller", one_of_two, seconds=60)
    moving = [group for group, node in kafka.coordinators(config, GROUPS).items() if node == away]
    credential = TlsCredential(str(central.certificate), str(central.key))
    with Cluster(ClusterAccess(central.bootstrap_servers, central.ca, credential, "central")) as lasting:
        lasting.connect()
        assert lasting.members(moving) == dict.fromkeys(moving, 0)
        with killed(regions, process_name("central", away)):
            until("other coordinators", lambda: away not in kafka.leaders(config, OFFSETS), seconds=60)
        until("the broker again", lambda: away in kafka.brokers(config), seconds=180)
        until("its groups", lambda: lasting.members(moving) == dict.fromkeys(moving, 0), seconds=60)
