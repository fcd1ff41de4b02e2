"""An audit may take hours: retention and the log cleaner go on, between the cut and the classification."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirror.audit.residue import Residue
from mirror.audit.rules import AuditRules, Cleaning
from tests.unit.audit.made_up import Record, audit, copied, records

RETENTION = "removed by the target's retention"
ON_TARGET = AuditRules(target=Cleaning(True, 1000))
ON_SOURCE = AuditRules(source=Cleaning(True, 1000))


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The residue is read two rows at a time."""
    chunks = Residue.chunks
    monkeypatch.setattr(Residue, "chunks", lambda residue, name: chunks(residue, name, 2))


@pytest.mark.parametrize("gone", [1, 400])
def test_retention_has_removed_the_head_before_it_was_read(tmp_path: Path, gone: int) -> None:
    source = records(1000)
    found = audit(tmp_path, source, copied(source)[gone:], target_start_now=gone)
    assert (found.differences, found.result.excused) == ([], {RETENTION: gone})


def test_retention_has_overtaken_the_reading(tmp_path: Path) -> None:
    source = records(1000)
    target = [one for one in copied(source) if not 200 <= one.offset < 400]
    found = audit(tmp_path, source, target, target_start_now=400)
    assert (found.differences, found.result.excused) == ([], {RETENTION: 200})
    assert audit(tmp_path, source, target, target_start_now=200).kinds == [("lost", 200)]


@pytest.mark.usefixtures("small_chunks")
def test_it_explains_no_more_than_the_log_had_room_for(tmp_path: Path) -> None:
    source = records(100)
    target = copied(source[10:])[30:]  # 10 never came, 30 are gone
    found = audit(tmp_path, source, target, target_start_now=30)
    assert (found.kinds, found.result.excused) == ([("lost", 10)], {RETENTION: 30})
    assert found.differences[0].source == (30, 39), "the log's first offsets held the others"


def test_retention_and_the_cleaner_share_the_holes_of_a_gap(tmp_path: Path) -> None:
    """cleanup.policy=compact,delete: three offsets before the log's start, five behind it, ten records."""
    source = records(100, keys=10)
    target = copied(source[10:], start=8)
    found = audit(tmp_path, source, target, target_start_now=3, rules=ON_TARGET)
    assert found.result.excused == {RETENTION: 3, "compacted on the target": 5}
    assert found.kinds == [("lost", 2)]


def test_each_gap_has_no_more_holes_than_its_own(tmp_path: Path) -> None:
    source = records(100, keys=10)
    target = [one for one in source if one.offset not in (30, 60, 61)]
    closed = [one if one.offset < 60 else one._replace(offset=one.offset - 1) for one in target]
    found = audit(tmp_path, source, closed, rules=ON_TARGET)
    assert found.result.excused == {"compacted on the target": 2}
    assert found.kinds == [("lost", 1)]


def test_records_that_the_other_sides_retention_removed_fill_no_holes(tmp_path: Path) -> None:
    """Source offsets 0 to 399 hold records whose copies are gone; one offset behind them is free."""
    whole = records(1000, keys=10)
    behind = [one._replace(offset=one.offset - 1) for one in whole[402:]]
    source = [*whole[:400], *behind]
    found = audit(tmp_path, source, copied(whole)[400:], target_start=400, rules=ON_SOURCE)
    assert found.result.excused == {RETENTION: 400, "compacted on the source": 1}
    assert found.kinds == [("alien", 1)]


@pytest.mark.usefixtures("small_chunks")
def test_what_was_compacted_is_found_behind_records_that_moved(tmp_path: Path) -> None:
    source = records(100, keys=10)
    moved: list[Record] = [*source[:20], *source[22:24], *source[20:22], *source[24:]]
    target = [one for one in copied(moved) if one.offset != 50]
    found = audit(tmp_path, source, target, rules=ON_TARGET)
    assert {one.kind for one in found.differences} == {"reordered"}
    assert found.result.excused == {"compacted on the target": 1}
