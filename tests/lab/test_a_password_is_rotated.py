"""A rotated password of the source user: the preview shows it, `up` rolls the mirror, no record is lost.
Until then the source refuses the login, and the worker's log says so without being flooded.
"""

from __future__ import annotations

import time
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
WORKER = f"west-kafka-{NAME}-mirrormaker2-0"
FAILED = b"Failure during poll."
WATCHED_SECONDS = 20
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


def test_a_refused_login_does_not_flood_the_log(rotated: Stack, regions: Regions) -> None:
    regions.rotate_password("east", USER)
    log = regions.lab.log(WORKER)
    before = log.stat().st_size
    regions.kill("east-kafka")  # an open connection remains logged in (KIP-368)

    def written() -> bytes:
        with log.open("rb") as file:
            file.seek(before)
            return file.read(32 << 20)

    until("a refused login", lambda: FAILED in written(), seconds=90)
    time.sleep(WATCHED_SECONDS)
    seen = written()
    # 30 at once and one a second on average; without the filter it is thousands a second.
    assert seen.count(FAILED) <= 2 * 30 + WATCHED_SECONDS
    assert b"SaslAuthenticationException: Authentication failed" in seen
    states = {
        task["state"]
        for connector in regions.mirror_resource(NAME).status["connectors"]
        for task in connector["tasks"]
    }
    assert states == {"RUNNING"}
    looked = rotated.verify()
    assert looked.code == 2, "no check may pass by what nobody could read"
    assert "login refused" in looked.output
    rotated.up().ok()
    assert not rotated.failed_checks("--wait", "120")
