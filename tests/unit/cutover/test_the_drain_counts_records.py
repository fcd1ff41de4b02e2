"""The drain: records count, not offsets; what keeps it from being done is named."""

from __future__ import annotations

from typing import Any

from mirror.clients.records import Bounds, TopicPartition, Unread, Window
from mirror.cutover.connectors.judge import ConnectorState
from mirror.cutover.drain.judge import Drained, judge
from mirror.cutover.step import Verdict
from mirror.verify.values.partition_lag import PartitionLag
from tests.unit.support.made_up import NOW, window

ONE, TWO, THREE = (TopicPartition("orders", number) for number in range(3))
SOURCE = "east->west.MirrorSourceConnector"


def lag(
    position: int | None, end: int, after: Window | Unread | None = None, one: TopicPartition = ONE
) -> PartitionLag:
    return PartitionLag(one, position, Bounds(0, end), after)


def told(*lags: PartitionLag, **more: Any) -> Verdict:
    ends = more.pop("ends", {one.partition: one.bounds for one in lags})
    return judge(Drained(lags, NOW, ends, **more))


def connector(state: str, *tasks: str) -> ConnectorState:
    return ConnectorState(SOURCE, "running", state, tasks, True)


def test_records_that_are_not_mirrored_are_named_with_their_partitions() -> None:
    verdict = told(lag(3, 8, window("efgh", 4)), lag(None, 2, window("ab"), TWO))
    assert verdict.state == "waiting"
    assert verdict.text == "6 records are not mirrored yet, in orders-0, orders-1"
    assert verdict.remaining == 6
    assert verdict.evidence["remaining"] == {"orders-0": 4, "orders-1": 2}


def test_an_open_transaction_keeps_a_partition_from_being_drained() -> None:
    verdict = told(lag(3, 4), ends={ONE: Bounds(0, 9)})
    assert (verdict.state, verdict.text) == ("waiting", "transactions are open on orders-0")
    assert verdict.evidence["open_transactions"] == ["orders-0"]


def test_what_could_not_be_read_is_not_drained() -> None:
    verdict = told(lag(3, 8, Unread("no answer in time")))
    assert verdict.state == "waiting"
    assert "1 partition could not be read: orders-0: no answer in time" in verdict.text
    hidden = PartitionLag(ONE, 3, Unread("refused"), None)
    assert told(hidden, ends={ONE: Unread("refused")}).state == "waiting"


def test_a_topic_that_was_created_again_ends_the_cutover() -> None:
    verdict = told(lag(9, 4))
    assert verdict.state == "blocked"
    assert "past the end of orders-0" in verdict.text
    assert "mirror.topics_exclude" in verdict.remedy


def test_a_connector_at_rest_mirrors_nothing() -> None:
    verdict = told(lag(3, 8, window("efgh", 4)), connector=connector("STOPPED"))
    assert verdict.state == "blocked"
    assert "the source connector is STOPPED" in verdict.text
    assert told(lag(7, 8), connector=connector("STOPPED")).state == "done"


def test_a_failed_task_is_named_and_awaited() -> None:
    verdict = told(lag(3, 8, window("efgh", 4)), connector=connector("RUNNING", "RUNNING", "FAILED"))
    assert verdict.state == "waiting"
    assert verdict.text.endswith(f"; not running: {SOURCE} task 1 (FAILED)")


def test_a_partition_with_records_and_without_a_copy_is_named() -> None:
    verdict = told(lag(None, 2, window("ab")), absent=[ONE])
    assert "orders-0 has records and no copy on the target" in verdict.text
    assert told(lag(None, 0), absent=[ONE]).state == "done"


def test_a_log_that_ends_without_a_record_is_drained() -> None:
    """Markers and aborted records have offsets: MM2's position never reaches the end of the log."""
    verdict = told(lag(3, 8, window("....", 4)), lag(None, 5, window("....."), TWO))
    assert (verdict.state, verdict.remaining) == ("done", 0)
    assert verdict.text == "MM2 has mirrored every record of 2 partitions"


def test_the_evidence_has_what_was_counted_and_where() -> None:
    verdict = told(
        lag(3, 9, window("efghi", 4)),
        lag(None, 2, Unread("no leader"), TWO),
        PartitionLag(THREE, 1, Unread("no leader"), None),
        ends={ONE: Bounds(0, 12)},
        absent=[TWO],
        connector=connector("STOPPED"),
    )
    assert verdict.evidence == {
        "partitions": 3,
        "records": 5,
        "exact": True,
        "remaining": {"orders-0": 5},
        "positions": {"orders-0": 3, "orders-1": None, "orders-2": 1},
        "source_ends": {"orders-0": 9, "orders-1": 2},
        "open_transactions": ["orders-0"],
        "without_copy": ["orders-1"],
        "unread": ["orders-1: no leader", "orders-2: no leader"],
    }
    assert verdict.text == (
        "5 records are not mirrored yet, in orders-0; orders-1 has records and no copy on the target; "
        "transactions are open on orders-0; 2 partitions could not be read: orders-1: no leader; the source "
        "connector is STOPPED, so it mirrors nothing"
    )
    assert verdict.remedy.startswith("start the source connector again")
    assert verdict.remaining == 5
    failed = told(lag(3, 9, window("efghi", 4)), connector=connector("RUNNING", "FAILED"))
    assert (
        failed.text == f"5 records are not mirrored yet, in orders-0; not running: {SOURCE} task 0 (FAILED)"
    )
    assert told(lag(7, 8)).evidence["positions"] == {"orders-0": 7}
    assert told(lag(9, 4)).evidence == {"past_end": {"orders-0": 9}}


def test_partitions_with_the_most_records_are_named_first() -> None:
    few, many = lag(3, 5, window("e", 4)), lag(3, 5_000, window("efg", 4, at_end=False), TWO)
    verdict = told(few, many)
    assert verdict.text == "up to 4,997 records are not mirrored yet, in orders-1, orders-0"
    assert verdict.evidence["exact"] is False
