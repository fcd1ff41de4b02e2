"""A record whose timestamp is of the past looks late at once: how soon it is mirrored tells."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from mirror.clients.records import Bounds, TopicPartition, Unread, Window
from mirror.clients.topics import Topics
from mirror.verify.checks.lag import judge
from mirror.verify.reading import parts
from mirror.verify.reading.lags import DRAINED_SECONDS, drained
from mirror.verify.reading.look import Look, Session, resource, sides, topics
from mirror.verify.reading.parts import SECOND_GLANCE_SECONDS
from mirror.verify.values.partition_lag import PartitionLag
from tests.unit.support.clock import Clock
from tests.unit.support.made_up import NOW, ORDERS, record, settings, window_of

YEAR = 365 * 86_400.0


def missing(end: int = 12, *, at_end: bool = True) -> PartitionLag:
    """The records from offset 10 on are not mirrored, of which two were read."""
    read = window_of([record(10, "a", age=YEAR), record(11, "b", age=YEAR)], 10, 12, at_end=at_end)
    return PartitionLag(ORDERS, 9, Bounds(0, end), read)


def looked(one: PartitionLag, moves_at: float, to: int, limit: float) -> tuple[PartitionLag, float]:
    """The same after it was looked at again, and the seconds of that; the position moves once."""
    clock = Clock()

    def positions() -> dict[TopicPartition, int]:
        return {ORDERS: to if clock.passed >= moves_at else 9}

    [seen] = drained([one], positions, NOW, limit, clock)
    return seen, clock.passed


def passes(one: PartitionLag) -> bool:
    return judge([one], max_lag_seconds=30, at=NOW).passed


def test_what_is_mirrored_a_moment_later_is_not_late() -> None:
    assert not passes(missing())
    seen, seconds = looked(missing(), 1, 11, SECOND_GLANCE_SECONDS)
    assert (seen.drained_seconds, seconds) == (1.0, 1.0)
    assert passes(seen)


def test_what_stays_missing_is_late_whatever_its_timestamp() -> None:
    seen, seconds = looked(missing(), 3, 11, SECOND_GLANCE_SECONDS)
    assert (seen.drained_seconds, seconds) == (None, 1.0)
    assert not passes(seen)


def test_a_busy_partition_of_which_not_all_was_read_is_judged_by_its_end() -> None:
    """5,000 records a second with the timestamps of a backfill: a healthy mirror failed at every look."""
    busy = missing(end=5_000, at_end=False)
    assert passes(looked(busy, 1, 7_000, SECOND_GLANCE_SECONDS)[0])
    assert passes(looked(busy, 1, 4_999, SECOND_GLANCE_SECONDS)[0])
    assert not passes(looked(busy, 1, 4_998, SECOND_GLANCE_SECONDS)[0]), "one of them may be missing"


def test_without_exactly_once_positions_are_committed_seconds_later() -> None:
    seen, seconds = looked(missing(), 5, 11, DRAINED_SECONDS)
    assert (seen.drained_seconds, seconds) == (5.0, 5.0)
    assert passes(seen)


@pytest.mark.parametrize("window", [None, Unread("no leader"), Window(10, 12, (), True)])
def test_where_no_record_was_read_there_is_nothing_to_look_for(window: Window | Unread | None) -> None:
    one = PartitionLag(ORDERS, 9, Bounds(0, 12), window)
    assert looked(one, 0, 11, SECOND_GLANCE_SECONDS) == (one, 0.0)


def read_twice(
    monkeypatch: pytest.MonkeyPatch, *found: PartitionLag, moves_at: float = 4, exactly_once: bool = True
) -> tuple[list[PartitionLag], float]:
    """The lags of a look, and for how many seconds it looked again; the position of orders-0 moves once."""
    clock, reader = Clock(), Mock()
    mirror_maker2: Mapping[str, Any] = {}
    before = {one.partition: one.position for one in found if one.position is not None}
    reader.read = lambda: {**before, ORDERS: 11} if clock.passed >= moves_at else before
    monkeypatch.setattr(parts, "read_lags", lambda *_: list(found))
    monkeypatch.setattr(parts, "drained", partial(drained, clock=clock))
    look = Look(Session(settings(exactly_once=exactly_once), Path(), ExitStack()), [parts.lags], NOW)
    look.give(sides, Mock())
    look.give(topics, Topics({}, {}, {}))
    look.give(resource, mirror_maker2)
    look.give(parts.committed, parts.Committed(before, at=NOW, reader=reader))
    return look.of(parts.lags), clock.passed


@pytest.mark.parametrize("exactly_once", [True, False])
def test_a_mirror_that_is_seconds_behind_is_not_late_by_old_timestamps(
    monkeypatch: pytest.MonkeyPatch, exactly_once: bool
) -> None:
    """With exactly-once it was looked at again after one second only, and failed at every look."""
    [seen], seconds = read_twice(monkeypatch, missing(), exactly_once=exactly_once)
    assert passes(seen)
    assert seconds == 4


def test_the_first_record_of_a_partition_may_be_old_where_its_topic_is_mirrored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was a finding until MM2 had committed its position: for seconds, after each partition was added."""
    first = replace(missing(), position=None, bounds=Bounds(10, 12))
    other = PartitionLag(TopicPartition("orders", 1), 9, Bounds(0, 10), None)
    seen, seconds = read_twice(monkeypatch, first, other)
    assert (judge(seen, max_lag_seconds=30, at=NOW).passed, seconds) == (True, 4)
    stays, _ = read_twice(monkeypatch, first, other, moves_at=99)
    assert not judge(stays, max_lag_seconds=30, at=NOW).passed
    begins, seconds = read_twice(monkeypatch, first)
    assert (judge(begins, max_lag_seconds=30, at=NOW).passed, seconds) == (False, 0), (
        "nothing is mirrored yet"
    )
