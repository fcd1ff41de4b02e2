"""records-match: what compaction removed is not missing; what it cannot have removed is."""

from __future__ import annotations

from dataclasses import replace

from mirror.verify.checks.records_match import judge
from mirror.verify.comparison import ALIVE
from mirror.verify.values.probe import Probe, probe_verdict
from tests.unit.verify.probes import ONE, compacted, keyed


def kinds(one: Probe) -> list[str]:
    return [difference.kind for difference in probe_verdict(one, exactly_once=True).differences]


def test_compaction_on_either_side_explains_what_a_later_record_supersedes() -> None:
    assert kinds(compacted("a1 b1 a2 c1", ".. b1 a2 c1")) == []
    assert kinds(compacted(".. b1 a2 c1", "a1 b1 a2 c1")) == []
    assert kinds(compacted("a1 b1 c1", "a1 .. c1", rest="b2")) == []
    assert kinds(compacted("a1 b- c1", "a1 .. c1")) == []


def test_compaction_does_not_explain_the_last_record_of_a_key() -> None:
    assert kinds(compacted("a1 b1 c1", "a1 .. c1")) == ["missing"]
    assert kinds(compacted("b1 a1 b2 c1", "b1 a1 .. c1")) == ["missing"]
    assert kinds(compacted("a1 b1 c1", "a1 b1 z9 c1")) == ["alien"]


def test_a_key_deleted_on_the_source_is_not_alive_on_the_target() -> None:
    assert kinds(compacted("a1 a- c1", "a1 .. c1")) == [ALIVE]
    assert kinds(compacted("a1 a- c1", "a1 .. c1", rest="a2")) == [], "what is newer may not be mirrored yet"
    gone = compacted(".. .. c1", "a1 .. c1")
    assert gone.later is not None
    assert kinds(gone) == [], "before the window, of which nothing more is known"
    [risen] = keyed("a1", 100)
    gone = replace(gone, later=replace(gone.later, deleted=[risen]))
    [finding] = judge([gone], ONE, exactly_once=True).findings
    assert "1 key deleted on the source, alive on the target" in finding.message
    assert "target offset 100" in finding.message
    assert "tombstone" in finding.remedy


def test_a_producers_later_record_on_the_target_explains_a_missing_one() -> None:
    one = compacted("a1 b1 c1", "a1 .. c1 b9")
    assert one.later is not None
    assert kinds(one) == ["missing"]
    assert kinds(replace(one, later=replace(one.later, written_from=103))) == []


def test_where_too_much_follows_compaction_may_explain_anything() -> None:
    result = probe_verdict(compacted("a1 b1 c1", "a1 .. c1", complete=False), exactly_once=True)
    assert result.state == "not-comparable"
    assert "compaction" in result.reason


def test_deleted_keys_alone_need_only_a_tombstone() -> None:
    one = compacted("a1 a- c1 d1", "a1 .. c1 d1")
    [finding] = judge([one], ONE, exactly_once=True).findings
    assert finding.remedy.startswith("write a tombstone")
    mixed = compacted("a1 a- c1 d1", "a1 .. z1 d1")
    [finding] = judge([mixed], ONE, exactly_once=True).findings
    assert "destroy the topic" in finding.remedy
