"""A group that has read all of a quiet topic reads nothing again on the target, and skips nothing."""

from __future__ import annotations

import json

from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.scratch import scratch_topic
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

RECORDS = 10


def test_its_offset_lies_after_the_last_record_and_before_the_next(proven: Stack, regions: Regions) -> None:
    with scratch_topic(regions, records=RECORDS) as topic:
        topic.produce(*(f"more {number}" for number in range(RECORDS)))
        topic.mirrored(2 * RECORDS)
        group = f"{topic.topic}-readers"
        kafka.commit(regions.kafka("east"), group, topic.topic, 2 * RECORDS)
        try:

            def exact() -> bool:
                ran = proven.verify("--json", "--check", "groups-translated")
                [check] = json.loads(ran.stdout)["checks"]
                of_group = check["facts"]["groups"].get(group, {})
                state = of_group.get(f"{topic.topic}-0", {})
                return bool(state.get("state") == "safe" and state["rereads"] == 0 and state["rereads_exact"])

            until("an exact translation", exact, seconds=180)
            offset = kafka.committed(regions.kafka("west"), group, topic.topic)
            assert kafka.read(regions.kafka("west"), topic.topic, start=offset) == []
            topic.produce("the next one")
            topic.mirrored(2 * RECORDS + 1)
            ahead = kafka.read(regions.kafka("west"), topic.topic, start=offset)
            assert [record.value for record in ahead] == [b"the next one"]
        finally:
            kafka.delete_group(regions.kafka("east"), group)
            kafka.delete_group(regions.kafka("west"), group)
