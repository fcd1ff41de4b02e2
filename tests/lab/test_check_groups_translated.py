"""A group whose offset on the target lies past its translation fails groups-translated, and nothing else."""

from __future__ import annotations

from tests.lab.support import kafka
from tests.lab.support.drill import drill
from tests.lab.support.lab import Regions
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

READ = 10


def test_an_offset_past_the_translation_fails_exactly_this_check(proven: Stack, regions: Regions) -> None:
    # Two steps: a commit of MM2 lies between what the group has read and what it has not.
    with drill(regions, records=READ) as topic:
        topic.produce(*(f"unread {number}" for number in range(READ)))
        topic.mirrored(2 * READ)
        group = f"{topic.topic}-readers"
        kafka.commit(regions.kafka("east"), group, topic.topic, READ)
        try:
            until(
                "the group's translation",
                lambda: kafka.committed(regions.kafka("west"), group, topic.topic) > 0,
                seconds=60,
            )
            until("a proven mirror", lambda: not proven.failed_checks(), seconds=120)
            kafka.commit(regions.kafka("west"), group, topic.topic, 2 * READ)
            until(
                "groups-translated alone to fail",
                lambda: proven.failed_checks() == {"groups-translated"},
                seconds=120,
            )
            ran = proven.verify("--check", "groups-translated")
            assert ran.code == 1
            assert group in ran.output
        finally:
            kafka.delete_group(regions.kafka("east"), group)
            kafka.delete_group(regions.kafka("west"), group)
