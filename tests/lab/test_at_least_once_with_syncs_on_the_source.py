"""A mirror that delivers at least once and keeps its offset syncs on the source runs and is proven."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from settings.acls import source_user_acls
from settings.load import load
from settings.names import Names
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.mirrors import Sections, cluster, deployed, flow, live
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

NAME, USER, TOPIC, GROUP = "atleast", "atleast-reader", "atleast-log", "atleast-readers"
RECORDS = 50
SECTIONS: Sections = {
    "source": live("east", USER) | {"alias": "atleast"},
    "target": cluster("west"),
    "mirror": flow(NAME, TOPIC, exactly_once=False, offset_syncs_topic_location="source"),
}


@pytest.fixture(scope="module")
def atleast(regions: Regions) -> Iterator[Stack]:
    regions.make_user("east", USER, "scram-sha-512", source_user_acls(load(SECTIONS)))
    kafka.create_topic(regions.kafka("east"), TOPIC)
    kafka.produce(regions.kafka("east"), TOPIC, [f"atleast {number}" for number in range(RECORDS)])
    kafka.commit(regions.kafka("east"), GROUP, TOPIC, RECORDS)
    with deployed(regions, NAME, SECTIONS) as stack:
        yield stack
    kafka.delete_group(regions.kafka("east"), GROUP)
    kafka.delete_topic(regions.kafka("east"), TOPIC)
    regions.remove_user("east", USER)


def test_every_record_is_there(atleast: Stack, regions: Regions) -> None:
    original = kafka.contents(regions.kafka("east"), TOPIC)
    assert any(original)
    kafka.arrived(regions.kafka("west"), TOPIC, original)


def test_the_syncs_are_on_the_source_and_translate_groups(atleast: Stack, regions: Regions) -> None:
    (settings,) = atleast.settings()
    syncs = Names.of(settings).offset_syncs_topic
    assert kafka.read(regions.kafka("east"), syncs)
    assert syncs not in kafka.topics(regions.kafka("west"))
    until(
        "the group's offset on the target",
        lambda: kafka.committed(regions.kafka("west"), GROUP, TOPIC) == RECORDS,
        seconds=60,
    )


def test_it_is_proven(atleast: Stack) -> None:
    assert not atleast.failed_checks("--wait", "60")
