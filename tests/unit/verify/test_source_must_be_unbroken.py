"""source-unbroken: topics made anew, logs that begin after or end before what is mirrored, what is fine."""

from __future__ import annotations

import pytest

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.verify.baseline import Baseline, TopicThen
from mirror.verify.values.source_partition import PartitionNow
from tests.unit.verify.sources import ONE, THEN, at, judged


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


def test_partitions_that_were_added_have_no_begin_to_compare() -> None:
    assert judged(PartitionNow(TopicPartition("orders", 1), None, Bounds(5, 9))).passed


def test_partitions_made_anew_say_what_is_mirrored_of_them() -> None:
    (finding,) = judged(at(None, 0, 200)).findings
    assert finding.subject == "orders-0"
    assert finding.message == "it begins at 0 on the source, before the baseline's 100: it was created again"
    assert finding.remedy.startswith("keep the copy on the target, which may be all that is left of the old")
    assert "take a new baseline (docs/verification.md)" in finding.remedy
    assert "up to 0 records mirrored so far" in finding.remedy
    (finding,) = judged(at(150, 99, 200)).findings
    assert "it begins at 99 on the source" in finding.message
    assert "up to 151 records mirrored so far" in finding.remedy
    (finding,) = judged(at(150, 100, 150)).findings
    assert finding.subject == "orders-0"
    assert "up to 151 records mirrored so far" in finding.remedy


def test_lost_records_say_how_far_the_mirror_came() -> None:
    (finding,) = judged(at(149, 1_160, 2_000)).findings
    assert finding.message == (
        "unknown: up to 1,010 records lost. 1,010 offsets were deleted on the source before they were "
        "mirrored: it is mirrored up to 149, and its log begins at 1160 (retention or DeleteRecords; "
        "transactions' markers may be among them)"
    )
    (finding,) = judged(at(None, 130, 200)).findings
    assert "nothing is mirrored, and its log begins at 130" in finding.message
    assert finding.remedy.startswith("compare the copy (`region-mirror audit`)")


def test_what_could_not_be_read_says_which_permission_is_missing() -> None:
    (finding,) = judged(ids={"orders": Unread("no answer")}).findings
    assert finding.subject == "orders"
    assert finding.remedy == "the source user needs Describe on the topic"
    (finding,) = judged(PartitionNow(ONE, 5, Unread("not authorized"))).findings
    assert finding.subject == "orders-0"
    assert finding.remedy == "the source user needs Describe and Read on the topic"


def test_two_unknown_cluster_ids_are_no_difference() -> None:
    assert judged(cluster="").passed
    assert judged(cluster="other", baseline=Baseline("then", "", THEN.topics)).passed
    (finding,) = judged(cluster="other").findings
    assert finding.subject == "source"
    assert "a new cluster needs a new mirror" in finding.remedy
    (finding,) = judged(ids={}).findings
    assert "leave it out (`mirror.topics_exclude`)" in finding.remedy


def test_a_baseline_without_a_topics_id_judges_by_offsets() -> None:
    without = Baseline("then", "cluster", {"orders": TopicThen("", 1, (100,))})
    assert judged(at(150, 100, 200), baseline=without).passed
