"""What the target misses is never told lower than the last look knew."""

from __future__ import annotations

from dataclasses import replace

from mirror.clients.records import Bounds, TopicPartition
from mirror.cutover.failover.loss import Mirrored, loss
from mirror.cutover.failover.transactions import judge, open_partitions
from mirror.last_look.record import LastLook, PartitionLook
from tests.unit.support.made_up import NOW, ORDERS, record

OTHER = TopicPartition("orders", 1)
COPY = TopicPartition("east.orders", 0)


def look(*partitions: PartitionLook, rate: float | None = None, every: float | None = None) -> LastLook:
    ones = dict(zip((ORDERS, OTHER), partitions, strict=False))
    appended = {} if rate is None else {"orders": rate}
    return LastLook("m", "east", "west", NOW - 20, "exporter", ones, {}, appended, every=every)


def at(position: int | None) -> dict[TopicPartition, Mirrored]:
    return {ORDERS: Mirrored(COPY, position, record(5, "a", age=30))}


def test_what_was_behind_and_is_not_mirrored_since_is_missing() -> None:
    seen = look(PartitionLook(100, 79, 15, int((NOW - 24) * 1000)))
    assert loss(NOW, at(79), seen).missing == 15
    assert loss(NOW, at(95), seen).missing == 4, "offsets 96 to 99"
    assert loss(NOW, at(99), seen).missing == 0
    assert loss(NOW, at(300), seen).missing == 0


def test_a_position_that_went_back_makes_more_missing() -> None:
    seen = look(PartitionLook(100, 79, 15))
    assert loss(NOW, at(50), seen).missing == 49


def test_a_partition_without_a_position_misses_all_that_was_behind() -> None:
    assert loss(NOW, at(None), look(PartitionLook(100, None, 100))).missing == 100
    assert loss(NOW, {}, look(PartitionLook(100, None, 100))).missing == 100


def test_what_came_after_the_last_look_is_estimated() -> None:
    seen = look(PartitionLook(100, 99, 0), rate=10.0)
    assert loss(NOW, at(99), seen).since == 200, "20 seconds at 10 a second"
    assert loss(NOW, at(149), seen).since == 150, "50 of them are mirrored"
    assert loss(NOW, at(99), look(PartitionLook(100, 99, 0), rate=10.0, every=5)).since == 100
    found = loss(NOW, at(99), look(PartitionLook(100, 99, 3)))
    assert (found.since, found.at_most) == (None, None)
    assert "how many were written after it is unknown" in found.text


def test_a_partition_that_the_last_look_did_not_see_is_counted_as_unknown() -> None:
    found = loss(NOW, {**at(99), OTHER: Mirrored(OTHER, 4)}, look(PartitionLook(100, 99, 0)))
    assert found.unseen == 1
    assert "it did not see 1 partition" in found.text


def test_partitions_that_the_last_look_could_not_read_are_told() -> None:
    found = loss(NOW, at(99), replace(look(PartitionLook(100, 99, 0)), unread=2))
    assert "it could not read 2 partitions, of which an earlier look counts where there was one" in found.text


def test_records_whose_age_was_not_read_are_not_told_to_be_new() -> None:
    """A leader that dies first: its records are counted by offsets, and nobody has read their timestamps."""
    found = loss(NOW, at(79), look(PartitionLook(100, 79, 20), PartitionLook(5, 4, 0)))
    assert (
        "20 records that the target lacks, at least 0.0 s behind (1 partition of unknown age)" in found.text
    )
    assert found.to_json()["last_look"]["partitions_of_unknown_age"] == 1
    aged = loss(NOW, at(79), look(PartitionLook(100, 79, 20, int((NOW - 24) * 1000)), PartitionLook(9, 4, 4)))
    assert "at least 4.0 s behind" in aged.text


def test_without_a_last_look_nothing_is_claimed() -> None:
    found = loss(NOW, at(99), None)
    assert (found.at_most, found.seconds_behind) == (None, None)
    assert found.text == "nobody has kept a last look, so it is unknown how many records are missing"
    assert found.to_json()["missing_at_most_at_last_look"] is None


def test_the_report_has_the_last_record_at_both_sides() -> None:
    found = loss(NOW, at(79), look(PartitionLook(100, 79, 15, int((NOW - 24) * 1000)), rate=1.0))
    assert found.text == (
        "the last look (exporter, 20 s ago) saw up to 15 records that the target lacks, 4.0 s behind; at the "
        "rates of the last look, up to about 20 more were written after it"
    )
    [row] = found.to_json()["partitions"]
    assert row == {
        "topic": "orders",
        "partition": 0,
        "target_topic": "east.orders",
        "last_mirrored_source_offset": 79,
        "last_mirrored_target_offset": 5,
        "last_mirrored_timestamp": "2027-01-15T07:59:30.000+00:00",
        "source_end_at_last_look": 100,
        "missing_at_most": 15,
    }


def test_an_open_transaction_of_mm2_is_waited_for() -> None:
    stable, ends = {COPY: Bounds(0, 7), OTHER: Bounds(0, 9)}, {COPY: Bounds(0, 9), OTHER: Bounds(0, 9)}
    assert open_partitions(stable, ends) == [COPY]
    missing = loss(NOW, at(99), look(PartitionLook(100, 99, 0)))
    waits = judge([COPY], [], missing, exactly_once=True)
    assert waits.state == "waiting"
    assert "kafka-transactions.sh find-hanging" in waits.remedy, "one that hangs is never aborted"
    done = judge([], [], missing, exactly_once=True)
    assert (done.state, done.text) == (
        "done",
        "no record of an unfinished transaction of MM2 is visible on the target",
    )


def test_partitions_of_the_target_that_have_lost_their_leader_end_no_failover() -> None:
    """The way out was to check the brokers, and no option went on with the others."""
    missing, dead = loss(NOW, at(99), look(PartitionLook(100, 99, 0))), ["east.orders-1: no leader"]
    waits = judge([], dead, missing, exactly_once=True)
    assert waits.state == "waiting"
    assert "add --accept-unread-partitions" in waits.remedy
    done = judge([], dead, missing, exactly_once=True, accept_unread=True)
    assert done.state == "done"
    assert done.text.endswith(
        "; 1 partition of the target could not be read (east.orders-1: no leader), which was accepted"
    )
    assert judge([COPY], dead, missing, exactly_once=True, accept_unread=True).state == "waiting"


def test_what_may_be_partial_is_named() -> None:
    missing = loss(NOW, at(79), look(PartitionLook(100, 79, 15)))
    told = judge([], [], missing, exactly_once=False)
    assert told.text == (
        "the mirror is at-least-once: the last records before the stop may be on the target twice; "
        "transactions of the source that wrote to several partitions may be mirrored in part: orders-0 were "
        "behind"
    )
    assert told.evidence["partitions_that_may_hold_part_of_a_transaction"] == ["orders-0"]
