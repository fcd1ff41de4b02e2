"""What a failover's report says of records that the target misses: every number, and the worst first."""

from __future__ import annotations

from dataclasses import replace

from mirror.clients.records import TopicPartition
from mirror.cutover.failover.loss import Mirrored, loss
from mirror.last_look.record import PartitionLook
from tests.unit.cutover.failover.test_what_is_missing_is_told_honestly import COPY, OTHER, at, look
from tests.unit.support.made_up import NOW, ORDERS

PAYMENTS = TopicPartition("payments", 0)


def test_the_report_has_every_number() -> None:
    seen = look(PartitionLook(100, 79, 15, int((NOW - 24.0625) * 1000)), PartitionLook(40, 9, 30), rate=1.0)
    seen = replace(seen, at=NOW - 20.25, unread=2, problems=("groups: no answer",))
    found = loss(NOW, {**at(79), OTHER: Mirrored(OTHER, 9), PAYMENTS: Mirrored(PAYMENTS, 4)}, seen)
    report = found.to_json()
    rows = report.pop("partitions")
    assert [(row["topic"], row["partition"], row["missing_at_most"]) for row in rows] == [
        ("orders", 1, 30),
        ("orders", 0, 15),
        ("payments", 0, None),
    ]
    assert report == {
        "text": (
            "the last look (exporter, 20 s ago) saw up to 45 records that the target lacks, at least 3.8 s "
            "behind (1 partition of unknown age); at the rates of the last look, up to about 20 more were "
            "written after it; it could not read 2 partitions, of which an earlier look counts where there "
            "was one; it did not see 1 partition"
        ),
        "last_look": {
            "at": "2027-01-15T07:59:39.750+00:00",
            "by": "exporter",
            "age_seconds": 20.2,
            "records_behind": 45,
            "seconds_behind": 3.813,
            "partitions_of_unknown_age": 1,
            "partitions_unread": 2,
            "problems": ["groups: no answer"],
        },
        "missing_at_most_at_last_look": 45,
        "written_after_last_look_estimate": 20,
        "missing_at_most_estimate": 65,
        "newest_mirrored_timestamp": "2027-01-15T07:59:30.000+00:00",
        "partitions_not_in_last_look": 1,
        "partitions_left_out": 0,
    }
    shorter = found.to_json(shown=1)
    assert ([row["partition"] for row in shorter["partitions"]], shorter["partitions_left_out"]) == ([1], 2)


def test_without_a_look_the_report_claims_nothing() -> None:
    report = loss(NOW, {ORDERS: Mirrored(COPY, 99)}, None).to_json()
    assert report["last_look"] is None
    assert report["missing_at_most_estimate"] is None
    assert report["newest_mirrored_timestamp"] is None


def test_what_came_since_is_estimated_for_each_topic_with_all_of_its_partitions() -> None:
    seen = look(PartitionLook(100, 99, 0), PartitionLook(50, 49, 0), rate=10.0)
    mirrored = {**at(139), OTHER: Mirrored(OTHER, 59)}
    assert loss(NOW, mirrored, seen).since == 200 - 40 - 10
    assert loss(NOW, {**at(139), OTHER: Mirrored(OTHER, None)}, seen).since == 200 - 40
    assert loss(NOW, {**at(139), PAYMENTS: Mirrored(PAYMENTS, 9)}, seen).since == 200 - 40
    assert loss(NOW, at(999), seen).since == 0, "more was mirrored than the rate says"
    assert loss(NOW - 20, at(99), seen).since == 0, "it looks now"
    assert "(exporter, 0 s ago)" in loss(NOW - 30, at(99), seen).text, "clocks differ"


def test_one_missing_record_comes_before_none() -> None:
    seen = look(PartitionLook(100, 99, 0), PartitionLook(50, 48, 1, int((NOW - 20) * 1000)))
    report = loss(NOW, {**at(99), OTHER: Mirrored(OTHER, 48)}, seen).to_json()
    assert [row["partition"] for row in report["partitions"]] == [1, 0]
    assert report["last_look"]["seconds_behind"] == 0.0
