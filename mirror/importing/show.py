"""An import as text: the differences for a terminal, everything for a pull request."""

from __future__ import annotations

import re
from itertools import groupby

from rich.console import Console
from rich.text import Text

from mirror.importing.differences import Difference, Kind
from mirror.importing.imported import Imported
from mirror.text.markdown import code, prose

_TITLES: dict[Kind, str] = {
    "not kept": "Not in the stack file",
    "changed": "Other value in the stack file",
    "added": "Default in the mirror, set by region-mirror",
}
_COLORS: dict[Kind, str] = {"not kept": "red", "changed": "yellow", "added": ""}


def render(imported: Imported, console: Console) -> None:
    """Print what differs, and what has to be done, the most important first."""
    console.print(Text(headline(imported), "bold"))
    for line in imported.todo:
        console.print(Text.assemble(("to do: ", "bold red"), line))
    for kind, found in _by_kind(imported):
        console.print(Text(f"\n{_TITLES[kind]}:", "bold"))
        for one in found:
            console.print(Text(f"  {_title(one)}: {_values(one)}", _COLORS[kind]))
            console.print(Text(f"      {one.why}", "dim"))


def markdown(imported: Imported) -> str:
    """Return the stack file and its differences as Markdown."""
    file = imported.stack_file()
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", file)), default=0))
    lines = [f"### {prose(headline(imported))}", "", f"{fence}yaml", file.rstrip(), fence, ""]
    lines += [f"- **to do**: {prose(line)}" for line in imported.todo]
    for kind, found in _by_kind(imported):
        lines += [
            "",
            f"**{_TITLES[kind]}**",
            "",
            "| | mirror | stack file | why |",
            "| --- | --- | --- | --- |",
        ]
        for one in found:
            cells = (_title(one), _shown(one.theirs), _shown(one.ours))
            lines.append(f"| {' | '.join(map(code, cells))} | {prose(one.why)} |")
    return "\n".join(lines).rstrip() + "\n"


def headline(imported: Imported) -> str:
    """Summarize the import."""
    count = len(imported.differences)
    differences = f"{count} difference{'' if count == 1 else 's'}" if count else "no difference"
    return f"mirror {imported.mirror}, imported from {imported.origin}: {differences}"


def _by_kind(imported: Imported) -> list[tuple[Kind, list[Difference]]]:
    order = list(_TITLES)
    found = sorted(imported.differences, key=lambda one: order.index(one.kind))
    return [(kind, list(group)) for kind, group in groupby(found, key=lambda one: one.kind)]


def _title(one: Difference) -> str:
    return f"{one.where}: {one.key}"


def _values(one: Difference) -> str:
    return f"{_shown(one.theirs)} -> {_shown(one.ours)}"


def _shown(value: str | None) -> str:
    return "not set" if value is None else value
