"""All stacks as one table: for a terminal, as Markdown, and as one page of HTML without a script."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from mirror.stacks.rows import Live, MirrorRow, Overview
from mirror.text.foreign import printable
from mirror.text.markdown import prose
from mirror.text.numbers import counted
from mirror.text.tables import Block, blocks, table

_COLORS = {"ok": "green", "found": "bold red", "unknown": "yellow", "not deployed": "dim", "declared": ""}
_DECLARED = ("", "stack", "mirror", "regions", "topics", "phase")
_LIVE = ("version", "verified", "drift")
_STYLE = """
body { font: 14px system-ui, sans-serif; margin: 2rem; color: CanvasText; background: Canvas }
table { border-collapse: collapse }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0 }
th { border-bottom: 1px solid }
.found { color: #c00; font-weight: bold }
.ok { color: #070 }
.unknown { color: #a60 }
"""
_SHOWN_TOPICS = 3
_FOLDED = {"topics": 30, "drift": 20, "worst finding": 20}
"""Columns whose cells may be folded, and to how many characters at least; all others have names."""
_BETWEEN = 3
"""Characters between two columns."""


def render(overview: Overview, console: Console) -> None:
    """Print the table, then every finding with its remedy. In a console where it would fold names, each
    mirror has a few lines instead.
    """
    console.print(Text(_summary(overview), "bold"))
    columns, rows = _columns(overview), list(_rows(overview, short=True))
    shown = table(expand=False)
    for column in columns:
        shown.add_column(column, overflow="fold", no_wrap=column not in _FOLDED)
    for word, *cells in rows:
        shown.add_row(_word(word), *map(Text, cells))
    if _needed(columns, rows) <= console.width:
        console.print(shown)
    else:
        for row in rows:
            console.print(_lines(columns, row))
    findings = [
        Block(f"{row.stack}/{row.settings.mirror.name}: {one.subject}", one.message, one.remedy)
        for row in overview.mirrors
        for one in row.findings
    ]
    console.print(blocks(findings, 0, "--json"))
    for note in overview.notes:
        console.print(Text(f"\nNote: {note}", "yellow"))


def _needed(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Return how many characters the table needs at least."""
    widths = [max(map(len, cells)) for cells in zip(columns, *rows, strict=True)]
    least = [min(width, _FOLDED.get(column, width)) for column, width in zip(columns, widths, strict=True)]
    return sum(least) + _BETWEEN * (len(columns) - 1)


def _word(word: str) -> Text:
    return Text(word, _COLORS.get(word, "bold red"))


def _lines(columns: Sequence[str], row: Sequence[str]) -> Text:
    """Return a row as lines: the verdict, the stack and the mirror, and below them each cell with a value."""
    (word, stack, mirror, *cells), names = row, columns[3:]
    head = Text.assemble(_word(word), "  ", (f"{stack}/{mirror}" if mirror else stack, "bold"))
    more = [Text(f"    {name}: {cell}") for name, cell in zip(names, cells, strict=True) if cell]
    return Text("\n").join([Text(), head, *more])


def markdown(overview: Overview) -> str:
    """Return the table as Markdown."""
    columns = _columns(overview)
    lines = [f"### {_summary(overview)}", "", f"| {' | '.join(columns)} |", "| --- " * len(columns) + "|"]
    lines += [f"| {' | '.join(map(prose, cells))} |" for cells in _rows(overview)]
    lines += [f"\nNote: {prose(note)}" for note in overview.notes]
    return "\n".join(lines) + "\n"


def page(overview: Overview) -> str:
    """Return the table as HTML. Every text is escaped, and the page loads nothing."""
    head = "".join(f"<th>{_escaped(column)}</th>" for column in _columns(overview))
    body = "\n".join(
        f'<tr><td class="{_escaped(word.split()[0])}">{_escaped(word)}</td>'
        + "".join(f"<td>{_escaped(cell)}</td>" for cell in cells)
        + "</tr>"
        for word, *cells in _rows(overview)
    )
    notes = "".join(f"<p>Note: {_escaped(note)}</p>" for note in overview.notes)
    title = _escaped(_summary(overview))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{title}</h1>
<table>
<tr>{head}</tr>
{body}
</table>
{notes}
</body>
</html>
"""


def _columns(overview: Overview) -> tuple[str, ...]:
    return (*_DECLARED, *(() if overview.offline else _LIVE), "worst finding")


def _rows(overview: Overview, *, short: bool = False) -> Iterator[tuple[str, ...]]:
    """Return the cells of each row, the verdict first. `short`: the findings are shown elsewhere."""
    for stack in overview.stacks:
        if stack.problem:
            empty = [""] * (len(_columns(overview)) - 3)
            yield "unknown", stack.stack, *empty, stack.problem
        for row in stack.mirrors:
            live = () if overview.offline else _live(row)
            yield *_declared(row), *live, row.worst_name if short else row.worst


def _declared(row: MirrorRow) -> tuple[str, ...]:
    settings, topics = row.settings, row.settings.mirror.topics
    more = f" +{len(topics) - _SHOWN_TOPICS}" if len(topics) > _SHOWN_TOPICS else ""
    return (
        row.word,
        row.stack,
        settings.mirror.name,
        f"{settings.source.alias} -> {settings.target.alias}",
        ", ".join(topics[:_SHOWN_TOPICS]) + more,
        row.state,
    )


def _live(row: MirrorRow) -> tuple[str, ...]:
    live = row.live
    if live is None or not live.deployed:
        return ("",) * len(_LIVE)
    return live.version or "operator's", live.verified or "?", _drift(live)


def _drift(live: Live) -> str:
    return "?" if live.drift is None else "; ".join(live.drift) or "none"


def _summary(overview: Overview) -> str:
    rows = list(overview.mirrors)
    found = sum(bool(one.findings) for one in rows)
    unknown = sum(one.word == "unknown" for one in rows) + sum(bool(one.problem) for one in overview.stacks)
    parts = [f"{overview.project}: {counted(len(overview.stacks), 'stack')}, {counted(len(rows), 'mirror')}"]
    parts += [f"{found:,} with findings"] if found else []
    parts += [f"{unknown:,} unknown"] if unknown else []
    parts += ["clusters not read"] if overview.offline else []
    return ", ".join(parts)


def _escaped(text: str) -> str:
    return html.escape(printable(text))
