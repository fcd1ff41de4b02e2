"""lag: real records after the committed position count, offsets do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mirror.clients.records import Bounds, TopicPartition, Unread, Window
from mirror.verify.checks.lag import judge
from mirror.verify.report import CheckResult
from mirror.verify.values.partition_lag import Behind, PartitionLag, behind
from tests.unit.support.made_up import NOW, ORDERS, record, window, window_of


def judged(*partitions: PartitionLag, allowed: float = 30) -> CheckResult:
    return judge(partitions, max_lag_seconds=allowed, at=NOW)


def at(position: int | None, end: int, seen: Window | Unread | None = None) -> PartitionLag:
    return PartitionLag(ORDERS, position, Bounds(0, end), seen)


def test_a_position_at_the_end_is_no_lag() -> None:
    result = judged(at(9, 10))
    assert result.passed
    assert result.facts["records_behind"] == 0


def test_markers_and_aborted_records_after_the_position_are_no_lag() -> None:
    result = judged(at(9, 15, window(".....", 10)))
    assert result.passed
    assert result.facts["partitions"]["orders-0"]["records_behind"] == 0


def test_a_little_lag_passes_and_is_told() -> None:
    result = judged(at(9, 13, window("ab.", 10)))
    assert result.passed
    assert "2 records behind" in result.summary


def test_an_old_unmirrored_record_fails() -> None:
    late = window_of([record(12, "a", age=95)], 10, 13)
    [finding] = judged(at(9, 13, late)).findings
    assert finding.subject == "orders-0"
    assert finding.message == "1 records, 95 s behind; allowed are 30 s"


def test_where_not_all_was_read_the_offsets_are_an_upper_bound() -> None:
    late = window_of([record(10, "a", age=95)], 10, 11, at_end=False)
    assert "up to 990 records" in judged(at(9, 1000, late)).findings[0].message


def test_timestamps_of_the_producers_own_making_do_not_count_once_everything_was_mirrored() -> None:
    backfill = window_of([record(10, "a", age=86_400)], 10, 11)
    lag = at(9, 11, backfill)
    assert not judged(lag).passed
    assert judged(replace(lag, drained_seconds=2.5)).passed


def test_no_position_though_records_exist_fails_even_when_they_are_young() -> None:
    [finding] = judged(at(None, 3, window("abc"))).findings
    assert "committed no position" in finding.message


@pytest.mark.parametrize(("age", "fails"), [(1, False), (95, True)])
def test_the_first_record_of_a_partition_may_be_as_late_as_any_other(age: float, fails: bool) -> None:
    first = PartitionLag(
        TopicPartition("orders", 7), None, Bounds(0, 1), window_of([record(0, "a", age=age)], 0, 1)
    )
    result = judged(at(9, 10), first)
    assert result.passed is not fails
    assert result.facts["records_behind"] == 1


def test_a_partition_that_cannot_be_read_fails_beside_one_that_is_mirrored() -> None:
    hidden = PartitionLag(TopicPartition("orders", 7), None, Unread("not authorized"), None)
    assert [one.subject for one in judged(at(9, 10), hidden).findings] == ["orders-7"]


def test_a_mirror_that_is_stopped_on_purpose_is_named_as_the_cause() -> None:
    late = at(9, 13, window_of([record(12, "a", age=95)], 10, 13))
    for one in (at(None, 3, window("abc")), late):
        [finding] = judge([one], max_lag_seconds=30, at=NOW, state="stopped").findings
        assert finding.remedy.startswith("the stack file declares `mirror.state: stopped`")
        assert "ACL" not in finding.remedy


def test_no_position_and_no_records_is_fine() -> None:
    assert judged(at(None, 0)).passed
    assert judged(at(None, 4, window("...."))).passed


def test_a_position_past_the_end_means_that_the_topic_was_made_anew() -> None:
    [finding] = judged(at(500, 20)).findings
    assert "past the source's end 20" in finding.message


def test_what_cannot_be_read_is_a_failure() -> None:
    unread = Unread("Broker: Topic authorization failed")
    assert not judged(replace(at(9, 10), bounds=unread)).passed
    assert not judged(at(9, 20, unread)).passed


def test_the_facts_and_the_worst_partition() -> None:
    second = TopicPartition("orders", 1)
    late = replace(
        at(9, 1000, window_of([record(11, "a", age=25.4444)], 10, 12, at_end=False)), partition=second
    )
    result = judged(at(9, 13, window("ab.", 10)), late, at(9, 10))
    assert result.name == "lag"
    assert result.facts == {
        "partitions": {
            "orders-0": {
                "position": 9,
                "source_end": 10,
                "records_behind": 0,
                "records_exact": True,
                "seconds_behind": 0.0,
            },
            "orders-1": {
                "position": 9,
                "source_end": 1000,
                "records_behind": 989,
                "records_exact": False,
                "seconds_behind": 25.445,
            },
        },
        "records_behind": 989,
        "seconds_behind": 25.445,
        "held_back": {},
    }
    assert result.summary == "3 partitions, up to 989 records behind in all; orders-1 most, 25.4 s"


def test_the_summary_counts_what_is_behind() -> None:
    assert judged(at(9, 10)).summary == "1 partition, every record mirrored"
    late = at(9, 13, window_of([record(10, "a", age=95), record(11, "b", age=90)], 10, 13))
    result = judged(late, replace(at(9, 10), partition=TopicPartition("orders", 1)))
    assert result.summary == "1 of 2 partitions are behind (2 records in all)"
    assert judged().facts["seconds_behind"] == 0.0


def test_a_lag_of_just_the_allowed_seconds_passes() -> None:
    late = at(9, 13, window_of([record(12, "a", age=30)], 10, 13))
    assert judged(late).passed
    assert not judged(late, allowed=29.9).passed


def test_what_could_not_be_read_says_so() -> None:
    [finding] = judged(replace(at(9, 10), bounds=Unread("no leader"))).findings
    assert finding.subject == "orders-0"
    assert finding.message == "its offsets on the source could not be read: no leader"
    assert finding.remedy == "the source user needs Describe and Read on the topic"
    [finding] = judged(at(9, 20, Unread("no leader"))).findings
    assert finding.subject == "orders-0"
    assert finding.message == "it could not be read on the source: no leader"
    assert finding.remedy == "the source user needs Read on the topic; look at the partition's leader"
    result = judged(replace(at(9, 10), bounds=Unread("no leader")))
    assert result.facts["partitions"]["orders-0"]["source_end"] is None


def test_the_remedy_of_a_mirror_that_runs() -> None:
    [finding] = judged(at(None, 3, window("abc"))).findings
    assert finding.subject == "orders-0"
    assert "none of its records is mirrored (3 records, 1 s)" in finding.message
    assert finding.remedy.startswith("wait for the first copy")
    late = at(9, 13, window_of([record(12, "a", age=95)], 10, 13))
    [finding] = judged(late).findings
    assert finding.remedy.startswith("wait; if it does not shrink")
    assert "`Failure during poll` in the worker's log" in finding.remedy
    restarts = ("restart-connector-task=CONNECTOR:NUMBER", "strimzi.io/manual-rolling-update=true")
    assert all(one in finding.remedy for one in restarts), (
        "a task that hangs is RUNNING, and no login is refused"
    )
    [finding] = judged(at(500, 20)).findings
    assert finding.subject == "orders-0"
    assert finding.remedy.startswith("keep the copy on the target, which may be all that is left")
    assert "up to 501 records" in finding.remedy


def test_a_missing_topic_is_named_as_the_cause_for_others_of_a_running_mirror() -> None:
    late = at(9, 13, window_of([record(12, "a", age=95)], 10, 13))
    [finding] = judge([late], max_lag_seconds=30, at=NOW, missing=["refused"]).findings
    assert finding.subject == "orders-0"
    assert finding.remedy.startswith("refused is not on the target")
    assert finding.message == "1 records, 95 s behind; allowed are 30 s"
    [finding] = judge([late], max_lag_seconds=30, at=NOW, missing=["orders"]).findings
    assert finding.remedy.startswith("wait; if it does not shrink")
    [finding] = judge([late], max_lag_seconds=30, at=NOW, missing=["x"], state="stopped").findings
    assert finding.remedy.startswith("the stack file declares `mirror.state: stopped`")


def test_how_far_behind_a_partition_is() -> None:
    part = window_of([record(12, "a", age=95), record(13, "b", age=80)], 10, 15, at_end=False)
    assert behind(at(9, 15, part), NOW) == Behind(2, True, 95.0), "read up to the end"
    assert behind(at(9, 16, part), NOW) == Behind(4, False, 95.0), "offsets 12 to 15"
    assert behind(at(9, 14, window_of(part.records, 10, 13, at_end=False)), NOW) == Behind(2, False, 95.0)
    future = window_of([record(12, "a", age=-5)], 10, 13)
    assert behind(at(9, 13, future), NOW) == Behind(1, True, 0.0)
    drained = replace(at(9, 15, part), drained_seconds=2.5)
    assert behind(drained, NOW).seconds == 2.5
    assert behind(replace(drained, drained_seconds=200.0), NOW).seconds == 95.0
    assert str(Behind(1234, False, 5000.4)) == "up to 1,234 records, 5,000 s"
    assert str(Behind(2, True, 1.0)) == "2 records, 1 s"
    assert behind(replace(at(9, 15, part), bounds=Unread("no leader")), NOW) == Behind(0, True, 0.0)


def test_a_partition_that_could_not_be_read_is_not_called_behind() -> None:
    unread = replace(at(9, 10), bounds=Unread("no leader"))
    assert (
        judged(unread).summary
        == "no partition is too far behind (0 records in all); 1 of 1 could not be read"
    )
    late = replace(
        at(9, 13, window_of([record(12, "a", age=95)], 10, 13)), partition=TopicPartition("orders", 1)
    )
    result = judge([unread, late], max_lag_seconds=30, at=NOW)
    assert result.summary == "1 of 2 partitions are behind (1 records in all); 1 of 2 could not be read"


def test_records_of_which_not_all_were_read_are_an_upper_bound_in_the_summary() -> None:
    late = at(9, 500, window_of([record(10, "a", age=95)], 10, 11, at_end=False))
    assert judged(late).summary == "1 of 1 partitions are behind (up to 490 records in all)"
    assert judged(late, allowed=100).summary.startswith("1 partition, up to 490 records behind in all")
