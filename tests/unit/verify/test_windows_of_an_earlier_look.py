"""A process that looks every minute does not read again what was the same: the exporter's records-match."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

import pytest

from mirror.clients.records import TopicPartition
from mirror.exporter.connections import Connections
from mirror.verify.checks.records_match import judge
from mirror.verify.reading.windows import _Reading
from mirror.verify.values.matched_windows import KEPT_SECONDS, Begins, MatchedWindows
from mirror.verify.values.memory import Memory
from mirror.verify.values.probe import Probe, Sample, probe_verdict
from tests.unit.support.made_up import ORDERS, settings
from tests.unit.verify import test_windows_are_read_where_they_are as plain
from tests.unit.verify.probes import compacted, probe

mocks, reading = plain.mocks, plain.reading
BEGINS = Begins(0, 0)


def head(expected: str = "abc", copy: str = "abcd") -> Probe:
    return replace(probe(expected, copy), place="head")


def kept(*probes: Probe, exactly_once: bool = True) -> MatchedWindows:
    made = MatchedWindows()
    for one in probes:
        made.keep(one, BEGINS, 100.0, exactly_once=exactly_once)
    return made


def test_a_head_that_was_the_same_is_not_read_for_ten_minutes() -> None:
    made = kept(head())
    seen = made.of(ORDERS, "head", BEGINS, 100.0 + KEPT_SECONDS - 1)
    assert seen is not None
    assert probe_verdict(seen, exactly_once=True) == probe_verdict(head(), exactly_once=True)
    assert made.of(ORDERS, "head", BEGINS, 100.0 + KEPT_SECONDS) is None


@pytest.mark.parametrize("begins", [Begins(1, 0), Begins(0, 1)])
def test_it_is_read_where_a_log_begins_elsewhere(begins: Begins) -> None:
    assert kept(head()).of(ORDERS, "head", begins, 101.0) is None


def test_what_differs_is_not_kept() -> None:
    assert kept(head("abc", "abx")).of(ORDERS, "head", BEGINS, 101.0) is None


def test_copies_that_are_there_twice_are_counted_in_each_look() -> None:
    seen = kept(head("abc", "abbc"), exactly_once=False).of(ORDERS, "head", BEGINS, 101.0)
    assert seen is not None
    assert probe_verdict(seen, exactly_once=False).doubled == 1


@pytest.mark.parametrize("place", ["whole", "middle", "tail"])
def test_what_grows_or_moves_is_read_in_each_look(place: str) -> None:
    assert kept(replace(head(), place=place)).of(ORDERS, place, BEGINS, 101.0) is None


def test_a_middle_for_which_both_logs_were_read_whole_is_kept() -> None:
    one = replace(compacted("k1 j1 k2", "j1 k2"), place="middle")
    assert kept(one).of(ORDERS, "middle", BEGINS, 101.0) is not None


def test_it_does_not_become_younger_by_being_used() -> None:
    made = kept(head())
    seen = made.of(ORDERS, "head", BEGINS, 500.0)
    assert seen is not None
    made.keep(seen, BEGINS, 500.0, exactly_once=True)
    assert made.of(ORDERS, "head", BEGINS, 100.0 + KEPT_SECONDS) is None


def test_of_a_partition_where_something_is_wrong_all_is_read_again() -> None:
    other = TopicPartition("orders", 7)
    made = kept(head(), replace(head(), partition=other))
    made.forget({ORDERS})
    assert made.of(ORDERS, "head", BEGINS, 101.0) is None
    assert made.of(other, "head", BEGINS, 101.0) is not None


def test_it_holds_two_records_of_a_window_and_none_of_the_copy() -> None:
    seen = kept(head("abcdef", "abcdef")).of(ORDERS, "head", BEGINS, 101.0)
    assert seen is not None
    assert [one.offset for one in seen.records] == [0, 5]
    assert seen.copy is None


def test_the_report_says_so() -> None:
    seen = kept(head()).of(ORDERS, "head", BEGINS, 101.0)
    assert seen is not None
    assert "3 records in 1 window of 1 partition are the same, in order; 1 window of an earlier look" in (
        judge([seen], Sample(1, 1), exactly_once=True).summary
    )


def looks(reading: _Reading, positions: Mapping[TopicPartition, int], count: int) -> list[list[Probe]]:
    found = []
    for _ in range(count):
        probes = plain.probes(reading, positions)
        reading.remember(probes, (), exactly_once=True)
        found.append(probes)
    return found


def test_the_second_look_reads_middles_and_tails(reading: _Reading) -> None:
    reading._kept = MatchedWindows()
    first, second = looks(reading, {plain.GOOD: 399, plain.SHORT: 4}, 2)
    assert [(one.place, one.before is None) for one in first] == [
        ("head", True),
        ("middle", True),
        ("tail", True),
        ("whole", True),
    ]
    assert [(one.place, one.before is None) for one in second] == [
        ("head", False),
        ("middle", True),
        ("tail", True),
        ("whole", True),
    ]


def test_after_ten_minutes_it_reads_the_head_again(
    reading: _Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading._kept = MatchedWindows()
    looks(reading, {plain.GOOD: 399}, 1)
    later = time.monotonic() + KEPT_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: later)
    [head, *_] = plain.probes(reading, {plain.GOOD: 399})
    assert (head.place, head.before) == ("head", None)


def test_a_proof_reads_all_windows_in_each_look(reading: _Reading) -> None:
    assert Memory().matched is None
    assert all(one.before is None for one in looks(reading, {plain.GOOD: 399}, 2)[1])


def test_the_exporter_keeps_them_beyond_its_connections(tmp_path: object) -> None:
    opened = Connections(settings(), tmp_path)  # type: ignore[arg-type]
    assert opened._memory.matched is not None
