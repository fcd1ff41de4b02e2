"""How old a last look says the records are that a failover would miss, where timestamps do not tell."""

from __future__ import annotations

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.last_look.record import LastLook
from mirror.last_look.take import take
from mirror.status.snapshot import PartitionSeen, Snapshot, Waiting
from tests.unit.support.made_up import NOW, ORDERS

OTHER = TopicPartition("orders", 1)
LONG_AGO = 1_000_000_000_000
"""A timestamp of 2001, as a backfill or events may have."""


def looked(at: float, before: LastLook | None, *partitions: PartitionSeen) -> LastLook:
    made = take(Snapshot("east-to-west", "east", "west", at, 0.5, 30.0, partitions), "exporter", before)
    assert made is not None
    return made


def in_flight(first: int, end: int, at: float, before: LastLook | None, oldest: int = LONG_AGO) -> LastLook:
    """A look that sees some records, from `first` on, which are not mirrored yet."""
    waiting = Waiting(end - first, True, first, oldest)
    return looked(at, before, PartitionSeen(ORDERS, first - 1, Bounds(0, end), waiting))


def test_records_with_timestamps_of_the_past_are_as_old_as_the_look_that_did_not_see_them() -> None:
    """A failover of a healthy mirror would have missed the records of 23 years, and the alert fired."""
    first = in_flight(8, 10, NOW, None)
    assert first.covered_until == LONG_AGO / 1000, "nothing is known of when they came"
    second = in_flight(300, 310, NOW + 30, first)
    assert second.covered_until == NOW
    third = in_flight(600, 610, NOW + 60, second)
    assert third.covered_until == NOW + 30
    stalled = in_flight(600, 900, NOW + 90, third)
    assert stalled.covered_until == NOW + 30, "the same records still wait"
    assert in_flight(650, 999, NOW + 120, stalled).covered_until == NOW + 30, "some of the same"


def test_a_record_without_a_timestamp_is_not_of_1970() -> None:
    """-1 is no time (`RecordBatch.NO_TIMESTAMP`): a failover would have missed the records of 56 years."""
    first = in_flight(8, 10, NOW, None, -1)
    assert (first.covered_until, first.unaged) == (NOW, 1)
    stalled = in_flight(8, 20, NOW + 30, first, -1)
    assert (stalled.covered_until, stalled.unaged) == (NOW + 30, 1)
    second = in_flight(300, 310, NOW + 60, stalled, -1)
    assert (second.covered_until, second.unaged) == (NOW + 30, 0)


def test_a_timestamp_that_may_be_true_counts() -> None:
    """A transaction that was open at the look before has hidden records from it, for 15 minutes at most."""
    before = in_flight(8, 10, NOW, None, int(NOW * 1000) - 50)
    hidden = int(NOW - 600) * 1000
    assert in_flight(300, 310, NOW + 30, before, hidden).covered_until == NOW - 600


def test_a_look_that_could_not_read_a_partition_says_nothing_of_when_its_records_came() -> None:
    idle = PartitionSeen(ORDERS, 7, Bounds(0, 8), Waiting(0))
    silent = PartitionSeen(ORDERS, 7, Unread("no leader"), Unread("no leader"))
    other = PartitionSeen(OTHER, 7, Bounds(0, 8), Waiting(0))
    whole = looked(NOW, None, idle, other)
    half = looked(NOW + 30, whole, silent, other)
    assert in_flight(8, 20, NOW + 60, half).covered_until == NOW, "half a minute before it was not read"
    uncounted = idle._replace(source=Bounds(0, 30), waiting=Waiting(22, False))
    unaged = looked(NOW + 30, looked(NOW, None, uncounted, other), silent, other)
    assert in_flight(8, 40, NOW + 60, unaged).covered_until == LONG_AGO / 1000
