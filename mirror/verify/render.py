"""Reports for people: a rich table to be read at 3 a.m., and Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mirror.text.markdown import code, prose
from mirror.text.tables import Block, blocks, table, verdict
from mirror.verify.checks.groups_translated import NAME as GROUPS
from mirror.verify.register import BY_NAME
from mirror.verify.report import CheckResult, Report

# Beyond these a person reads the JSON.
MOST_FINDINGS = 12
MOST_GROUPS = 25


def render(report: Report, console: Console) -> None:
    """Prints the whole report."""
    console.print(as_renderable(report))


def as_renderable(report: Report) -> RenderableType:
    """Verdict, one line a check, findings with remedies, and the re-reads of each group."""
    parts: list[RenderableType] = [_verdict(report), _checks(report)]
    if report.findings:
        parts.append(_findings(report))
    groups = _group_rows(report)
    if groups:
        parts.append(_groups(groups))
    return Group(*parts)


def _verdict(report: Report) -> RenderableType:
    where = f"mirror {report.mirror}: {report.source} -> {report.target}"
    failed = [check.name for check in report.checks if not check.passed]
    aside = f"{report.at:%Y-%m-%d %H:%M:%S} UTC, looked {report.seconds:.1f} s"
    text = verdict(report.passed, where, aside, partial=_partial(report))
    if _partial(report):
        text.append(f", {len(report.checks)} of {len(BY_NAME)} checks", "dim")
    if report.looks > 1:
        text.append(f", look {report.looks}", "dim")
    if failed:
        text.append(f"\n fails: {', '.join(failed)}", "red")
    return text


def _partial(report: Report) -> bool:
    """Whether `--check` chose some of the checks: then nothing is proven about the mirror as a whole."""
    return len(report.checks) < len(BY_NAME)


def _checks(report: Report) -> RenderableType:
    made = table()
    made.add_column("", no_wrap=True)
    made.add_column("check", no_wrap=True)
    made.add_column("what was found", overflow="fold")
    for check in report.checks:
        mark = Text("ok  ", "green") if check.passed else Text("FAIL", "bold red")
        made.add_row(mark, Text(check.name, "" if check.passed else "bold red"), Text(check.summary))
    return Padding(made, (1, 0, 0, 1))


def _findings(report: Report) -> RenderableType:
    """Findings of one cause are one block: a broken link in the chain shows in many places."""
    causes: dict[tuple[str, str], list[str]] = {}
    hidden = 0
    for check in report.checks:
        for number, finding in enumerate(check.findings):
            if number >= MOST_FINDINGS:
                hidden += 1
                continue
            where = check.name if finding.subject == check.name else f"{check.name}  {finding.subject}"
            causes.setdefault((finding.message, finding.remedy), []).append(where)
    shown = [Block("\n".join(places), what, remedy) for (what, remedy), places in causes.items()]
    return blocks(shown, hidden, "--json")


def _groups(rows: list[tuple[str, str, str, str]]) -> RenderableType:
    made = table()
    made.add_column("consumer group", overflow="fold")
    made.add_column("partitions", justify="right")
    made.add_column("re-reads", justify="right")
    made.add_column("", no_wrap=True)
    for name, partitions, records, state in rows[:MOST_GROUPS]:
        made.add_row(Text(name), partitions, records, Text(state, "red" if state else ""))
    if len(rows) > MOST_GROUPS:
        made.add_row(f"... and {len(rows) - MOST_GROUPS} more: see --json", "", "", "")
    return Padding(made, (1, 0, 1, 1))


def _group_rows(report: Report) -> list[tuple[str, str, str, str]]:
    check: CheckResult | None = next((one for one in report.checks if one.name == GROUPS), None)
    totals: Mapping[str, Mapping[str, Any]] = check.facts.get("rereads", {}) if check else {}
    # The worst first: what is wrong, then what costs most.
    ordered = sorted(totals.items(), key=lambda one: (-one[1]["wrong"], -one[1]["records"], one[0]))
    return [
        (
            name,
            str(total["partitions"]),
            f"{'' if total['exact'] else '> '}{total['records']:,} records",
            f"{total['wrong']} not usable" if total["wrong"] else "",
        )
        for name, total in ordered
    ]


def markdown(report: Report) -> str:
    """The report as GitHub-flavoured Markdown."""
    outcome = ("passed in part" if _partial(report) else "proven") if report.passed else "**not proven**"
    lines = [
        f"### Mirror `{report.mirror}` ({report.source} → {report.target}): {outcome}",
        "",
        f"{report.at:%Y-%m-%d %H:%M:%S} UTC, looked {report.seconds:.1f} s"
        + (f", {len(report.checks)} of {len(BY_NAME)} checks" if _partial(report) else ""),
        "",
        "| | check | statement | what was found |",
        "| --- | --- | --- | --- |",
    ]
    for check in report.checks:
        mark = "✅" if check.passed else "❌"
        statement = BY_NAME[check.name].statement
        lines.append(f"| {mark} | `{check.name}` | {statement} | {prose(check.summary)} |")
    if report.findings:
        lines += ["", "| finding | what is wrong | what to do |", "| --- | --- | --- |"]
        lines += [
            f"| {code(finding.subject)} | {prose(finding.message)} | {prose(finding.remedy)} |"
            for finding in report.findings
        ]
    rows = _group_rows(report)
    if rows:
        lines += ["", "| consumer group | partitions | re-reads | |", "| --- | ---: | ---: | --- |"]
        lines += [
            f"| {code(name)} | {partitions} | {records} | {state} |"
            for name, partitions, records, state in rows
        ]
    return "\n".join(lines) + "\n"
