"""A group whose offset on the target lies past its translation fails groups-translated, and nothing else."""

from __future__ import annotations

from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.scratch import half_read
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

READ = 10


def test_an_offset_past_the_translation_fails_exactly_this_check(proven: Stack, regions: Regions) -> None:
    with half_read(regions, READ) as (topic, group):
        until("a proven mirror", lambda: not proven.failed_checks(), seconds=120)
        kafka.commit(regions.kafka("west"), group, topic.topic, 2 * READ)
        proven.fails_alone("groups-translated")
        ran = proven.verify("--check", "groups-translated")
        assert ran.code == 1
        assert group in ran.output
