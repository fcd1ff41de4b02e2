"""A record whose timestamp is in the future is never old: how long it stays missing tells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.verify.checks.lag import judge
from mirror.verify.reading.lags import watched
from mirror.verify.values.partition_lag import PartitionLag
from tests.unit.support.clock import Clock
from tests.unit.support.made_up import NOW, ORDERS, record, window_of

HOUR = 3600.0


def missing(age: float, position: int | None = 9) -> PartitionLag:
    """Two records, from offset 10 on, are not mirrored."""
    found = [record(10, "a", age=age), record(11, "b", age=age)]
    return PartitionLag(ORDERS, position, Bounds(0, 12), window_of(found, 10, 12))


def passes(one: PartitionLag, allowed: float = 30) -> bool:
    return judge([one], max_lag_seconds=allowed, at=NOW).passed


def watch(
    one: PartitionLag, moves_at: float = float("inf"), allowed: float = 30
) -> tuple[PartitionLag, float]:
    """The same after it was watched, and the seconds of that; the position moves after `moves_at` seconds."""
    clock = Clock()

    def positions() -> dict[TopicPartition, int]:
        return {ORDERS: 10 if clock.passed >= moves_at else 9}

    [seen] = watched([one], positions, NOW, allowed, clock)
    return seen, clock.passed


def test_a_mirror_that_stands_still_before_a_record_of_tomorrow_is_behind() -> None:
    one = missing(age=-8 * HOUR)
    assert passes(one), "its timestamp says that it was written a moment ago"
    seen, seconds = watch(one)
    assert not passes(seen)
    assert seconds == 31


def test_a_mirror_that_goes_on_is_not_behind_and_is_watched_no_longer_than_needed() -> None:
    seen, seconds = watch(missing(age=-8 * HOUR), moves_at=2)
    assert passes(seen)
    assert seconds == 2


def test_nothing_is_waited_for_where_the_timestamp_tells_the_age() -> None:
    for age in (0.5, 95.0, -2.0):
        seen, seconds = watch(missing(age=age))
        assert (seen, seconds) == (missing(age=age), 0)


@pytest.mark.parametrize("one", [
    PartitionLag(ORDERS, 9, Bounds(0, 10), None),
    PartitionLag(ORDERS, 9, Unread("no leader"), None),
    replace(missing(age=-HOUR), window=Unread("not authorized")),
])  # fmt: skip
def test_what_was_not_read_is_not_watched(one: PartitionLag) -> None:
    assert watch(one) == (one, 0)


def test_an_hour_of_allowed_lag_is_no_hour_of_watching() -> None:
    seen, seconds = watch(missing(age=-8 * HOUR), allowed=HOUR)
    assert seconds == 121
    assert passes(seen, allowed=HOUR)


def test_a_partition_without_a_position_is_watched_too() -> None:
    seen, _ = watch(missing(age=-8 * HOUR, position=None))
    assert seen.waited_seconds > 30
