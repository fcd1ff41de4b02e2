"""One report: a table to be read at night, Markdown for a pull request, JSON for machines."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

from rich.console import Console

from mirror.problems import Finding
from mirror.verify.render import markdown, render
from mirror.verify.report import CheckResult, Report

TOTALS = {
    "billing": {"records": 1200, "exact": True, "partitions": 6, "wrong": 0},
    "fraud|eu": {"records": 50_000, "exact": False, "partitions": 1, "wrong": 1},
}
REPORT = Report(
    "east-to-west",
    "east",
    "west",
    datetime(2026, 11, 23, 3, 14, 15, tzinfo=UTC),
    1.234,
    (
        CheckResult.of("connectors-running", "2 connectors and 5 tasks RUNNING", []),
        CheckResult.of("lag", "2 of 9 partitions are behind", [
            Finding("orders-3", "12 records [unread], 99 s behind", "wait"),
            Finding("orders-4", "7 records, 80 s behind", "wait"),
        ]),
        CheckResult.of("groups-translated", "1 translation", [Finding("group x", "unsafe", "stop it")],
                       {"rereads": TOTALS}),
    ),
    3,
)  # fmt: skip


def shown(report: Report, width: int = 120) -> str:
    out = io.StringIO()
    render(report, Console(file=out, width=width, color_system=None))
    return out.getvalue()


def test_the_verdict_comes_first_with_what_fails() -> None:
    text = shown(REPORT)
    assert text.splitlines()[0].startswith(" NOT PROVEN   mirror east-to-west: east -> west")
    assert "fails: lag, groups-translated" in text.splitlines()[1]


def test_brackets_in_messages_are_no_markup() -> None:
    assert "12 records [unread], 99 s behind" in shown(REPORT)


def test_a_remedy_that_findings_share_is_said_once() -> None:
    text = shown(REPORT)
    assert text.count("-> wait") == 1
    assert text.index("orders-3") < text.index("orders-4") < text.index("-> wait")


def test_groups_show_what_they_will_read_again_the_worst_first() -> None:
    text = shown(REPORT)
    assert text.index("fraud|eu") < text.index("billing")
    assert "> 50,000 records" in text
    assert "1,200 records" in text


def test_many_findings_are_cut_with_a_pointer_to_the_rest() -> None:
    many = [Finding(f"orders-{number}", f"message {number}", "wait") for number in range(40)]
    text = shown(Report("m", "e", "w", REPORT.at, 1.0, (CheckResult.of("lag", "s", many),)))
    assert "and 28 more findings: see --json" in text


def test_nothing_is_cut_off_on_a_narrow_terminal() -> None:
    text = shown(REPORT, width=60)
    assert "NOT PROVEN" in text
    assert "99 s behind" in " ".join(text.split())


def test_markdown_is_a_table_with_its_pipes_escaped() -> None:
    text = markdown(REPORT)
    assert "### Mirror `east-to-west` (east → west): **not proven**" in text
    assert "| ❌ | `lag` | the mirror keeps up with the source | 2 of 9 partitions are behind |" in text
    assert "`fraud\\|eu`" in text


def test_json_holds_everything_and_is_plain() -> None:
    document = json.loads(json.dumps(REPORT.to_json()))
    assert document["passed"] is False
    assert document["at"] == "2026-11-23T03:14:15.000+00:00"
    assert [check["name"] for check in document["checks"]] == [
        "connectors-running",
        "lag",
        "groups-translated",
    ]
    assert document["checks"][1]["findings"][0] == {
        "subject": "orders-3", "message": "12 records [unread], 99 s behind", "remedy": "wait",
    }  # fmt: skip


def test_a_report_without_checks_proves_nothing() -> None:
    assert not Report("m", "e", "w", REPORT.at, 0.0, ()).passed
