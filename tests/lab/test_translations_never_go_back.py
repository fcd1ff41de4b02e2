"""A worker that is killed and comes back sets no group's offset on the target back (KAFKA-13659)."""

from __future__ import annotations

from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.scratch import scratch_topic
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

WORKER = "west-kafka-east-to-west-mirrormaker2-0"
READ = 10


def test_a_restarted_worker_goes_on_from_its_checkpoints(proven: Stack, regions: Regions) -> None:
    east, west = regions.kafka("east"), regions.kafka("west")
    with scratch_topic(regions, records=READ) as topic:
        topic.produce(*(f"more {number}" for number in range(READ)))
        topic.mirrored(2 * READ)
        group = f"{topic.topic}-readers"
        kafka.commit(east, group, topic.topic, READ)
        try:
            before = until(
                "the group's translation",
                lambda: max(0, kafka.committed(west, group, topic.topic)),
                seconds=180,
            )
            regions.kill(WORKER)
            kafka.commit(east, group, topic.topic, 2 * READ)
            seen = [before]

            def further() -> bool:
                seen.append(kafka.committed(west, group, topic.topic))
                return seen[-1] > before

            until("the group's next translation", further, seconds=420)
            assert seen == sorted(seen)
            proven.verify("--wait", "180").ok()
        finally:
            kafka.delete_group(east, group)
            kafka.delete_group(west, group)
