"""records-match on a compacted topic: what explains a difference, each reason alone, and what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mirror.clients.records import Record
from mirror.verify.comparison import ALIVE, Copy, RecordDifference
from mirror.verify.values.compacted import Later, unexplained, unpaired
from mirror.verify.values.probe import Probe, ProbeVerdict, probe_verdict
from tests.unit.support.made_up import ORDERS, window_of
from tests.unit.verify.probes import compacted, keyed

[A1, B1] = keyed("a1 b1")
[GONE] = keyed("a-")
[X1] = keyed("x1", 100)
[XGONE] = keyed("x-", 100)


def missing(one: Record) -> RecordDifference:
    return RecordDifference("missing", one)


def alien(one: Record) -> RecordDifference:
    return RecordDifference("alien", target=one)


def later(
    source: dict[str, int] | None = None, target: dict[str, int] | None = None, **more: object
) -> Later:
    def by_key(offsets: dict[str, int]) -> dict[int | None, int]:
        return {keyed(f"{name}1")[0].key: offset for name, offset in offsets.items()}

    return replace(Later(by_key(source or {}), by_key(target or {}), True), **more)  # type: ignore[arg-type]


def test_a_missing_record_that_is_the_last_of_its_key_is_not_explained() -> None:
    assert unexplained([missing(A1)], later({"a": 0})) == [missing(A1)]
    assert unexplained([missing(A1)], later({"a": 7})) == [], "a later record of the key supersedes it"
    assert unexplained([missing(A1)], later({})) == [], "it is gone from the source, too"


def test_a_record_of_a_producer_on_the_target_supersedes_a_missing_one() -> None:
    assert unexplained([missing(A1)], later({"a": 0}, {"a": 105}, written_from=105)) == []
    for target in ({"a": 104}, {"b": 105}, {}):
        assert unexplained([missing(A1)], later({"a": 0}, target, written_from=105)) == [missing(A1)]
    assert unexplained([missing(A1)], later({"a": 0}, written_from=0)) == [missing(A1)]


def test_a_missing_tombstone_matters_where_its_key_is_alive_on_the_target() -> None:
    assert unexplained([missing(GONE)], later({"a": 0})) == []
    alive = later({"a": 0}, alive=frozenset([GONE.key]))
    assert unexplained([missing(GONE)], alive) == [RecordDifference(ALIVE, GONE)]


def test_each_reason_alone_explains_a_record_that_only_the_target_has() -> None:
    assert unexplained([alien(X1)], later()) == [alien(X1)]
    assert unexplained([alien(X1)], later({"a": 0}, {"x": 100})) == [alien(X1)]
    assert unexplained([alien(XGONE)], later()) == []
    assert unexplained([alien(X1)], later({"x": 9})) == []
    assert unexplained([alien(X1)], later({}, {"x": 101})) == []


def test_a_key_that_the_source_deleted_is_told_once_for_each_record() -> None:
    found = unexplained([alien(X1), missing(B1)], later({"b": 1}, deleted=[X1]))
    assert found == [missing(B1), RecordDifference(ALIVE, target=X1)]


def test_what_is_explained_hides_nothing_that_follows() -> None:
    doubled = RecordDifference("doubled", target=X1)
    moved = RecordDifference("out of order", A1, X1)
    found = unexplained([missing(A1), alien(X1), missing(B1), doubled, moved], later({"b": 1, "x": 1}))
    assert found == [missing(B1), doubled, moved], "no cleaner doubles or moves a record"


def test_an_altered_record_is_asked_about_on_each_side() -> None:
    altered = RecordDifference("altered", A1, X1)
    assert unpaired([missing(B1), altered, altered]) == [missing(B1), *[missing(A1), alien(X1)] * 2]


def test_too_much_follows_to_tell() -> None:
    one = compacted("a1 b1 c1 d1", "b1 .. d1", complete=False)
    cut = replace(one, copy=Copy(keyed("b1 .. d1", 101), from_start=True, at_end=True, cut=True))
    reason = "compaction may have removed what differs; too much follows to tell"
    assert probe_verdict(cut, exactly_once=True) == ProbeVerdict("not-comparable", 2, 1, reason=reason)


def test_a_difference_on_a_compacted_topic_is_one_until_the_topic_was_read_whole() -> None:
    one = replace(compacted("a1 b1 c1", "a1 .. c1"), later=None)
    found = probe_verdict(one, exactly_once=True)
    assert (found.state, [each.kind for each in found.differences]) == ("different", ["missing"])


@pytest.mark.parametrize("gone", [False, True])
def test_where_its_surroundings_are_gone_a_window_of_a_compacted_topic_is_not_compared(gone: bool) -> None:
    seen = window_of(keyed("a1 b1 c1"), 0, 3)
    copy = Copy(keyed("b1 c1", 100), at_end=True)
    one = Probe(ORDERS, ORDERS, "middle", seen, copy, compacted=True, gone=gone)
    reason = "compaction has removed most of what stands around it"
    assert probe_verdict(one, exactly_once=True) == ProbeVerdict("not-comparable", 2, reason=reason)
    plain = probe_verdict(replace(one, compacted=False), exactly_once=True)
    assert (plain.state, plain.same) == ("different", 2)
    assert plain.reason.startswith("the copy of source offsets 0 to 2 is not among the 2 records")
