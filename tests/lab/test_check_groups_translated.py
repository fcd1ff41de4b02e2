"""A group whose offset on the target lies past its translation, or below the log there alone, fails
groups-translated, and nothing else."""

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


def test_a_group_that_both_logs_begin_after_fails_nothing(proven: Stack, regions: Regions) -> None:
    """As retention leaves a consumer that rests for longer than its topic is kept."""
    east, west = regions.kafka("east"), regions.kafka("west")
    with half_read(regions, READ) as (topic, group):
        until("a proven mirror", lambda: not proven.failed_checks(), seconds=120)
        kafka.delete_records(west, topic.topic, kafka.committed(west, group, topic.topic) + 3)
        proven.fails_alone("groups-translated")
        kafka.delete_records(east, topic.topic, READ + 3)
        until("a mirror that is proven again", lambda: not proven.failed_checks(), seconds=120)
        said = " ".join(proven.verify("--check", "groups-translated").output.split())
        assert "will start by auto.offset.reset on either side" in said
