"""tail-matches: what compaction and retention removed is not missing; anything else is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mirror.clients.records import Bounds, Record, Unread
from mirror.verify.values.tail import tail_verdict
from tests.unit.support.made_up import NOW, record, records, window, window_of
from tests.unit.verify.tails import judged, state, tail


def test_a_target_emptied_by_retention_cannot_be_compared() -> None:
    old = window_of([record(5, "f", age=7200)], 5, 8)
    one = tail(None, target=Bounds(20, 20), window=old, target_retention_ms=3_600_000)
    assert state(one) == "not-comparable"
    assert state(tail(None, target=Bounds(20, 20), window=old, target_retention_ms=-1)) == "different"


def test_retention_on_the_source_is_told_and_is_no_failure() -> None:
    one = tail(record(17, "f"), source=Bounds(7, 8), window=window("h", 7))
    result = judged(one)
    assert result.passed
    assert "not comparable: orders-0 (retention has removed that part of the source)" in result.summary


def test_a_producers_later_record_of_a_key_may_have_compacted_the_mirrored_one() -> None:
    source = [record(4, "e", key="j"), record(5, "f", key="k")]
    copy = [record(10, "e", key="j"), record(13, "new", key="k", age=0.5)]
    values: dict[str, Any] = {
        "before": window_of(source[:1], 0, 5),
        "window": window_of(source[1:], 5, 6),
        "on_target": window_of(copy, 10, 14),
    }
    assert state(tail(copy[-1], compacted=True, **values)) == "moved"
    assert state(tail(copy[-1], **values)) == "different"
    older = record(13, "cleaned away on the source", key="k", age=2)
    values["on_target"] = window_of([copy[0], older], 10, 14)
    assert state(tail(older, compacted=True, **values)) == "different"


def test_a_compacted_source_may_have_lost_the_newest_record_to_a_newer_one() -> None:
    newest = record(17, "old", key="k")
    later = window_of([record(7, "new", key="k")], 5, 8)
    assert state(tail(newest, window=later, compacted=True)) == "not-comparable"
    assert state(tail(newest, window=later)) == "different"


def test_compaction_excuses_nothing_where_no_record_is_gone() -> None:
    altered = record(17, "bad", key="k")
    intact = window_of([record(5, "good", key="k"), record(6, "x"), record(7, "y")], 5, 8)
    assert state(tail(altered, window=intact, compacted=True, before=window("abcde"))) == "different"


def test_compaction_may_have_removed_the_newest_tombstones_on_the_target() -> None:
    gone = window_of([record(5, "gone", key="k", tombstone=True)], 5, 6)
    one = tail(record(14, "e"), window=gone, before=window("abcde"), compacted=True)
    assert state(one) == "not-comparable"
    kept = window_of([record(5, "kept", key="k")], 5, 6)
    assert state(tail(record(14, "e"), window=kept, before=window("abcde"), compacted=True)) == "different"


def test_what_the_source_lost_too_cannot_be_compared() -> None:
    for one in (
        tail(None, target=Bounds(20, 20), window=window("gh", 6)),
        tail(None, target=Bounds(20, 20), window=window("", 6)),
        tail(None, target=Bounds(20, 20), window=None),
    ):
        verdict = tail_verdict(one, NOW)
        assert (verdict.state, verdict.reason) == ("not-comparable", "its records are gone from both sides")


def test_retention_may_empty_a_target_only_after_its_time_and_only_by_moving_its_start() -> None:
    old = window_of([record(5, "f", age=3600)], 5, 8)
    values: dict[str, Any] = {"window": old, "target_retention_ms": 3_600_000}
    assert state(tail(None, target=Bounds(20, 20), **values)) == "different", "just as old as allowed"
    values["target_retention_ms"] = 3_599_999
    emptied = tail_verdict(tail(None, target=Bounds(20, 20), **values), NOW)
    assert (emptied.state, emptied.reason) == (
        "not-comparable",
        "retention has emptied it on the target",
    )
    assert state(tail(None, target=Bounds(1, 1), **values)) == "not-comparable"
    assert state(tail(None, target=Bounds(0, 0), **values)) == "different", "it was created again"
    values["target_retention_ms"] = None
    assert state(tail(None, target=Bounds(20, 20), **values)) == "different"
    values["target_retention_ms"] = 0
    assert state(tail(None, target=Bounds(20, 20), **values)) == "not-comparable"


def test_retention_on_the_source_is_what_has_moved_its_start_past_the_position() -> None:
    newest, values = record(17, "X"), {"before": window("abcde")}
    assert state(tail(newest, source=Bounds(6, 8), window=window("gh", 6), **values)) == "not-comparable"
    assert state(tail(newest, source=Bounds(5, 8), **values)) == "different"
    without: dict[str, Any] = {"position": None, "window": window("fgh", 5), **values}
    assert state(tail(newest, source=Bounds(5, 8), **without)) == "not-comparable"
    assert state(tail(newest, source=Bounds(1, 8), **without)) == "not-comparable"


def test_compaction_on_the_source_needs_a_hole_and_a_later_record_of_the_key() -> None:
    newest, values = record(17, "old", key="k"), {"compacted": True, "before": window("abcde")}

    def reason(found: list[Record], **more: Any) -> str:
        return tail_verdict(tail(newest, window=window_of(found, 5, 9), **{**values, **more}), NOW).reason

    removed = "compaction removed the record on the source"
    assert reason([record(6, "new", key="k")]) == removed
    assert reason([record(5, "x"), record(7, "new", key="k")]) == removed, "the hole at 6"
    assert reason([record(5, "x"), record(7, "y"), record(8, "new", key="k")]) == removed
    assert reason([record(5, "x"), record(6, "new", key="k")]) != removed, "no hole"
    assert reason([record(5, "new", key="k"), record(7, "y")]) != removed, "the hole is after the key"
    assert reason([record(6, "y")]) != removed, "nothing supersedes it"


def test_a_tombstone_may_be_gone_from_the_source_without_a_successor() -> None:
    newest = record(17, "gone", key="k", tombstone=True)
    values: dict[str, Any] = {"compacted": True, "before": window("abcde")}
    one = tail(newest, window=window_of([record(6, "x")], 5, 9), **values)
    assert tail_verdict(one, NOW).reason == "compaction removed the record on the source"
    one = tail(newest, window=window("", 6), **values)
    assert tail_verdict(one, NOW).reason == "compaction removed the tombstone on the source"
    assert state(replace(one, newest=record(17, "kept", key="k"))) != "not-comparable"
    assert state(tail(newest, window=window("fg", 5), **values)) == "different"


def test_tombstones_alone_may_be_missing_at_the_tail_of_a_compacted_target() -> None:
    def ends_in_b(*after: Record, compacted: bool = True) -> str:
        before = window_of([*records("ab"), *after], 0, 5)
        gone = window_of([record(5, "gone", key="k", tombstone=True), record(6, "waiting")], 5, 7)
        return state(tail(record(12, "b"), before=before, window=gone, compacted=compacted))

    assert ends_in_b() == "not-comparable"
    assert ends_in_b(compacted=False) == "different"
    assert ends_in_b(record(3, "old", key="l", tombstone=True)) == "not-comparable"
    assert ends_in_b(record(3, "kept", key="l")) == "different"


def test_an_emptied_target_is_found_though_the_record_at_the_position_was_compacted() -> None:
    """A newer record of its key waits for the mirror; the source still has what was mirrored before."""
    source = [record(3, "d", key="j"), record(4, "", key="k", tombstone=True)]
    waits = window_of([record(7, "h", key="f")], 5, 8)
    one = tail(None, target=Bounds(0, 0), window=waits, before=window_of(source, 0, 5), compacted=True)
    assert state(one) == "different"
    only_tombstones = replace(one, before=window_of(source[1:], 0, 5))
    assert state(only_tombstones) == "not-comparable"
    assert state(replace(only_tombstones, compacted=False)) == "different"
    assert state(replace(one, start=4)) == "not-comparable", "they were left out on purpose"
    assert state(replace(one, before=None)) == "not-comparable"
    assert state(replace(one, before=Unread("no leader"))) == "different"
