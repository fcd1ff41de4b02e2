"""A rotated password of the source user: the preview shows it, `up` rolls the mirror, no record is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab import processes
from settings.acls import Acl
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.mirrors import cluster, deployed, flow, live
from tests.lab.support.stack import Stack
from tests.lab.support.traffic import traffic, values
from tests.lab.support.wait import until

NAME, USER, TOPIC = "rotated", "rotated-reader", "rotated-log"
RIGHTS = (
    Acl("topic", "rotated-", "prefix", ("DescribeConfigs", "Read")),
    Acl("group", "*", "literal", ("Describe",)),
)


@pytest.fixture(scope="module")
def rotated(regions: Regions) -> Iterator[Stack]:
    regions.make_user("east", USER, "scram-sha-512", RIGHTS)
    kafka.create_topic(regions.kafka("east"), TOPIC)
    sections = {
        # An alias of its own: the lab's mirror of east has its offset syncs on the same target.
        "source": live("east", USER) | {"alias": "rotated"},
        "target": cluster("west"),
        "mirror": flow(NAME, "rotated-.*"),
    }
    with deployed(regions, NAME, sections) as stack:
        yield stack
    kafka.delete_topic(regions.kafka("east"), TOPIC)
    regions.remove_user("east", USER)


def worker(regions: Regions) -> int | None:
    """The pid of the mirror's one Connect worker; None while there is none."""
    found = [processes.find(regions.lab, name) for name in regions.running(f"west-kafka-{NAME}-")]
    return next((process.pid for process in found if process), None)


def test_it_shows_rolls_and_loses_nothing(rotated: Stack, regions: Regions) -> None:
    with traffic(regions.kafka("east"), TOPIC) as running:
        before = worker(regions)
        old, new = regions.rotate_password("east", USER)
        preview = rotated.preview().ok()
        shown = [line for line in preview.stdout.splitlines() if line.strip().startswith("~ ")]
        assert any("Secret" in line for line in shown), preview.output
        assert any("KafkaMirrorMaker2" in line for line in shown), preview.output
        assert old not in preview.output
        assert new not in preview.output
        rotated.up().ok()
        until("the worker to be rolled", lambda: worker(regions) not in (None, before), seconds=120)
        running.some_more()
        count = running.end()
    until(
        f"all {count} records on the target",
        lambda: len(kafka.read(regions.kafka("west"), TOPIC)) >= count,
        seconds=180,  # a new worker on a busy machine: a minute and a half until its task reads
        every=2,
    )
    target = kafka.contents(regions.kafka("west"), TOPIC)
    assert [value for _, value, _, _ in target[0]] == values(TOPIC, count)
    assert target == kafka.contents(regions.kafka("east"), TOPIC)
    assert not rotated.failed_checks("--wait", "60")


def test_a_preview_after_it_shows_no_change(rotated: Stack) -> None:
    rotated.preview("--expect-no-changes").ok()
