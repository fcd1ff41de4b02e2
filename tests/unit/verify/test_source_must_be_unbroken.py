"""source-unbroken: topics made anew, logs that begin after or end before what is mirrored, what is fine."""

from __future__ import annotations

import pytest

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.verify.baseline import Baseline, TopicThen
from mirror.verify.checks.source_unbroken import judge
from mirror.verify.report import CheckResult
from mirror.verify.values.source_partition import PartitionNow, Risk, SeenAfterPosition, SourceNow

ONE = TopicPartition("orders", 0)
THEN = Baseline("2026-11-01T00:00:00+00:00", "cluster", {"orders": TopicThen("id-1", 1, (100,))})


def at(position: int | None, begin: int, end: int, start: int | None = None) -> PartitionNow:
    return PartitionNow(ONE, position, Bounds(begin, end), start)


def judged(*partitions: PartitionNow, baseline: Baseline = THEN, **now: object) -> CheckResult:
    seen: dict[str, object] = {
        "cluster": "cluster",
        "ids": {"orders": "id-1"},
        "matched_by_pattern": ["orders"],
        "partitions": partitions,
    }
    return judge(baseline, SourceNow(**{**seen, **now}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "one",
    [
        at(150, 100, 200),
        at(199, 100, 200),  # all of it
        at(199, 200, 200),  # mirrored, then removed by retention
        at(149, 150, 200),  # retention is right behind
        at(None, 100, 100),  # nothing to mirror
        at(None, 100, 200),  # not begun yet
        at(149, 120, 200, start=149),  # begins in the middle on purpose
        at(149, 150, 200, start=149),
        at(None, 300, 400, start=299),
    ],
)
def test_what_is_whole(one: PartitionNow) -> None:
    result = judged(one)
    assert result.passed, result.findings
    assert "1 topic unchanged since the baseline of 2026-11-01" in result.summary


@pytest.mark.parametrize(
    ("one", "lost"),
    [
        (at(149, 160, 200), 10),
        (at(149, 200, 200), 50),  # and nothing is left
        (at(None, 130, 200), 30),  # never mirrored, counted from the baseline's begin
        (at(None, 310, 400, start=299), 10),  # what was left out on purpose does not count
        (at(299, 310, 400, start=299), 10),
    ],
)
def test_what_went_before_it_was_mirrored_is_counted(one: PartitionNow, lost: int) -> None:
    result = judged(one)
    (finding,) = result.findings
    assert finding.subject == "orders-0"
    assert finding.message.startswith(f"unknown: up to {lost} records lost")
    assert f"{lost} offsets were deleted on the source before they were mirrored" in finding.message
    assert result.facts["lost_offsets"] == {"orders-0": lost}


def test_a_single_offset_is_told_and_may_be_a_marker() -> None:
    result = judged(at(149, 151, 151))
    assert result.passed
    assert "one offset after the position was deleted in 1 partition" in result.summary
    assert result.facts["one_offset_gone"] == ["orders-0"]


def test_offsets_that_an_earlier_look_read_and_that_held_no_record_are_no_loss() -> None:
    known = SeenAfterPosition()
    known.saw(ONE, 150, 153)
    known.saw(ONE, 152, 158)
    assert known.before(ONE, 150) == 158
    assert known.before(ONE, 158) is None
    assert known.before(TopicPartition("orders", 1), 150) is None
    result = judged(PartitionNow(ONE, 149, Bounds(158, 158), no_record_before=known.before(ONE, 150)))
    assert result.passed
    assert "deleted in 1 partition, which held no record" in result.summary
    assert result.facts["no_records_gone"] == ["orders-0"]
    more = judged(PartitionNow(ONE, 149, Bounds(162, 170), no_record_before=158))
    assert more.facts["lost_offsets"] == {"orders-0": 4}
    assert not more.passed
    known.saw(ONE, 200, 210)
    assert known.before(ONE, 150) is None, "the position has moved on since"


def test_a_record_that_an_earlier_look_saw_is_lost_for_certain() -> None:
    known = SeenAfterPosition()
    known.saw_record(ONE, 152)
    assert (known.record(ONE, 150), known.record(ONE, 153)) == (152, None)
    result = judged(PartitionNow(ONE, 149, Bounds(160, 170), record_at=known.record(ONE, 150)))
    (finding,) = result.findings
    assert finding.message.startswith("up to 10 records lost, at least one. 10 offsets were deleted")
    assert judged(PartitionNow(ONE, 149, Bounds(151, 170), record_at=150)).findings, "a single offset, too"
    still_there = judged(PartitionNow(ONE, 149, Bounds(151, 170), record_at=155))
    assert still_there.passed


def test_a_log_that_ends_before_the_position() -> None:
    (finding,) = judged(at(150, 100, 150)).findings
    assert "it ends at 150 on the source, and 150 is mirrored already" in finding.message


def test_a_log_that_begins_before_the_baselines_begin_was_made_anew() -> None:
    (finding,) = judged(at(150, 0, 200)).findings
    assert "before the baseline's 100: it was created again" in finding.message


def test_a_topic_made_anew_is_one_finding_whatever_its_partitions_look_like() -> None:
    (finding,) = judged(at(150, 0, 20), ids={"orders": "id-2"}).findings
    assert finding.subject == "orders"
    assert "its id is id-2, it was id-1" in finding.message
    assert "new baseline" in finding.remedy


def test_a_deleted_topic() -> None:
    (finding,) = judged(ids={}).findings
    assert finding.subject == "orders"
    assert "is not there any more" in finding.message


def test_a_deleted_topic_that_the_patterns_leave_out_is_none() -> None:
    assert judged(ids={}, matched_by_pattern=[]).passed


def test_another_cluster() -> None:
    (finding,) = judged(cluster="other").findings
    assert "the source is cluster other; the mirror was started with cluster cluster" in finding.message


@pytest.mark.parametrize("ids", [{"orders": ""}])
def test_clusters_without_topic_ids_are_judged_by_their_offsets(ids: dict[str, str]) -> None:
    assert judged(at(150, 100, 200), ids=ids).passed


def test_what_cannot_be_read_is_a_finding() -> None:
    (finding,) = judged(ids={"orders": Unread("no answer in time")}).findings
    assert "its id could not be read: no answer in time" in finding.message
    (finding,) = judged(PartitionNow(ONE, 5, Unread("not authorized"))).findings
    assert "could not be read: not authorized" in finding.message


def test_a_topic_that_entered_since_is_told() -> None:
    new = PartitionNow(TopicPartition("new", 0), None, Bounds(40, 50))
    result = judged(at(150, 100, 200), new, ids={"orders": "id-1", "new": "id-9"})
    assert result.passed
    assert result.facts["not_in_baseline"] == ["new"]
    assert "new since the baseline: 1 topic;" in result.summary


def test_partitions_that_were_added_have_no_begin_to_compare() -> None:
    assert judged(PartitionNow(TopicPartition("orders", 1), None, Bounds(5, 9))).passed


def test_retention_that_wins_soon_is_told_the_worst_first() -> None:
    risks = [Risk(ONE, 60, 100), Risk(TopicPartition("orders", 1), 90, 100), Risk(ONE, 10, 100)]
    result = judged(at(150, 100, 200), risks=risks)
    assert result.passed
    soon = (
        "retention will soon delete records that are not mirrored: orders-1 (90% of its retention) and 1 more"
    )
    assert soon in result.summary
    assert result.facts["retention_wins_soon"] == {"orders-1": 0.9, "orders-0": 0.6}
