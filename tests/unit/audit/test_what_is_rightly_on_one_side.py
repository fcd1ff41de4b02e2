"""Compaction, retention, start_from, LogAppendTime and traffic: what they explain, and what they do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirror.audit.findings import RecordDifference
from mirror.audit.make_cut import extent
from mirror.audit.residue import Residue
from mirror.audit.rules import AuditRules, Cleaning
from mirror.clients.records import Bounds
from mirror.clients.sides import Joined
from tests.unit.audit.made_up import COPY, NOW_MS, ONE, Record, audit, copied, records

ON_TARGET = AuditRules(target=Cleaning(True, 1000))
ON_SOURCE = AuditRules(source=Cleaning(True, 1000))


def test_a_superseded_record_is_gone_where_its_offset_is_a_hole(tmp_path: Path) -> None:
    source = records(100, keys=10)
    target = [one for one in copied(source) if one.offset != 50]
    found = audit(tmp_path, source, target, rules=ON_TARGET)
    assert found.differences == []
    assert found.result.excused == {"compacted on the target": 1}
    assert audit(tmp_path, source, target).kinds == [("lost", 1)], "a topic that is not compacted"


def test_the_last_record_of_a_key_is_never_superseded(tmp_path: Path) -> None:
    source = records(100, keys=10)
    target = [one for one in copied(source) if one.offset != 95]
    assert audit(tmp_path, source, target, rules=ON_TARGET).kinds == [("lost", 1)]


def test_without_a_hole_nothing_was_compacted(tmp_path: Path) -> None:
    source = records(100, keys=10)
    target = copied(one for one in source if one.offset != 50)
    assert audit(tmp_path, source, target, rules=ON_TARGET).kinds == [("lost", 1)]


def test_one_hole_explains_one_record(tmp_path: Path) -> None:
    source = records(100, keys=10)
    target = copied(one for one in source if one.offset != 50)
    target = [one for one in target if one.offset != 50]  # the one after it
    found = audit(tmp_path, source, target, rules=ON_TARGET)
    assert found.kinds == [("lost", 1)]
    assert found.result.excused == {"compacted on the target": 1}


def test_a_marker_is_a_hole_that_explains_nothing(tmp_path: Path) -> None:
    source = records(100)
    target = [one for one in copied(source) if one.offset != 50]
    assert audit(tmp_path, source, target, rules=ON_TARGET).kinds == [("lost", 1)], "a record without a key"


def test_an_old_tombstone_may_be_gone_once_nothing_older_of_its_key_is_left(tmp_path: Path) -> None:
    old = [Record(0, NOW_MS - 5000, 1, 7), Record(1, NOW_MS - 5000, 1, None), Record(2, NOW_MS, 2, 8)]
    assert audit(tmp_path, old, [old[2]], rules=ON_TARGET).differences == []
    risen = audit(tmp_path, old, [old[0], old[2]], rules=ON_TARGET)
    assert risen.differences == [RecordDifference("lost", 1, (1, 1), (0, 2))], "the deleted value lives again"


def test_a_young_tombstone_may_not_be_gone(tmp_path: Path) -> None:
    young = [Record(0, NOW_MS - 5, 1, 7), Record(1, NOW_MS - 5, 1, None), Record(2, NOW_MS, 2, 8)]
    assert audit(tmp_path, young, [young[2]], rules=ON_TARGET).kinds == [("lost", 2)]


def test_a_tombstone_is_old_after_exactly_the_retention_of_deletes(tmp_path: Path) -> None:
    for age, kinds in ((1000, []), (999, [("lost", 2)])):
        given = [
            Record(0, NOW_MS - age, 1, 7),
            Record(1, NOW_MS - age, 1, None),
            Record(2, NOW_MS, 2, 8),
        ]
        assert audit(tmp_path, given, [given[2]], rules=ON_TARGET).kinds == kinds


def test_only_the_last_record_of_a_key_tells_whether_it_was_deleted(tmp_path: Path) -> None:
    """The key lives again after its tombstone, so its last record may not be gone."""
    old = NOW_MS - 5000
    given = [Record(0, old, 1, 7), Record(1, old, 1, None), Record(2, old, 1, 9), Record(3, NOW_MS, 2, 8)]
    assert audit(tmp_path, given, [given[3]], rules=ON_TARGET).kinds == [("lost", 3)]
    young = [Record(0, old, 1, None), Record(1, NOW_MS, 1, None), Record(2, NOW_MS, 2, 8)]
    assert audit(tmp_path, young, [young[2]], rules=ON_TARGET).kinds == [("lost", 2)]


def test_the_record_right_before_the_hole_supersedes_nothing(tmp_path: Path) -> None:
    source = records(100, keys=1)
    found = audit(tmp_path, source, copied(source[:99]), rules=ON_TARGET, target_stop=100)
    assert found.kinds == [("lost", 1)]
    found = audit(tmp_path, source, [*source[:98], source[99]], rules=ON_TARGET)
    assert found.result.excused == {"compacted on the target": 1}


def test_several_holes_of_one_gap_explain_as_many_records(tmp_path: Path) -> None:
    source = records(100, keys=10)
    target = [one for one in source if not 40 <= one.offset < 45]
    found = audit(tmp_path, source, target, rules=ON_TARGET)
    assert (found.differences, found.result.excused) == ([], {"compacted on the target": 5})
    closer = [one if one.offset < 40 else one._replace(offset=one.offset - 2) for one in target]
    found = audit(tmp_path, source, closer, rules=ON_TARGET)
    assert found.kinds == [("lost", 2)], "three offsets cannot have held five records"
    assert found.result.excused == {"compacted on the target": 3}


def test_every_gap_has_its_own_holes(tmp_path: Path) -> None:
    source = records(100, keys=10)
    target = [one for one in source if one.offset not in (30, 60, 70, 71)]
    found = audit(tmp_path, source, target, rules=ON_TARGET)
    assert (found.differences, found.result.excused) == ([], {"compacted on the target": 4})


def test_holes_of_one_gap_explain_nothing_in_another(tmp_path: Path) -> None:
    source = records(100, keys=10)
    target = [one for one in source if one.offset not in (30, 31, 60)]
    closed = [one if one.offset < 60 else one._replace(offset=one.offset - 1) for one in target]
    found = audit(tmp_path, source, closed, rules=ON_TARGET)
    assert found.result.excused == {"compacted on the target": 2}
    assert found.kinds == [("lost", 1)]


def test_a_gap_that_is_read_in_several_parts_has_its_holes_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks = Residue.chunks
    monkeypatch.setattr(Residue, "chunks", lambda residue, name: chunks(residue, name, 2))
    source = records(100, keys=10)
    target = [one for one in source if not 40 <= one.offset < 45 and one.offset not in (60, 61, 62)]
    found = audit(tmp_path, source, target, rules=ON_TARGET)
    assert (found.differences, found.result.excused) == ([], {"compacted on the target": 8})
    closer = [one if one.offset < 40 else one._replace(offset=one.offset - 2) for one in target]
    closer = [one if one.offset < 58 else one._replace(offset=one.offset - 1) for one in closer]
    found = audit(tmp_path, source, closer, rules=ON_TARGET)
    assert sum(one.records for one in found.differences) == 3, "two of the first gap, one of the second"
    assert found.result.excused == {"compacted on the target": 5}


def test_a_record_without_a_key_is_never_compacted_beside_one_with_a_key(tmp_path: Path) -> None:
    keyed = records(100, keys=10)
    source = [one._replace(key=None) if one.offset in (50, 70) else one for one in keyed]
    target = [one for one in source if one.offset not in (50, 51)]
    found = audit(tmp_path, source, target, rules=ON_TARGET)
    assert found.kinds == [("lost", 1)]
    assert found.result.excused == {"compacted on the target": 1}


def test_the_source_may_be_the_cleaner_one(tmp_path: Path) -> None:
    whole = records(100, keys=10)
    source = [one for one in whole if one.offset != 50]
    found = audit(tmp_path, source, copied(whole), rules=ON_SOURCE)
    assert found.differences == []
    assert found.result.excused == {"compacted on the source": 1}
    assert audit(tmp_path, source, copied(whole)).kinds == [("alien", 1)]


def test_a_key_deleted_on_the_source_may_not_be_alive_on_the_target(tmp_path: Path) -> None:
    old, other = Record(0, NOW_MS - 5000, 1, 7), Record(2, NOW_MS, 2, 8)
    grave = Record(1, NOW_MS - 5000, 1, None)
    both = AuditRules(source=Cleaning(True, 1000), target=Cleaning(True, 1000))
    target = copied([old, other])
    assert audit(tmp_path, [other], target, rules=both).kinds == [("alien", 1)], "cleaned away on the source"
    assert audit(tmp_path, [grave, other], target, rules=both).kinds != [], "the tombstone was not mirrored"
    again = Record(3, NOW_MS, 1, 9)
    newer = audit(tmp_path, [other, again], target, rules=both, must=2)
    assert newer.differences == [], "a newer record of the key is not mirrored yet"


def test_retention_has_removed_the_targets_head(tmp_path: Path) -> None:
    source = records(1000)
    found = audit(tmp_path, source, copied(source)[400:], target_start=400)
    assert found.differences == []
    assert found.result.excused == {"removed by the target's retention": 400}


def test_retention_explains_no_more_than_the_log_had_room_for(tmp_path: Path) -> None:
    source = records(1000)
    target = copied(source[100:])[300:]  # 100 never came, 300 are gone
    assert audit(tmp_path, source, target, target_start=300).kinds == [("lost", 100)]


def test_a_hole_behind_the_log_start_is_none_of_retentions(tmp_path: Path) -> None:
    """Three offsets are before the start; the five after it were markers of transactions."""
    source = records(100)
    target = copied(source[10:], start=8)
    found = audit(tmp_path, source, target, target_start=3)
    assert found.result.excused == {"removed by the target's retention": 3}
    assert found.kinds == [("lost", 7)]
    assert audit(tmp_path, source, target, target_start=8).kinds == [("lost", 2)]


def test_behind_the_log_start_compaction_may_have_removed_the_rest(tmp_path: Path) -> None:
    source = records(100, keys=10)
    target = copied(source[10:], start=10)
    found = audit(tmp_path, source, target, target_start=3, rules=ON_TARGET)
    assert found.differences == []
    assert found.result.excused == {"removed by the target's retention": 10}
    fewer = audit(tmp_path, source, copied(source[10:], start=6), target_start=3, rules=ON_TARGET)
    assert fewer.kinds == [("lost", 4)], "six offsets cannot have held ten records"


def test_retention_has_removed_the_sources_head(tmp_path: Path) -> None:
    source = records(1000)
    found = audit(tmp_path, source[400:], copied(source), source_start=400)
    assert found.differences == []
    assert found.result.excused == {"removed by the source's retention": 400}


def test_what_start_from_left_out_is_neither_lost_nor_excused(tmp_path: Path) -> None:
    source = records(1000)
    found = audit(tmp_path, source, copied(source[300:]), left_out=299)
    assert (found.differences, found.result.excused) == ([], {})
    assert audit(tmp_path, source, copied(source[299:]), left_out=299).kinds == [("alien", 1)]


def test_a_broker_that_stamps_records_makes_no_difference_and_is_mentioned_once(tmp_path: Path) -> None:
    source = records(500)
    target = [one._replace(timestamp=9, broker_stamped=True) for one in copied(source)]
    found = audit(tmp_path, source, target)
    assert found.differences == []
    assert len(found.result.notes) == 1
    lost = audit(tmp_path, source, copied(target[:7] + target[8:]))
    assert lost.kinds == [("lost", 1)], "everything but the time is compared"


def test_nothing_behind_the_position_is_judged_lost(tmp_path: Path) -> None:
    source = records(1000)
    assert audit(tmp_path, source, copied(source[:600]), must=599).differences == []
    assert audit(tmp_path, source, copied(source[:800]), must=599).differences == [], "MM2 was faster"
    assert audit(tmp_path, source, copied(source[:598]), must=599).kinds == [("lost", 2)]
    assert audit(tmp_path, source, [], must=-1).differences == [], "nothing is mirrored yet"


def test_duplicates_fail_exactly_once_mirrors_only(tmp_path: Path) -> None:
    source = records(100)
    twice = audit(tmp_path, source, copied(source[:50] + source[40:])).result
    assert twice.counts == {"duplicated": 10}
    assert twice.failed(exactly_once=True)
    assert not twice.failed(exactly_once=False)
    lost = audit(tmp_path, source, copied(source[:50] + source[51:])).result
    assert lost.failed(exactly_once=False)


def test_what_a_copy_had_before_the_mirror_wrote_to_it_is_not_compared() -> None:
    """The way back after a failover: the copy is the original of the way out."""
    log = Bounds(0, 50)
    found = extent(Joined(ONE, COPY), Bounds(0, 40), log, 39, {ONE: 29}, {ONE: 40})
    assert (found.source_start, found.target_start, found.target_stop) == (30, 40, 50)
    assert not found.target_head_gone
    assert extent(Joined(ONE, COPY), Bounds(0, 40), Bounds(42, 50), 39, {}, {ONE: 40}).target_head_gone
