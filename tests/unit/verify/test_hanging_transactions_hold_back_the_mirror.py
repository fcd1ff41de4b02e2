"""Behind a transaction that never ends nothing is mirrored, and no lag shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import cast

import pytest
from confluent_kafka import IsolationLevel

from mirror.clients.cluster import Cluster
from mirror.clients.records import Bounds, TopicPartition
from mirror.verify.checks.lag import judge
from mirror.verify.reading import tails
from mirror.verify.reading.held_back import (
    GLANCE_SECONDS,
    TOO_LONG_SECONDS,
    WATCH_SECONDS,
    held_now,
    read_held_back,
)
from mirror.verify.reading.tails import with_hidden
from mirror.verify.values.partition_lag import HeldBack, OpenTransactions, PartitionLag
from mirror.verify.values.tail import tail_verdict
from tests.unit.support.clock import Clock
from tests.unit.support.made_up import NOW, ORDERS, records, window
from tests.unit.verify.tails import tail

ALLOWED = 30.0


class Source(Clock):
    """One partition: `stamps` are its records' timestamps, in seconds before now. A transaction is open from
    offset `open_from` on, for `lasts` more seconds; `grows`: records that are written after each answer."""

    def __init__(
        self, stamps: list[float], open_from: int | None, lasts: float = 1e9, grows: int = 0
    ) -> None:
        super().__init__()
        self.stamps, self.open_from, self.lasts, self.grows = list(stamps), open_from, lasts, grows
        self.asked = 0
        self.known = OpenTransactions()

    def ends(self, _: Iterable[TopicPartition], isolation: IsolationLevel) -> dict[TopicPartition, int]:
        self.asked += 1
        end = len(self.stamps)
        if (
            isolation is IsolationLevel.READ_COMMITTED
            and self.open_from is not None
            and self.passed < self.lasts
        ):
            end = self.open_from
        self.stamps += [0.0] * self.grows
        return {ORDERS: end}

    def offsets_at_each(
        self, questions: Iterable[Mapping[TopicPartition, int]]
    ) -> list[dict[TopicPartition, int]]:
        found: list[dict[TopicPartition, int]] = []
        for asked in questions:
            young = [at for at, age in enumerate(self.stamps) if (NOW - age) * 1000 >= asked[ORDERS]]
            found.append({ORDERS: young[0]} if young else {})
        return found

    def held(self) -> dict[TopicPartition, HeldBack]:
        return read_held_back(cast(Cluster, self), [ORDERS], ALLOWED, self.known, self)


def test_a_hanging_transaction_is_found_with_all_that_waits_behind_it() -> None:
    source = Source([5_000, 4_000, 2_000, 10, 1], open_from=1)
    assert source.held() == {ORDERS: HeldBack(1, 4, too_long=True)}
    assert source.passed == WATCH_SECONDS


def test_what_an_earlier_look_has_watched_is_not_watched_again() -> None:
    source = Source([5_000, 4_000, 2_000, 10, 1], open_from=1)
    found = source.held()
    assert source.held() == found
    assert source.passed == WATCH_SECONDS
    source.open_from = 2
    assert source.held() == {ORDERS: HeldBack(2, 3, too_long=True)}
    assert source.passed == 2 * WATCH_SECONDS, "that was another transaction"


@pytest.mark.parametrize(
    "stamps",
    [
        pytest.param([5_000, 4_000, 3_000, 2_000], id="nobody writes any more"),
        pytest.param([10, 9e7, 9e7, 1], id="timestamps in no order"),
    ],
)
def test_one_that_a_session_has_seen_for_longer_than_kafka_allows_hangs(stamps: list[float]) -> None:
    """Others have committed behind it: `lag` passed, and a failover was told that 0 records were missing."""
    source = Source(stamps, open_from=1)
    assert not any(one.too_long for one in source.held().values())
    source.sleep(TOO_LONG_SECONDS - 20)
    assert not any(one.too_long for one in source.held().values())
    source.sleep(30)
    assert source.held() == {ORDERS: HeldBack(1, 3, too_long=True)}


def test_a_broker_that_does_not_answer_once_does_not_end_what_is_open() -> None:
    """A leader moves while brokers restart: the partition is left out of one look."""
    known = OpenTransactions()
    known.look({ORDERS: 5}, 0.0)
    assert known.look({}, 500.0, unread=[ORDERS]) == {}
    assert known.look({ORDERS: 5}, 1000.0) == {ORDERS: 1000.0}
    assert known.look({}, 1100.0) == {}, "it has ended"
    assert known.look({ORDERS: 5}, 1200.0) == {ORDERS: 0.0}


def test_transactions_that_follow_each_other_do_not_hang() -> None:
    """Flink's, of a minute each, with the times of events: one is always open."""
    source = Source([9e7] * 4, open_from=1)
    for _ in range(40):
        assert not any(one.too_long for one in source.held().values())
        source.sleep(60)
        source.open_from, source.stamps = len(source.stamps), source.stamps + [9e7] * 3


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(Source([50, 40, 30], None), id="no transaction"),
        pytest.param(Source([50, 40, 30], None, grows=7), id="records that are written between two answers"),
        pytest.param(Source([50, 20, 10], open_from=1), id="a young transaction"),
    ],
)
def test_what_is_written_now_is_none_and_nothing_is_waited_for(source: Source) -> None:
    assert source.held() == {}
    assert source.passed == 0


