"""records-match: a window and its copy are compared; whatever single fault there is, it is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from hypothesis import given
from hypothesis import strategies as st

from mirror.clients.records import Record, Unread
from mirror.verify.checks.records_match import judge
from mirror.verify.comparison import Copy, _common, compare
from mirror.verify.values.probe import Probe, needs_more, probe_verdict
from tests.unit.support.made_up import ORDERS, record, records, window
from tests.unit.verify.probes import ONE, probe, whole

LOG = st.lists(st.integers(0, 1_000_000), min_size=6, max_size=40, unique=True)
"""The contents of a log, each record unlike the others."""


def log(contents: Sequence[int], start: int = 0, step: int = 1) -> list[Record]:
    return [record(start + step * index, f"r{one}") for index, one in enumerate(contents)]


def found(expected: str, copy: str, **more: object) -> list[str]:
    """The kinds of what is found."""
    return [one.kind for one in probe_verdict(probe(expected, copy, **more), exactly_once=True).differences]


@given(LOG, st.integers(1, 5), st.data())
def test_clean_windows_have_no_difference_wherever_they_are(
    contents: list[int], step: int, data: st.DataObject
) -> None:
    source, target = log(contents), log(contents, 500, step)
    start = data.draw(st.integers(0, len(source) - 1))
    end = data.draw(st.integers(start + 1, len(source)))
    assert compare(source[start:end], whole(target)).differences == ()
    before, after = data.draw(st.integers(0, start)), data.draw(st.integers(end, len(source)))
    seen = compare(source[start:end], Copy(target[before:after]))
    assert (seen.differences, seen.unclear, seen.same) == ((), False, end - start)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=6), st.lists(st.integers(0, 2), max_size=12))
def test_windows_that_stand_as_a_whole_are_aligned_as_difflib_aligns_them(
    ours: list[int], theirs: list[int]
) -> None:
    tokens, others = [(one, 0) for one in ours], [(one, 0) for one in theirs]
    blocks = SequenceMatcher(None, tokens, others, autojunk=False).get_matching_blocks()
    expected = [(block.a + step, block.b + step) for block in blocks for step in range(block.size)]
    assert _common(tokens, others) == expected


@given(LOG, st.sampled_from(["lost", "altered", "stamped", "alien", "doubled", "swapped"]), st.data())
def test_any_single_fault_within_a_window_is_found(
    contents: list[int], fault: str, data: st.DataObject
) -> None:
    source, target = log(contents), log(contents, 500)
    at = data.draw(st.integers(1, len(source) - 3))
    if fault == "lost":
        del target[at]
    elif fault == "altered":
        target[at] = target[at]._replace(content=-1)
    elif fault == "stamped":
        target[at] = target[at]._replace(timestamp=1)
    elif fault == "alien":
        target.insert(at, record(900, "alien")._replace(content=-1))
    elif fault == "doubled":
        target.insert(at + 1, target[at]._replace(offset=900))
    else:
        target[at], target[at + 1] = target[at + 1], target[at]
    kinds = {one.kind for one in compare(source, whole(target), first=True).differences}
    expected = {"lost": "missing", "stamped": "altered", "swapped": "out of order"}.get(fault, fault)
    assert expected in kinds
    assert kinds <= {expected, "missing"} if fault == "swapped" else kinds == {expected}


@given(LOG, st.data())
def test_a_fault_at_the_very_ends_is_found(contents: list[int], data: st.DataObject) -> None:
    source, target = log(contents), log(contents, 500)
    at = data.draw(st.sampled_from([0, len(source) - 1]))
    lost = [*target[:at], *target[at + 1 :]]
    seen = compare(source, whole(lost))
    assert [one.kind for one in (*seen.differences, *seen.short)] == ["missing"]
    inside = source[1:-1]
    edge = 1 if at == 0 else len(target) - 2
    lost = [*target[:edge], *target[edge + 1 :]]
    assert [one.source for one in compare(inside, whole(lost)).differences] == [source[edge]]


def test_several_faults_are_told_apart() -> None:
    assert found("abcdefgh", "abXdfgh") == ["altered", "missing"]
    assert sorted(found("abcdefgh", "abcdefgh")) == []
    assert found("abcd", "abzcd") == ["alien"]
    assert found("abcd", "abbcd") == ["doubled"]
    assert set(found("abcdefg", "abedcfg")) <= {"out of order"}


def test_markers_and_aborted_records_take_offsets_and_make_no_difference() -> None:
    assert found("ab.cd..e", "a.b..c.d.e.") == []


def test_what_stands_before_the_first_record_is_alien_and_else_surroundings() -> None:
    assert found("cde", "abcdefg") == []
    assert found("cde", "abcde", first=True) == ["alien", "alien"]


def test_a_cut_log_has_lost_its_head_for_good_reason_and_a_whole_one_has_not() -> None:
    copy = Copy(records("defg", 50), from_start=True, at_end=True, cut=True)
    seen = compare(records("abcdefg"), copy)
    assert (seen.differences, seen.removed) == ((), 3)
    seen = compare(records("abcdefg"), whole(records("defg", 50)))
    assert [one.kind for one in seen.differences] == ["missing"] * 3


def test_what_was_not_read_far_enough_needs_more() -> None:
    assert needs_more(Probe(ORDERS, ORDERS, "middle", window("cdef")))
    for part in ("def", "cde", "xyz"):
        assert needs_more(Probe(ORDERS, ORDERS, "middle", window("cdef"), Copy(records(part))))
    assert not needs_more(Probe(ORDERS, ORDERS, "middle", window("cdef"), Copy(records("cdef"))))
    assert not needs_more(Probe(ORDERS, ORDERS, "middle", Unread("gone")))


def test_a_window_that_is_not_found_is_a_finding() -> None:
    lost = Probe(ORDERS, ORDERS, "middle", window("cdef"), Copy(records("uvwxyz", 20)))
    [finding] = judge([lost], ONE, exactly_once=True).findings
    assert "offsets 0 to 3 is not among the 6 records" in finding.message
    gone = probe_verdict(replace(lost, gone=True), exactly_once=True)
    assert gone.state == "not-comparable"


def test_all_records_of_a_target_that_was_emptied_are_missing() -> None:
    assert found("abc", "") == ["missing"] * 3


def test_what_is_missing_at_the_very_end_is_left_to_tail_matches_where_that_is_judged() -> None:
    short = [probe("abcdef", "abcd")]
    assert not judge(short, ONE, exactly_once=True).passed
    assert judge(short, ONE, exactly_once=True, ends_elsewhere=True).passed
    assert not judge([probe("abcdef", "acd")], ONE, exactly_once=True, ends_elsewhere=True).passed


def test_an_at_least_once_mirror_may_write_again_and_says_so() -> None:
    again = [probe("abcdef", "abcdbcdef")]
    assert not judge(again, ONE, exactly_once=True).passed
    result = judge(again, ONE, exactly_once=False)
    assert result.passed
    assert "3 are there twice" in result.summary


def test_records_behind_foreign_ones_are_not_missing() -> None:
    """The copy is read on: as far as it was read, the rest may follow."""
    ends = Copy(records("abxyz", 100), from_start=True)
    assert compare(records("abcd"), ends).unclear
    begins = Copy(records("xyzcd", 100), at_end=True)
    assert compare(records("abcd"), begins).unclear
    assert [one.kind for one in compare(records("abcd"), whole(records("abxyzcd"))).differences] == [
        "alien"
    ] * 3


def test_a_cut_log_that_only_the_targets_producers_fill_is_not_comparable() -> None:
    written = Copy(records("xyz", 100), from_start=True, at_end=True, cut=True)
    one = Probe(ORDERS, ORDERS, "whole", window("abcd"), written, gone=True)
    assert probe_verdict(one, exactly_once=True).state == "not-comparable"
    assert probe_verdict(replace(one, gone=False), exactly_once=True).state == "different"


def test_arrival_stamps_of_the_target_are_no_difference() -> None:
    target = [one._replace(timestamp=9, no_producer_time=True) for one in records("abcd", 50)]
    assert compare(records("abcd"), whole(target)).differences == ()
