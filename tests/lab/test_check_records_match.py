"""A record altered in the middle of the target's copy, while head and tail are equal, fails records-match."""

from __future__ import annotations

from dataclasses import replace

from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.scratch import scratch_topic
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

RECORDS, ALTERED, LOST = 50, 20, 30


def test_a_record_altered_and_one_lost_in_the_middle_fail_exactly_this_check(
    proven: Stack, regions: Regions
) -> None:
    west = regions.kafka("west")
    with scratch_topic(regions, records=RECORDS) as topic:
        until("a proven mirror", lambda: not proven.failed_checks(), seconds=120)
        records = kafka.read(west, topic.topic)
        assert len(records) == RECORDS
        records[ALTERED] = replace(records[ALTERED], value=b"not what it was")
        del records[LOST]
        kafka.delete_topic(west, topic.topic)
        until("the topic to be gone", lambda: topic.topic not in kafka.topics(west), seconds=120)
        kafka.create_topic(west, topic.topic)
        kafka.reproduce(west, topic.topic, records)
        proven.fails_alone("records-match")
        ran = proven.verify("--check", "records-match")
        assert ran.code == 1
        assert f"{topic.topic}-0" in ran.output
        assert f"source offset {ALTERED}" in ran.output.replace("\n", " ")
        assert "1 altered" in ran.output
        assert "1 missing" in ran.output
