"""MM2 sets no group back: one that reads a day again on the source is named by check, status and failover."""

from __future__ import annotations

import json

from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.scratch import half_read
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until
from tests.lab.support.way_home import command

READ = 20


def test_it_would_pass_by_what_it_was_to_read_again(proven: Stack, regions: Regions) -> None:
    east, west = regions.kafka("east"), regions.kafka("west")
    with half_read(regions, READ) as (topic, group):
        kafka.commit(east, group, topic.topic, 2 * READ)
        until(
            "the group at the end of the target",
            lambda: kafka.committed(west, group, topic.topic) > READ + 1,
            seconds=120,
        )
        there = kafka.committed(west, group, topic.topic)
        kafka.commit(east, group, topic.topic, 2)
        until(
            "groups-translated alone to fail",
            lambda: proven.failed_checks() == {"groups-translated"},
            seconds=120,
            every=5,
        )
        ran = command(proven, "status", "--json", "--group", group)
        [shown] = json.loads(ran.stdout)["groups"]
        assert shown["trouble"] == "ahead"
        assert "it was set back there, or has read on the target" in shown["says"]

        def told() -> bool:
            # Keeps a last look, as an exporter does. MM2 alone tells of a group that was set back only
            # where it has an offset sync that is old enough.
            command(proven, "verify", "--check", "groups-translated")
            failover = command(proven, "failover", "--dry-run", "--source-is-alive")
            said = " ".join(failover.output.split())
            return f"1 PASS BY records that were before them on the source ({group} up to" in said

        until("a failover that names the group", told, seconds=120, every=5)
        assert kafka.committed(west, group, topic.topic) == there
