"""The explanation as tables for a terminal, and as Markdown."""

from __future__ import annotations

from itertools import groupby

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mirror.plan.explain.rows import ExplainedProperty, Explanation
from mirror.text.markdown import code, prose
from mirror.text.tables import table as empty_table
from settings.markdown import table_row
from settings.profiles import KAFKA_VERSION

_NO_DEFAULT = "-"
_COLUMN = 26  # characters of a value in the table; Markdown and JSON have the full value


_TABLE_WIDTH = 120
"""On a console with fewer columns, the names and values of a table leave no room for the reasons."""


def render(found: Explanation, console: Console) -> None:
    """Print one table a section, then properties left at Kafka's default, assumptions and warnings."""
    section_of = _table if console.width >= _TABLE_WIDTH else _list
    console.print(Text(f"mirror {found.mirror}, profile {found.profile}", "bold"))
    for section, rows in groupby(found.rows, key=lambda row: row.section):
        console.print(section_of(section, list(rows)))
    if found.left:
        console.print(section_of("left at Kafka's default", list(found.left)))
    for text in found.assumptions:
        console.print(Text(f"assumed: {text}"))
    for text in found.warnings:
        console.print(Text(f"warning: {text}", "yellow"))


def _table(title: str, rows: list[ExplainedProperty]) -> Table:
    table = empty_table(title)
    table.add_column("property", no_wrap=True)
    table.add_column("value", no_wrap=True)
    table.add_column("Kafka's default", no_wrap=True)
    table.add_column("why", overflow="fold", ratio=1)
    for row in rows:
        changed = row.value != row.kafka_default
        table.add_row(
            Text(row.key),
            Text(_brief(row.value), "bold" if changed else "dim"),
            Text(_brief(_default(row)), "dim"),
            Text.assemble((row.origin, "cyan"), f": {row.reason}"),
        )
    return table


def _list(title: str, rows: list[ExplainedProperty]) -> RenderableType:
    """The same for a narrow console: the reason has lines of its own, as wide as the console."""
    parts: list[RenderableType] = [Text(f"\n{title}", "italic")]
    for row in rows:
        changed = row.value != row.kafka_default
        parts.append(
            Text.assemble(
                (row.key, "bold" if changed else ""),
                f" = {row.value}",
                (f"   Kafka's default: {_default(row)}" if changed else "   Kafka's default", "dim"),
            )
        )
        parts.append(Padding(Text.assemble((row.origin, "cyan"), f": {row.reason}"), (0, 0, 0, 4)))
    return Group(*parts)


def _brief(value: str) -> str:
    """Shorten a value for a column: a Java class to its simple name, a long value to its start."""
    if "." in value and value.startswith("org.apache.kafka."):
        value = value.rsplit(".", 1)[1]
    return value if len(value) <= _COLUMN else f"{value[: _COLUMN - 1]}…"


def markdown(found: Explanation) -> str:
    """Return the explanation as GitHub-flavoured Markdown."""
    lines = [
        f"### Mirror `{found.mirror}`: profile `{found.profile}`",
        "",
        f"| | property | value | default of Kafka {KAFKA_VERSION} | from | reason |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [_line(row.section, row) for row in found.rows]
    lines += [_line("left at Kafka's default", row) for row in found.left]
    lines += ["", *(f"- Assumed: {prose(text)}." for text in found.assumptions)]
    lines += [f"- **Warning**: {prose(text)}." for text in found.warnings]
    return "\n".join(lines) + "\n"


def _line(section: str, row: ExplainedProperty) -> str:
    cells = (
        section,
        code(row.key),
        code(row.value),
        code(_default(row)),
        prose(row.origin),
        prose(row.reason),
    )
    return table_row(cells)


def _default(row: ExplainedProperty) -> str:
    return _NO_DEFAULT if row.kafka_default is None else row.kafka_default
