"""The report of a drill as Markdown, for a pull request or a runbook. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from mirror.cutover.drill.judge import DrillReport
from mirror.cutover.drill.page import GROUP_COLUMNS, STREAM_COLUMNS, group_rows, stream_rows
from mirror.text.markdown import prose
from settings.markdown import table_row


def markdown(title: str, report: DrillReport) -> str:
    """Return the verdict and the tables."""
    word = "PASSED" if report.passed else "FAILED"
    lines = [f"**{word}**: {prose(title)}, {report.told}", ""]
    lines += [f"- {prose(problem)}" for problem in report.problems]
    steps = [(one.step, f"{one.seconds:.1f}") for one in report.steps]
    for columns, rows in (
        (STREAM_COLUMNS, stream_rows(report)),
        (GROUP_COLUMNS, group_rows(report)),
        (("step", "seconds"), steps),
    ):
        lines += ["", *_table(columns, rows)]
    return "\n".join(lines) + "\n"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    rule = table_row(["---", *["---:"] * (len(columns) - 1)])
    return [table_row(columns), rule, *(table_row(map(prose, row)) for row in rows)]
