"""lag: real records after the committed position count, offsets do not."""

from __future__ import annotations

from dataclasses import replace

from mirror.clients.records import Bounds, Unread, Window
from mirror.verify.checks.lag import judge
from mirror.verify.report import CheckResult
from mirror.verify.values.partition_lag import PartitionLag
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
