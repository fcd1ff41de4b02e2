"""A topic that somebody deleted on the target fails topics-present, and nothing else."""

from __future__ import annotations

from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.scratch import scratch_topic
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until


def test_a_deleted_target_topic_fails_exactly_this_check(proven: Stack, regions: Regions) -> None:
    # A topic of its own: MM2 makes it again, but not its records, which records-match would go on to miss.
    with scratch_topic(regions, records=5) as topic:

        def deleted_and_noticed() -> bool:
            # MirrorSourceConnector makes it again at its next refresh, perhaps before the look: once more.
            kafka.delete_topic(regions.kafka("west"), topic.topic)
            return proven.failed_checks() == {"topics-present"}

        until("topics-present alone to fail", deleted_and_noticed, seconds=120)
