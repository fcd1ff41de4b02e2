"""The report of a drill as Markdown, for a pull request or a runbook. Pure."""

from __future__ import annotations

from mirror.cutover.drill.presented import Presented, Table
from mirror.text.markdown import prose
from settings.markdown import table_row


def markdown(title: str, shown: Presented) -> str:
    """Return the verdict and the tables."""
    report = shown.report
    word = "PASSED" if report.passed else "FAILED"
    lines = [f"**{word}**: {prose(title)}, {report.told}", ""]
    lines += [f"- {prose(problem)}" for problem in report.problems]
    for one in shown.tables:
        lines += ["", *_table(one)]
    return "\n".join(lines) + "\n"


def _table(found: Table) -> list[str]:
    rule = table_row(["---", *["---:"] * (len(found.columns) - 1)])
    return [table_row(found.columns), rule, *(table_row(map(prose, row)) for row in found.rows)]
