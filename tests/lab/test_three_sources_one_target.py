"""One stack mirrors three clusters into one: east live, north with SCRAM, south with a client certificate."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.outside import Source
from settings.acls import Acl
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.mirrors import cluster, deployed, flow, given, live, outside
from tests.lab.support.stack import Stack

USER, TOPIC = "three-reader", "three-log"
RECORDS = 60
RIGHTS = (
    Acl("topic", TOPIC, "literal", ("DescribeConfigs", "Read")),
    Acl("group", "*", "literal", ("Describe",)),
)


@pytest.fixture(scope="module")
def three(regions: Regions, north: Source, south: Source) -> Iterator[Stack]:
    regions.make_user("east", USER, "scram-sha-512", RIGHTS)
    kafka.create_topic(regions.kafka("east"), TOPIC)
    kafka.produce(regions.kafka("east"), TOPIC, [f"east {number}" for number in range(RECORDS)])
    sections = {
        "target": cluster("west"),
        "mirrors": {
            "three-east": {
                "source": live("east", USER) | {"alias": "three-east"},
                "mirror": flow("three-east", TOPIC),
            },
            "three-north": {
                "source": outside(north, "scram-sha-512"),
                "mirror": flow("three-north", north.topic),
            },
            "three-south": {"source": outside(south, "tls"), "mirror": flow("three-south", south.topic)},
        },
    }
    secrets = {
        f"mirrors.three-{source.name}.source.credentials.{key}": value
        for source in (north, south)
        for key, value in given(source).items()
    }
    with deployed(regions, "three", sections, secrets) as stack:
        yield stack
    kafka.delete_topic(regions.kafka("east"), TOPIC)
    regions.remove_user("east", USER)


def test_each_is_proven_by_itself(three: Stack) -> None:
    assert set(three.outputs()["mirrors"]) == {"three-east", "three-north", "three-south"}
    for name in ("three-east", "three-north", "three-south"):
        assert not three.failed_checks("--mirror", name, "--wait", "60")


@pytest.mark.parametrize(
    ("source", "topic"), [("east", TOPIC), ("north", "invoices"), ("south", "shipments")]
)
def test_every_record_of_each_is_there_once(three: Stack, regions: Regions, source: str, topic: str) -> None:
    original = kafka.contents(regions.kafka(source), topic)
    assert all(original)
    kafka.arrived(regions.kafka("west"), topic, original)


def test_a_preview_right_after_up_shows_no_change(three: Stack) -> None:
    three.preview("--expect-no-changes").ok()
