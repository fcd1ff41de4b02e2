"""records-match: the verdict over one window, and whether more of the target has to be read for it."""

from __future__ import annotations

from dataclasses import replace

from mirror.clients.records import Unread
from mirror.verify.comparison import Copy
from mirror.verify.values.probe import Probe, ProbeVerdict, common, needs_more, probe_verdict
from tests.unit.support.made_up import ORDERS, records, window
from tests.unit.verify.probes import probe

UNREAD = Unread("no leader")
NOT_READ = Probe(ORDERS, ORDERS, "head", window("abc"))


def test_an_at_least_once_mirror_may_double_records_and_lose_none() -> None:
    one = probe("abcdef", "abbdef")
    found = probe_verdict(one, exactly_once=False)
    assert (found.state, found.doubled) == ("different", 0)
    both = probe_verdict(probe("abcdefgh", "abbcdeXgh"), exactly_once=False)
    assert (both.state, both.same, both.doubled) == ("different", 7, 1)
    assert [each.kind for each in both.differences] == ["altered"]
    assert probe_verdict(probe("abcd", "abbcd"), exactly_once=False) == ProbeVerdict("same", 4, doubled=1)


def test_an_exactly_once_mirror_has_doubled_none() -> None:
    found = probe_verdict(probe("abcd", "abbcd"), exactly_once=True)
    assert (found.state, found.doubled, [each.kind for each in found.differences]) == (
        "different",
        0,
        ["doubled"],
    )


def test_a_window_without_records_is_the_same_and_needs_nothing() -> None:
    empty = replace(NOT_READ, window=window("..."))
    assert probe_verdict(empty, exactly_once=True) == ProbeVerdict("same")
    assert not needs_more(empty)


def test_a_window_whose_copy_was_not_read_is_no_pass() -> None:
    assert probe_verdict(NOT_READ, exactly_once=True) == ProbeVerdict(
        "different",
        reason=(
            "the copy of source offsets 0 to 2 is not among the 0 records of the target that were read "
            "around its place"
        ),
    )
    assert needs_more(NOT_READ)


def test_the_side_that_cannot_be_read_is_named() -> None:
    source, target = replace(NOT_READ, window=UNREAD), replace(NOT_READ, copy=UNREAD)
    assert source.records == ()
    for one, side in ((source, "source"), (target, "target")):
        reason = f"it could not be read on the {side}: no leader"
        assert probe_verdict(one, exactly_once=True) == ProbeVerdict("different", reason=reason)
        assert not needs_more(one)


def test_a_cut_log_that_shows_nothing_of_the_window_is_not_compared() -> None:
    written = Copy(records("xyz", 100), from_start=True, at_end=True, cut=True)
    assert probe_verdict(replace(NOT_READ, copy=written, gone=True), exactly_once=True) == ProbeVerdict(
        "not-comparable", reason="the target's log was cut, at a record that the source does not show"
    )


def test_of_two_stretches_the_one_with_more_of_the_window_is_known() -> None:
    assert common(NOT_READ) == -1
    assert common(replace(NOT_READ, copy=Copy(records("xyz")))) == 0
    assert common(replace(NOT_READ, copy=Copy(records("bc")))) == 2
