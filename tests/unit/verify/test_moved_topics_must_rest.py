"""moved-topics-unwritten: a record after the last mirrored one of a moved topic fails, markers do not."""

from __future__ import annotations

import pytest

from mirror.clients.records import Bounds, TopicPartition, Unread, Window
from mirror.verify.checks.moved_topics_unwritten import judge
from mirror.verify.report import CheckResult
from mirror.verify.values.partition_lag import PartitionLag
from tests.unit.support.made_up import NOW, ORDERS, record, window, window_of

SECOND = TopicPartition("orders", 1)


def judged(*partitions: PartitionLag, moved: tuple[str, ...] = ("orders",)) -> CheckResult:
    return judge(moved, partitions, NOW)


def at(
    position: int | None, bounds: Bounds, seen: Window | Unread | None = None, one: TopicPartition = ORDERS
) -> PartitionLag:
    return PartitionLag(one, position, bounds, seen)


def test_a_record_that_was_written_after_the_move_fails() -> None:
    late = window_of([record(10, "a", age=95), record(11, "b", age=5)], 10, 12)
    result = judged(at(9, Bounds(0, 12), late))
    [finding] = result.findings
    assert finding.subject == "orders-0"
    assert finding.message == (
        "2 records written to the source after the topic moved, the first 95 s ago; nothing mirrors them"
    )
    assert "the source only" in finding.remedy
    assert "destroy the topic at the source, of which this partition has up to 2 records" in finding.remedy
    assert result.facts["written"] == {"orders-0": 2}


def test_where_not_all_was_read_the_offsets_are_an_upper_bound() -> None:
    late = window_of([record(10, "a", age=95)], 10, 11, at_end=False)
    result = judged(at(9, Bounds(0, 1000), late))
    assert result.findings[0].message.startswith("up to 990 records written")
    assert result.summary.startswith("up to 990 records in 1 partition were written")


def test_a_topic_that_was_made_anew_and_written_fails() -> None:
    result = judged(at(99, Bounds(0, 3)))
    assert "deleted and created again" in result.findings[0].message
    assert "up to 3 records" in result.findings[0].message


def test_a_partition_that_was_empty_at_the_move_and_is_written_fails() -> None:
    quiet = at(9, Bounds(0, 10))
    written = at(None, Bounds(0, 1), window_of([record(0, "a", age=1)], 0, 1), SECOND)
    assert set(judged(quiet, written).facts["written"]) == {"orders-1"}


@pytest.mark.parametrize(
    "lag",
    [
        pytest.param(at(9, Bounds(0, 10)), id="nothing after the position"),
        pytest.param(at(9, Bounds(0, 15), window(".....", 10)), id="markers and aborted records"),
        pytest.param(at(9, Bounds(10, 10)), id="retention has emptied the log"),
        pytest.param(at(99, Bounds(0, 0)), id="made anew and empty"),
        pytest.param(at(None, Bounds(0, 0)), id="always empty"),
        pytest.param(at(None, Bounds(0, 5), window(".....")), id="only markers, without a position"),
    ],
)
def test_a_topic_at_rest_passes(lag: PartitionLag) -> None:
    result = judged(lag)
    assert result.passed
    assert result.summary == "no record was written to 1 moved topic at the source"


@pytest.mark.parametrize(
    ("lag", "said", "fact"),
    [
        pytest.param(
            PartitionLag(ORDERS, 9, Unread("not authorized"), None),
            "could not be read: orders-0",
            "unread",
            id="no access any more",
        ),
        pytest.param(
            at(9, Bounds(0, 12), Unread("no leader")), "could not be read: orders-0", "unread", id="no leader"
        ),
        pytest.param(
            at(None, Bounds(0, 12), window("abc")),
            "with records, but without a position of MM2",
            "without_position",
            id="a mirror that was made anew",
        ),
    ],
)
def test_what_cannot_be_judged_is_reported(lag: PartitionLag, said: str, fact: str) -> None:
    result = judged(lag)
    assert result.passed
    assert result.summary.startswith(said), "of a topic that is not judged nothing else is said"
    assert result.facts[fact] == ["orders-0"]


def test_a_topic_that_the_source_does_not_have_any_more_is_reported() -> None:
    result = judged(at(9, Bounds(0, 10)), moved=("orders", "refunds"))
    assert result.passed
    assert "not at the source, or hidden from the source user: refunds" in result.summary
    assert result.facts["not_on_source"] == ["refunds"]


def test_a_mirror_without_moved_topics_passes() -> None:
    assert judge((), (), 0.0).summary == "no topic was moved in parts"
