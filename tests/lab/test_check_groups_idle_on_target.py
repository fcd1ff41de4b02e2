"""A consumer that joined its group on the target fails groups-idle-on-target, and nothing else."""

from __future__ import annotations

from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.scratch import half_read
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until


def test_a_consumer_that_joined_too_early_fails_exactly_this_check(proven: Stack, regions: Regions) -> None:
    with half_read(regions, 10) as (topic, group):
        until("a proven mirror", lambda: not proven.failed_checks(), seconds=120)
        with kafka.member(regions.kafka("west"), group, topic.topic, client_id="too-early"):
            proven.fails_alone("groups-idle-on-target")
            ran = proven.verify("--check", "groups-idle-on-target")
            assert ran.code == 1
            assert group in ran.output
            assert "too-early" in ran.output
