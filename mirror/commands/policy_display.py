"""Shows a report of the rules to people, and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from mirror.text.markdown import code, prose
from mirror.text.numbers import counted
from mirror.text.tables import Block, blocks
from policy.report import PolicyFinding, PolicyReport


def render(report: PolicyReport, console: Console) -> None:
    """Print the verdict, each finding with its remedy, and what is waived."""
    console.print(_verdict(report))
    console.print(blocks([_block(one) for one in _merged(report.findings)], 0, "--json"))
    if report.waived:
        console.print(Text("\nWaived", "bold"))
        for one in report.waived:
            if one.waiver is not None:
                console.print(
                    Text(f"  {one.rule.id}: {one.violation.subject}, until {one.waiver.expires}: ")
                    + Text(one.waiver.reason, "dim")
                )
    for note in report.notes:
        console.print(Text(f"\nNote: {note}", "yellow"))


def markdown(report: PolicyReport) -> str:
    """Return the report for a pull request."""
    lines = [f"### Policy: {_summary(report)}", ""]
    if report.findings:
        lines += ["| | rule | manifest | finding | remedy |", "| --- | --- | --- | --- | --- |"]
        for one in report.findings:
            subject = one.violation.subject
            cells = (
                "🔴" if one.severity == "error" else "🟡",
                code(one.rule.id),
                f"{subject.kind} {code(subject.name)} in {code(subject.origin)}",
                prose(one.message),
                prose(one.remedy),
            )
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    if report.waived:
        lines += ["<details><summary>Waived</summary>", ""]
        for one in report.waived:
            if one.waiver is not None:
                subject = one.violation.subject
                lines.append(
                    f"- {code(one.rule.id)}, {subject.kind} {code(subject.name)}, until "
                    f"{one.waiver.expires}: {prose(one.waiver.reason)}"
                )
        lines += ["", "</details>", ""]
    lines += [f"Note: {prose(note)}\n" for note in report.notes]
    return "\n".join(lines).rstrip("\n") + "\n"


def _summary(report: PolicyReport) -> str:
    parts = [counted(len(report.errors), "error"), counted(len(report.warnings), "warning")]
    if report.waived:
        parts.append(f"{len(report.waived):,} waived")
    return ", ".join(parts)


def _verdict(report: PolicyReport) -> Text:
    text = Text()
    if report.passed:
        text.append(" NO ERROR ", "bold white on green")
    else:
        text.append(" POLICY VIOLATED ", "bold white on red")
    text.append(f"  {', '.join(report.origins)}", "bold")
    judged = f"{counted(report.rules, 'rule')}, {counted(report.mirrors, 'KafkaMirrorMaker2 resource')}"
    text.append(f"   {_summary(report)}   {judged}", "dim")
    return text


def _merged(findings: Sequence[PolicyFinding]) -> Iterable[tuple[PolicyFinding, tuple[str, ...]]]:
    """Put the messages of one rule about one manifest together."""
    found: dict[tuple[object, ...], tuple[PolicyFinding, tuple[str, ...]]] = {}
    for one in findings:
        key = one.rule.id, one.violation.subject, one.remedy
        first, messages = found.get(key, (one, ()))
        found[key] = first, (*messages, one.message)
    return found.values()


def _block(merged: tuple[PolicyFinding, tuple[str, ...]]) -> Block:
    one, messages = merged
    where = f"{one.severity}: {one.rule.id} ({one.rule.title})\n{one.violation.subject}"
    return Block(where, "\n".join((*messages, f"{one.rule.reason} [{one.rule.source}]")), one.remedy)
