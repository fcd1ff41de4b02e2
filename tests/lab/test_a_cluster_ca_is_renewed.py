"""The source's cluster CA is renewed with a new key, as Strimzi does it, under traffic: no record is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.region import renewal
from lab.region.clients import scram_client_config
from lab.toolchain import Toolchain
from settings.acls import Acl
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.scratch import scratch_topic
from tests.lab.support.stack import Stack
from tests.lab.support.traffic import traffic, values
from tests.lab.support.wait import until

PRODUCER = "renewal-producer"
TOPIC = "payments"
"""One that production writes all the time, and never compacts."""


@pytest.fixture(scope="module")
def producer(regions: Regions) -> Iterator[str]:
    """A user of the source. The administrator's certificate is signed by the cluster CA, as the Cluster
    Operator's is, and ends with it; users have passwords, or certificates of the clients CA.
    """
    rights = [Acl("topic", "scratch-", "prefix", ("Describe", "Write"))]
    regions.make_user("east", PRODUCER, "scram-sha-512", rights)
    yield PRODUCER
    regions.remove_user("east", PRODUCER)


def test_both_are_trusted_before_the_brokers_change_and_nothing_is_lost(
    proven: Stack, regions: Regions, producer: str
) -> None:
    tools = Toolchain.load()
    renewal.trust_new_authority(regions.lab, "east", tools)
    authority = regions.secret("east", "east-cluster-ca-cert")
    assert authority is not None
    certificates = {key: value for key, value in (authority.data or {}).items() if key.endswith(".crt")}
    assert len(certificates) == 2

    # Its client knows both certificates from the start, as clients must before the brokers change.
    login = scram_client_config(regions.lab, "east", producer)
    with (
        scratch_topic(regions, records=1) as one,
        traffic(regions.kafka("east"), f"{one.topic}-traffic", login) as running,
    ):
        preview = proven.preview().ok()
        assert "Secret" in preview.output
        assert "KafkaMirrorMaker2" in preview.output
        proven.up().ok()
        copied = regions.secret("west", "east-to-west-east-cluster-ca-cert")
        assert copied is not None
        assert copied.data == certificates

        renewal.use_new_authority(regions.lab, "east", tools)
        running.some_more()
        renewal.forget_old_authority(regions.lab, "east", tools)
        proven.up().ok()
        running.some_more()
        count = running.end()
        until(
            f"all {count} records on the target",
            lambda: (
                running.topic in kafka.topics(regions.kafka("west"))
                and len(kafka.read(regions.kafka("west"), running.topic)) >= count
            ),
            seconds=180,
            every=2,
        )
        target = kafka.contents(regions.kafka("west"), running.topic)
        assert [value for _, value, _, _ in target[0]] == values(running.topic, count)
        assert target == kafka.contents(regions.kafka("east"), running.topic)
        for region in ("east", "west"):
            kafka.delete_topic(regions.kafka(region), running.topic)
    proven.new_baseline().ok()


def test_production_goes_on_with_the_new_certificate_alone(proven: Stack, regions: Regions) -> None:
    config = regions.kafka("east")
    before = len(kafka.read(config, TOPIC))
    until("production to write again", lambda: len(kafka.read(config, TOPIC)) > before, seconds=90)
    # The target first: traffic goes on.
    target = kafka.contents(regions.kafka("west"), TOPIC)
    source = kafka.contents(config, TOPIC)
    assert any(target)
    for copied, original in zip(target, source, strict=True):
        assert copied == original[: len(copied)]
