"""What the reports of `verify` and `audit` have in common: verdict, tables, findings with their remedies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Block:
    """One finding as people read it; `where` may be several lines."""

    where: str
    what: str
    remedy: str


def verdict(passed: bool, what: str, aside: str, *, partial: bool = False) -> Text:
    """The first line of a report: `what` was verified, and `aside`, when and for how long.

    `partial`: it was verified in part only, on request. That proves nothing about the rest.
    """
    text = Text()
    if passed:
        text.append(" PASSED IN PART " if partial else " PROVEN ", "bold white on green")
    else:
        text.append(" NOT PROVEN ", "bold white on red")
    text.append(f"  {what}", "bold")
    text.append(f"   {aside}", "dim")
    return text


def table(title: str | None = None, *, expand: bool = False) -> Table:
    """An empty table; columns are the caller's."""
    return Table(
        box=box.SIMPLE_HEAD,
        title=title,
        title_justify="left",
        pad_edge=False,
        show_edge=False,
        expand=expand,
    )


def text_table(columns: Iterable[str], rows: Iterable[Iterable[str]], title: str | None = None) -> Table:
    """A table of plain text; a narrow console folds its cells."""
    shown = table(title)
    for name in columns:
        shown.add_column(name, overflow="fold")
    for row in rows:
        shown.add_row(*map(Text, row))
    return shown


def blocks(findings: Sequence[Block], hidden: int, elsewhere: str) -> RenderableType:
    """The findings, and a line that `hidden` more are shown `elsewhere`."""
    parts: list[RenderableType] = []
    for number, one in enumerate(findings):
        parts.append(Padding(Text(one.where, "bold red"), (1, 0, 0, 1)))
        parts.append(Padding(Text(one.what), (0, 0, 0, 3)))
        # A remedy that the next finding shares is shown once, after the last of them.
        if one.remedy not in [following.remedy for following in findings[number + 1 : number + 2]]:
            parts.append(Padding(Text(f"-> {one.remedy}", "cyan"), (0, 0, 0, 3)))
    if hidden:
        parts.append(Padding(Text(f"... and {hidden:,} more findings: see {elsewhere}"), (1, 0, 0, 1)))
    return Group(*parts)