def test_old_timestamps_in_a_transaction_that_ends_are_none() -> None:
    """The copy of a copy: MM2 writes records of years ago in transactions of a second."""
    assert Source([9e7, 9e7, 9e7], open_from=1, lasts=1).held() == {}
    assert Source([9e7, 9e7, 9e7, 1], open_from=1, lasts=5).held() == {}


@pytest.mark.parametrize(
    "stamps",
    [
        pytest.param([9e7, 9e7, 9e7, 9e7], id="only events of the past"),
        pytest.param([5_000, 4_000, 3_000, 2_000], id="nobody writes any more"),
    ],
)
def test_without_a_younger_record_behind_it_timestamps_do_not_tell_how_long_it_is_open(
    stamps: list[float],
) -> None:
    """Flink writes the time of the event, and its transactions last as long as its checkpoints."""
    assert Source(stamps, open_from=1).held() == {ORDERS: HeldBack(1, 3, too_long=False)}


def test_younger_records_before_it_show_that_timestamps_are_not_in_order() -> None:
    assert Source([10, 9e7, 9e7, 1], open_from=1).held() == {}


def test_a_long_transaction_that_kafka_allows_is_reported_and_does_not_fail() -> None:
    """Flink's sink commits with its checkpoints, every some minutes."""
    source = Source([500, TOO_LONG_SECONDS - 100, 10], open_from=1)
    found = source.held()
    assert source.passed == GLANCE_SECONDS
    assert found == {ORDERS: HeldBack(1, 2, too_long=False)}
    result = judge([PartitionLag(ORDERS, 0, Bounds(0, 1), None)], max_lag_seconds=30, at=NOW, held=found)
    assert result.passed
    assert result.summary.endswith(
        "a transaction has been open for more than 30 s on orders-0: what follows it is mirrored when it ends"
    )
    assert result.facts["held_back"] == {"orders-0": 2}


def test_a_hanging_one_fails_although_every_visible_record_is_mirrored() -> None:
    mirrored = PartitionLag(ORDERS, 0, Bounds(0, 1), None)
    assert judge([mirrored], max_lag_seconds=30, at=NOW).passed
    result = judge([mirrored], max_lag_seconds=30, at=NOW, held={ORDERS: HeldBack(1, 4, too_long=True)})
    [finding] = result.findings
    assert (
        "a transaction that began at offset 1 has been open for longer than Kafka allows" in finding.message
    )
    assert "up to 4 records from there on" in finding.message
    assert "abort --topic orders --partition 0 --start-offset 1" in finding.remedy
    assert result.summary.startswith("1 of 1 partitions are behind")


def test_on_the_target_copies_behind_it_are_hidden_and_not_lost() -> None:
    """The remedies were to mirror them again, which writes them twice, and to delete the topic."""
    lost = tail(records("abcd", 10)[-1], before=window("abcde"))
    emptied = tail(None, before=window("abcde"))
    other = tail(records("x", 10)[-1])
    for one in (lost, emptied, other):
        for_sure = tail_verdict(one, NOW).finding
        assert for_sure is not None
        assert "The next steps" in for_sure.remedy
        hidden = tail_verdict(replace(one, held=HeldBack(14, 6, too_long=False)), NOW).finding
        assert hidden is not None
        assert "a transaction that began at offset 14 on the target has not ended: up to 6" in hidden.message
        assert "mirror nothing again" in hidden.remedy
        assert "--topic orders --partition 0 --start-offset 14" in hidden.remedy
        assert "The next steps" not in hidden.remedy
    same = tail(records("f", 10)[-1], held=HeldBack(14, 6, too_long=False))
    assert tail_verdict(same, NOW).state == "same", "nothing that is mirrored is behind it"


@pytest.mark.parametrize(("lasts", "hides"), [(1e9, True), (GLANCE_SECONDS - 1, False)])
def test_only_where_the_tail_looks_wrong_the_target_is_asked_for_open_transactions(
    monkeypatch: pytest.MonkeyPatch, lasts: float, hides: bool
) -> None:
    """One of MM2's own ends within a glance."""
    target = Source([0.0] * 20, 14, lasts)
    monkeypatch.setattr(tails, "held_now", partial(held_now, clock=target))
    lost = tail(records("abcd", 10)[-1], before=window("abcde"))
    [found] = with_hidden(cast(Cluster, target), [lost], NOW)
    assert found.held == (HeldBack(14, 6, too_long=False) if hides else None)
    asked = target.asked
    same = tail(records("f", 10)[-1])
    assert with_hidden(cast(Cluster, target), [same], NOW) == [same]
    assert target.asked == asked
