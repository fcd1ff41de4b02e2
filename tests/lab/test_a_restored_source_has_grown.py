"""A source was restored from a backup with its old topic ids, and its log has grown past MM2's position.

The end of the log tells nothing, so `recover` has to see it by the record at MM2's position.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

import pytest

from lab.outside import Source, source_down, source_up
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.open import opened
from mirror.cutover.steps.promote import Promote
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.mirrors import Sections, cluster, deployed, flow, given, outside
from tests.lab.support.sources import running
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until
from tests.lab.support.way_home import command

NAME, TOPIC, QUIET = "restored-south", "shipments-restored", "shipments-quiet"
BEFORE, LOST, SINCE = 20, 30, 60
"""Records before the backup; mirrored after it; and written after the restore, past MM2's position."""


def sections(source: Source) -> Sections:
    return {
        "source": outside(source, "tls"),
        "target": cluster("west"),
        "mirror": flow(NAME, "shipments-.*"),
        "users": {"copy": []},
    }


@pytest.fixture
def restored(regions: Regions) -> Iterator[Stack]:
    """The promoted mirror of a broker whose whole folder is the one of the backup again."""
    west, data = regions.kafka("west"), regions.lab.kafka("south") / "data"
    backup = data.with_name("data-backup")
    with running(regions, "south") as source:
        south = regions.kafka("south")
        for topic in (TOPIC, QUIET):  # a lab that was kept has those of the last run
            kafka.delete_topic(south, topic)
        until("their end", lambda: not {TOPIC, QUIET} & kafka.topics(south), seconds=30)
        for topic in (TOPIC, QUIET):
            kafka.create_topic(south, topic)
            kafka.produce(south, topic, [f"before {number}" for number in range(BEFORE)])
    shutil.rmtree(backup, ignore_errors=True)
    shutil.copytree(data, backup)
    secrets = {f"source.credentials.{key}": value for key, value in given(source).items()}
    with running(regions, "south"), deployed(regions, NAME, sections(source), secrets) as stack:
        kafka.produce(south, TOPIC, [f"lost {number}" for number in range(LOST)])
        until("the copies", lambda: len(kafka.read(west, TOPIC)) == BEFORE + LOST, seconds=90)
        (settings,) = stack.settings()
        with opened(settings, stack.project) as world:
            until("committed positions", lambda: stack.failed_checks() <= {"groups-translated"}, seconds=60)
            Promote().do(world, ConfigMapJournal(world.target_kubernetes, settings))
        kafka.forget_administrators()
        source_down(regions.lab, "south")
        shutil.rmtree(data)
        backup.rename(data)
        source_up(regions.lab, "south")
        kafka.produce(south, TOPIC, [f"since {number}" for number in range(SINCE)])
        yield stack
    for topic in (TOPIC, QUIET, f"{TOPIC}.recovered"):
        kafka.delete_topic(west, topic)


def test_what_clients_wrote_after_the_restore_is_named_and_written_once(
    restored: Stack, regions: Regions
) -> None:
    listed = command(restored, "recover", "-o", "json")
    assert listed.code == 1, listed.output
    found = json.loads(listed.stdout)
    named = {one["topic"]: one for one in found["partitions"]}
    assert f"the record at offset {BEFORE + LOST - 1}, up to which MM2 has mirrored" in named[TOPIC]["anew"]
    assert (named[TOPIC]["crossed"], named[TOPIC]["missing"]) == (BEFORE, SINCE)
    assert QUIET not in named, "its log is the mirrored one"
    command(restored, "recover", "--write", "--to", "topic", "--yes", "-o", "json").ok()
    held = [one.value for one in kafka.read(regions.kafka("west"), f"{TOPIC}.recovered")]
    assert held == [f"since {number}".encode() for number in range(SINCE)]
    assert len(kafka.read(regions.kafka("west"), TOPIC)) == BEFORE + LOST, "their order is not known"
    again = json.loads(command(restored, "recover", "--write", "--yes", "-o", "json").ok().stdout)
    assert (again["missing"], again["written"]) == (0, [])
