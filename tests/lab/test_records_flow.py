"""A record that production writes appears on the target as it was written."""

from __future__ import annotations

from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.scratch import scratch_topic
from tests.lab.support.stack import Stack


def test_a_record_keeps_key_value_and_timestamp(proven: Stack, regions: Regions) -> None:
    with scratch_topic(regions, records=3) as topic:
        topic.produce("while you watch")
        topic.mirrored(4)
        source = kafka.read(regions.kafka("east"), topic.topic)
        target = kafka.read(regions.kafka("west"), topic.topic)
        assert [(r.key, r.value, r.timestamp) for r in target] == [
            (r.key, r.value, r.timestamp) for r in source
        ]
