"""Reports of slices are merged when all are there and of one audit, and in no other case."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from mirror.audit.findings import PartitionResult, RecordDifference
from mirror.audit.merge import merge, read_reports
from mirror.audit.render import markdown, remarks, render, summary
from mirror.audit.report import AuditReport
from mirror.audit.selection import PartitionSlice, TopicIdentity
from mirror.clients.records import TopicPartition
from mirror.commands.audit import parse_slice
from mirror.problems import CouldNotRun


def report(
    number: int, count: int, mirror: str = "m", lost: int = 0, known: TopicIdentity | None = None
) -> AuditReport:
    one = TopicPartition("orders", number)
    differences = (RecordDifference("lost", lost, (5, 4 + lost), (4, 5)),) if lost else ()
    result = PartitionResult(
        one, one, 100, 101 - lost, 101, 101 - lost, {"lost": lost} if lost else {}, {}, differences
    )
    part = PartitionSlice(number, count)
    identities = {"orders": known or TopicIdentity("s", "t", count)}
    return AuditReport(
        mirror, "east", "west", "2026-11-26T20:00:00", 1.5, True, (result,), {}, part, identities=identities
    )


def test_all_slices_are_one_report() -> None:
    merged = merge([report(1, 2, lost=3), report(0, 2)])
    assert [one.source.partition for one in merged.partitions] == [0, 1]
    assert merged.counts == {"lost": 3}
    assert not merged.passed
    assert merged.part == PartitionSlice()
    assert merge([report(0, 1)]).passed


@pytest.mark.parametrize(
    ("reports", "message"),
    [
        ([], "no report was given"),
        ([report(0, 2)], "missing: 1/2"),
        ([report(0, 2), report(0, 2)], "do not fit together"),
        ([report(0, 2), report(1, 3)], "do not fit together"),
        ([report(0, 2), report(1, 2, mirror="other")], "they belong to different audits"),
        (
            [report(0, 2), report(1, 2, known=TopicIdentity("again", "t", 2))],
            "topic orders was deleted and created again on the source",
        ),
        (
            [report(0, 2), report(1, 2, known=TopicIdentity("s", "again", 2))],
            "topic orders was deleted and created again on the target",
        ),
        ([report(0, 2), report(1, 2, known=TopicIdentity("s", "t", 4))], "no slice .*: orders-2, orders-3"),
    ],
)
def test_what_does_not_belong_together_is_refused(reports: list[AuditReport], message: str) -> None:
    with pytest.raises(CouldNotRun, match=message):
        merge(reports)


def test_the_cuts_of_the_slices_are_reported() -> None:
    later = replace(report(1, 2), at="2026-11-27T09:00:00")
    merged = merge([later, report(0, 2)])
    assert (merged.at, merged.last_cut) == ("2026-11-26T20:00:00", "2026-11-27T09:00:00")
    assert "each slice has a cut of its own; the last one is of 2026-11-27T09:00:00" in remarks(merged)
    assert not [line for line in remarks(merge([report(0, 2), report(1, 2)])) if "cut of its own" in line]


def test_a_slice_that_was_resumed_with_an_old_cut_is_told() -> None:
    """Somebody runs the audit of today, and reads "proven" of the records of three weeks ago."""
    old = replace(report(1, 2), resumed=True, resumed_after=21 * 86_400.0)
    merged = merge([report(0, 2), AuditReport.from_json(old.to_json())])
    [told] = [line for line in remarks(merged) if line.startswith("resumed")]
    assert "when its cut was 21 d old: records after the cut are not judged" in told
    assert "--fresh makes a new cut" in told
    at_once = replace(merged, resumed_after=600.0)
    assert "resumed from an interrupted run of this audit" in remarks(at_once)


def test_slices_without_a_record_prove_nothing_together() -> None:
    one, other = (replace(report(at, 2), partitions=()) for at in range(2))
    absent = {TopicPartition("orders", at): 600 for at in range(2)}
    assert one.passed, "a slice may hold no partition"
    merged = merge([replace(one, absent=absent), other])
    assert not merged.passed
    assert "compared 0 of at most 1,200 source records" in summary(merged)
    assert "MM2 has mirrored no record" in markdown(merged)


def test_a_report_survives_its_file(tmp_path: Path) -> None:
    one = report(1, 2, lost=3)
    file = tmp_path / "a.json"
    file.write_text(json.dumps(one.to_json()))
    assert read_reports(file) == [one]
    file.write_text('{"checks": []}')
    with pytest.raises(CouldNotRun, match="contains no audit report"):
        read_reports(file)


def test_reports_are_found_in_the_logs_of_pods(tmp_path: Path) -> None:
    first, second = report(0, 2), report(1, 2, lost=3)
    file = tmp_path / "audit.log"
    file.write_text(
        "compiling the audit's reader for this machine, once (kept in /scratch)\n"
        '{"partitions": 3, "done": 1, "records": 7}\n'
        f"{json.dumps(first.to_json(), indent=2)}\n"
        "taking up the audit again\n"
        '{"kind": "region-mirror-audit", "cut": \n'
        f"{json.dumps(second.to_json())}\n"
    )
    assert read_reports(file) == [first, second]


def test_a_report_of_another_release_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"kind": "region-mirror-audit"}')
    with pytest.raises(CouldNotRun, match="a report that this release cannot read"):
        read_reports(file)


def test_a_slice_is_named_by_hand_or_by_kubernetes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse_slice("") == PartitionSlice()
    assert parse_slice("2/8") == PartitionSlice(2, 8)
    monkeypatch.setenv("JOB_COMPLETION_INDEX", "3")
    assert parse_slice("/8") == PartitionSlice(3, 8)
    for wrong in ("8/8", "1", "a/b", "/3", "-1/4"):
        with pytest.raises(CouldNotRun, match="partition-slice"):
            parse_slice(wrong)


def slices(partitions: list[TopicPartition], count: int) -> dict[TopicPartition, list[int]]:
    """Which slices hold each partition."""
    return {one: [at for at in range(count) if PartitionSlice(at, count).holds(one)] for one in partitions}


def test_every_partition_is_in_one_slice() -> None:
    partitions = [TopicPartition(f"t{topic}", number) for topic in range(40) for number in range(14)]
    held = slices(partitions, 7)
    assert all(len(some) == 1 for some in held.values())
    sizes = Counter(some[0] for some in held.values())
    assert set(sizes.values()) == {80}, "a topic's partitions are dealt out evenly"


def test_what_enters_meanwhile_moves_nothing_to_another_slice() -> None:
    before = [TopicPartition("orders", number) for number in range(5)]
    after = [TopicPartition("invoices", 0), *before, TopicPartition("orders", 5)]
    assert slices(before, 3).items() <= slices(after, 3).items()


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
