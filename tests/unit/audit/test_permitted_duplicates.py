"""Duplicates that a mirror is permitted hide nothing that fails its audit."""

from __future__ import annotations

from pathlib import Path

from mirror.audit.findings import DifferenceKind, PartitionResult, RecordDifference
from mirror.audit.render import markdown
from mirror.audit.report import AuditReport
from mirror.audit.sample import merge_stretches
from tests.unit.audit.made_up import COPY, ONE, Record, audit, copied, records


def test_permitted_duplicates_do_not_push_out_what_fails(tmp_path: Path) -> None:
    """A mirror that delivers at least once may have thousands of duplicates before one alien record."""
    source = records(1000)
    doubled = [one for number, one in enumerate(source) for _ in range(1 + (number % 20 == 0))]
    stranger = Record(0, 5, None, 77_777)
    result = audit(tmp_path / "a", source, copied([*doubled[:-5], stranger, *doubled[-5:]])).result
    assert result.counts == {"duplicated": 50, "alien": 1}
    page = markdown(AuditReport("m", "east", "west", "2026-11-26T20:00:00", 1.5, False, (result,)))
    assert "1 record alien: target offset" in page
    assert "more findings" not in page, "the others are permitted"
    strict = markdown(AuditReport("m", "east", "west", "2026-11-26T20:00:00", 1.5, True, (result,)))
    assert "1 record alien" in strict
    assert "39 more findings" in strict
    fine = audit(tmp_path / "b", source, copied(doubled)).result
    report = AuditReport("m", "east", "west", "2026-11-26T20:00:00", 1.5, False, (fine,))
    assert report.passed
    assert "more findings" not in markdown(report)


def test_stretches_of_a_sample_keep_what_fails_first() -> None:
    twice = PartitionResult(
        ONE, COPY, 9, counts={"duplicated": 20}, differences=(difference("duplicated"),) * 20
    )
    alien = PartitionResult(ONE, COPY, 19, counts={"alien": 1}, differences=(difference("alien"),))
    [result] = merge_stretches([twice, alien])
    assert result.differences[0].kind == "alien"
    assert (len(result.differences), result.more) == (20, 1)


def difference(kind: DifferenceKind) -> RecordDifference:
    return RecordDifference(kind, 1, (5, 5), (9, 9))
