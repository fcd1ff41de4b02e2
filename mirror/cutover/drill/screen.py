"""The report of a drill for a terminal: the timeline as a row of blocks for each lane, and the counts."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from mirror.cutover.drill.picture import Colour, Timeline, timeline
from mirror.cutover.drill.presented import Presented, Table
from mirror.cutover.drill.recording import Line
from mirror.text.tables import table

_STYLES: dict[Colour, str] = {
    "source": "blue",
    "target": "green",
    "refused": "red",
    "step": "white",
    "empty": "dim",
}
_BLOCKS: dict[Colour, str] = {"source": "█", "target": "▓", "refused": "x", "step": "━", "empty": "·"}
_NAMES = 24
_LEAST = 40


def render(title: str, presented: Presented, lines: Iterable[Line], console: Console) -> None:
    """Print the report."""
    report = presented.report
    slices = max(_LEAST, min(120, console.width - _NAMES - 2))
    shown = timeline(presented, lines, slices)
    console.print(Text(title, "bold"))
    if shown:
        _lanes(shown, slices, presented.red_word, console)
    for one in presented.tables[:-1]:
        _table(console, one)
    verdict = Text("PASSED: ", "bold green") if report.passed else Text("FAILED: ", "bold red")
    console.print(verdict.append(report.told, "bold"))
    for problem in report.problems:
        console.print(Text(f"  {problem}", "red"))


def _lanes(shown: Timeline, slices: int, red_word: str, console: Console) -> None:
    width = shown.seconds / slices
    for lane in shown.lanes:
        line = Text(f"{lane.name[:_NAMES]:>{_NAMES}} ")
        cells: list[Colour] = ["empty"] * slices
        for bar in lane.bars:
            first = int(bar.start / width + 0.5)
            for place in range(first, max(first + 1, int(bar.end / width + 0.5))):
                if place < slices:
                    cells[place] = bar.colour
        for colour in cells:
            line.append(_BLOCKS[colour], _STYLES[colour])
        console.print(line, soft_wrap=True)
    console.print(
        Text(f"{'':>{_NAMES}} {shown.seconds:.0f} s; █ source  ▓ target  x {red_word}", "dim"),
        soft_wrap=True,
    )


def _table(console: Console, found: Table) -> None:
    shown = table()
    for name in found.columns:
        shown.add_column(name, justify="left" if name == found.columns[0] else "right")
    for row in found.rows:
        shown.add_row(*map(Text, row))
    console.print(shown)
