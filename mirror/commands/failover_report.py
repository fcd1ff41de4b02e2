"""Prints the report of a failover for people, and writes it into a file: JSON, Markdown or HTML."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from mirror.commands.answers import Form
from mirror.commands.moving_display import show_steps
from mirror.cutover.failover.report import FailoverReport
from mirror.problems import CouldNotRun
from mirror.text.failures import reason_of
from mirror.text.files import write_file
from mirror.text.foreign import json_text, printable
from mirror.text.markdown import code, prose, prose_table
from mirror.text.page import PIPE_WIDTH, Printable, print_page
from mirror.text.page import console as make_console
from mirror.text.tables import text_table

_ROWS = 20
"""Rows of a table on a terminal. A file has all of them."""
_PARTITIONS = (
    ("last mirrored: source offset", "last_mirrored_source_offset"),
    ("target offset", "last_mirrored_target_offset"),
    ("its timestamp", "last_mirrored_timestamp"),
    ("source end at the last look", "source_end_at_last_look"),
    ("missing at most", "missing_at_most"),
)

_NAMES = ["partition", *(name for name, _ in _PARTITIONS)]


def show(report: FailoverReport, form: Form) -> None:
    """Print it in the form that was asked for."""
    if form is Form.JSON:
        print(json_text(report.to_json()), flush=True)
    elif form is Form.MARKDOWN:
        print(markdown(report), end="", flush=True)
    else:
        print_page(lambda console: render(report, console))


def render(report: FailoverReport, console: Console, rows: int | None = _ROWS) -> None:
    """Print it as a page. `rows`: rows of each table at most; None: all."""
    kind = "rehearsal of a failover" if report.rehearsal else "failover"
    console.print(Text.assemble((f"{kind} of mirror {report.mirror}: ", "bold"), (report.verdict, "bold")))
    console.print(Text(f"{report.source} -> {report.target}   {report.to_json()['at']}", "dim"))
    console.print(Text(f"records: {report.missing.get('text') or report.problem or 'unknown'}"))
    console.print(Text(f"time: {report.duration}\n"))
    show_steps(report.steps, console)
    if report.holder:
        console.print(Text(f"{report.holder} runs a command of this mirror now", "bold red"))
    _table(console, _NAMES, _partition_rows(report), rows)
    _table(console, ["consumer group", "placement", "by", "re-reads at most"], _group_rows(report), rows)
    if report.problem:
        console.print(Text(f"not read: {report.problem}", "yellow"))


def markdown(report: FailoverReport) -> str:
    """Return it as a page of Markdown, with all rows."""
    kind = "Rehearsal of a failover" if report.rehearsal else "Failover"
    lines = [
        f"# {kind}: {prose(report.mirror)}",
        "",
        f"**{prose(report.verdict)}** · {prose(report.source)} → {prose(report.target)} · "
        f"{report.to_json()['at']}",
        "",
        f"- Records: {prose(str(report.missing.get('text') or report.problem or 'unknown'))}",
        f"- Time: {prose(report.duration)}",
        f"- Source: {prose(str(report.source_seen.get('text', '')))}",
        "",
        *prose_table(["step", "verdict", "what was seen", "way out"], [
            [name, one.state, one.text, one.remedy if one.state != "done" else ""]
            for name, one in report.steps
        ]),
        "## Partitions",
        "",
        *prose_table(_NAMES, _partition_rows(report)),
        "## Consumer groups",
        "",
        *prose_table(["group", "placement", "by", "re-reads at most"], _group_rows(report)),
        "## Events",
        "",
        *(
            f"- {code(str(one.get('at', '')))} {prose(str(one.get('event', '')))} "
            f"{prose(str(one.get('step', '')))}: {prose(str(one.get('text', '')))}"
            for one in report.events
        ),
    ]  # fmt: skip
    return "\n".join(lines).rstrip() + "\n"


def html(report: FailoverReport) -> str:
    """Return the page that a terminal shows as HTML, with all rows. Names in it are escaped."""
    made = Console(record=True, file=StringIO(), width=PIPE_WIDTH, markup=False, emoji=False, highlight=False)
    page = make_console(file=StringIO(), width=PIPE_WIDTH)
    render(report, page, None)
    made.print(Printable(Text(page.file.getvalue())))  # type: ignore[attr-defined]
    return made.export_html(inline_styles=True)


def write_report(path: Path, report: FailoverReport, form: Form) -> None:
    """Replace the file; its ending (.json, .md, .html) decides the form, else `form`. Raises CouldNotRun."""
    endings = {".json": "json", ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html"}
    kind = endings.get(path.suffix.lower(), "markdown" if form is Form.MARKDOWN else "json")
    match kind:
        case "html":
            text = html(report)
        case "markdown":
            text = markdown(report)
        case _:
            text = json_text(report.to_json(), indent=2) + "\n"
    write_file(path, text, "--report")


def keep_report(path: Path, report: Callable[[], FailoverReport], form: Form) -> None:
    """Write the report of a failover that is done, which does not fail where that cannot be done."""
    try:
        write_report(path, report(), form)
    except CouldNotRun as error:
        later = "`region-mirror failover status --report FILE` writes it"
        typer.echo(printable(f"the report was not written: {reason_of(error)}. {later}"), err=True)


def _partition_rows(report: FailoverReport) -> list[list[str]]:
    found = []
    for one in report.missing.get("partitions") or ():
        found.append(
            [f"{one['topic']}-{one['partition']}", *(_shown(one[key]) for _, key, *_ in _PARTITIONS[1:])]
        )
    return found


def _group_rows(report: FailoverReport) -> list[list[str]]:
    ordered = sorted(
        report.groups.items(), key=lambda item: (-int(item[1].get("rereads_at_most") or 0), item[0])
    )
    return [
        [
            group,
            str(one["state"]) + (f" ({one['reason']})" if one.get("reason") else ""),
            ", ".join(f"{how} {count}" for how, count in (one.get("placed_by") or {}).items()),
            _shown(one.get("rereads_at_most")),
        ]
        for group, one in ordered
    ]


def _table(console: Console, names: list[str], rows: list[list[str]], most: int | None) -> None:
    if not rows:
        return
    console.print(text_table(names, rows[:most]))
    if most is not None and len(rows) > most:
        console.print(Text(f"... and {len(rows) - most:,} more: --report FILE has all of them", "dim"))


def _shown(value: Any) -> str:
    if value is None:
        return "?"
    return f"{value:,}" if isinstance(value, int) else str(value)
