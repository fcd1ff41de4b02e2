"""A tail that lost records on the target fails tail-matches and nothing else; a moved topic fails nothing."""

from __future__ import annotations

from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.scratch import scratch_topic
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until


def test_a_topic_whose_producers_moved_to_the_target_fails_nothing(proven: Stack, regions: Regions) -> None:
    with scratch_topic(regions, records=5) as topic:
        until("a proven mirror", lambda: not proven.failed_checks(), seconds=120)
        kafka.produce(regions.kafka("west"), topic.topic, ["written in the west"])
        until("a mirror that is proven again", lambda: not proven.failed_checks(), seconds=120)
        ran = proven.verify("--check", "tail-matches")
        said = " ".join(ran.output.split())
        assert ran.code == 0
        assert "1 moved" in said
        assert f"{topic.topic}-0" in said


def test_a_newest_record_missing_on_the_target_fails_exactly_this_check(
    proven: Stack, regions: Regions
) -> None:
    # A target that lost its end (an unclean leader election, say) looks like one that was filled anew
    # without its last records: the mirror's committed position says that they had been mirrored.
    with scratch_topic(regions, records=5) as topic:
        until("a proven mirror", lambda: not proven.failed_checks(), seconds=120)
        kept = topic.values("west")[:-1]
        records = kafka.read(regions.kafka("west"), topic.topic)[:-1]
        kafka.delete_topic(regions.kafka("west"), topic.topic)
        west = regions.kafka("west")
        until("the topic to be gone", lambda: topic.topic not in kafka.topics(west), seconds=120)
        kafka.create_topic(west, topic.topic)
        kafka.reproduce(west, topic.topic, records)
        assert topic.values("west") == kept
        proven.fails_alone("tail-matches")
        assert "missing" in proven.verify("--check", "tail-matches").output
