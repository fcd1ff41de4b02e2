"""Reports of slices are merged when all are there and of one audit, and in no other case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from mirror.audit.cut import Slice
from mirror.audit.findings import Difference, PartitionResult
from mirror.audit.render import markdown, render
from mirror.audit.report import AuditReport, merge
from mirror.commands.audit import parse_slice, read_report
from mirror.observe.model import TopicPartition
from mirror.problems import CouldNotRun


def report(number: int, count: int, mirror: str = "m", lost: int = 0) -> AuditReport:
    one = TopicPartition("orders", number)
    differences = (Difference("lost", lost, (5, 4 + lost), (4, 5)),) if lost else ()
    result = PartitionResult(
        one, one, 100, 101 - lost, 101, 101 - lost, {"lost": lost} if lost else {}, {}, differences
    )
    part = Slice(number, count)
    return AuditReport(mirror, "east", "west", "2026-11-26T20:00:00", 1.5, True, (result,), 0, part)


def test_all_slices_are_one_report() -> None:
    merged = merge([report(1, 2, lost=3), report(0, 2)])
    assert [one.source.partition for one in merged.partitions] == [0, 1]
    assert merged.counts == {"lost": 3}
    assert not merged.passed
    assert merged.part == Slice()
    assert merge([report(0, 1)]).passed


@pytest.mark.parametrize(
    ("reports", "message"),
    [
        ([], "there is none"),
        ([report(0, 2)], "missing: 1/2"),
        ([report(0, 2), report(0, 2)], "do not fit together"),
        ([report(0, 2), report(1, 3)], "do not fit together"),
        ([report(0, 2), report(1, 2, mirror="other")], "of different audits"),
    ],
)
def test_what_does_not_belong_together_is_refused(reports: list[AuditReport], message: str) -> None:
    with pytest.raises(CouldNotRun, match=message):
        merge(reports)


def test_a_report_survives_its_file(tmp_path: Path) -> None:
    one = report(1, 2, lost=3)
    file = tmp_path / "a.json"
    file.write_text(json.dumps(one.to_json()))
    assert read_report(file) == one
    file.write_text('{"checks": []}')
    with pytest.raises(CouldNotRun, match="no report of one audit"):
        read_report(file)


def test_a_slice_is_named_by_hand_or_by_kubernetes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse_slice("") == Slice()
    assert parse_slice("2/8") == Slice(2, 8)
    monkeypatch.setenv("JOB_COMPLETION_INDEX", "3")
    assert parse_slice("/8") == Slice(3, 8)
    for wrong in ("8/8", "1", "a/b", "/3", "-1/4"):
        with pytest.raises(CouldNotRun, match="partition-slice"):
            parse_slice(wrong)


def test_every_partition_is_in_one_slice() -> None:
    held = [[place for place in range(100) if Slice(number, 7).holds(place)] for number in range(7)]
    assert sorted(place for some in held for place in some) == list(range(100))


def test_people_read_where_and_what_to_do() -> None:
    console = Console(record=True, width=160)
    render(report(1, 2, lost=3), console)
    said = console.export_text()
    assert "NOT PROVEN" in said
    assert "orders-1" in said
    assert "3 records lost: source offsets 5 to 7, belongs between target offsets 4 and 5" in said
    assert "connector-offsets=alter" in said
    assert "slice 1/2" in said
    assert "| `orders-1` | 3 records lost" in markdown(report(1, 2, lost=3))
    assert "proven" in markdown(report(0, 1))
