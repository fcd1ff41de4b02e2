"""What a report of a drill shows, on a terminal, on a page and in Markdown alike. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from mirror.cutover.drill.results import DrillReport, StepTime

Record = tuple[str, str]
"""Stream and number."""


class Reported(Protocol):
    """The verdict of any drill."""

    @property
    def passed(self) -> bool:
        """Whether it found no problem."""

    @property
    def told(self) -> str:
        """The result in one line."""

    @property
    def ended(self) -> str:
        """The last event of the commands."""

    @property
    def problems(self) -> Sequence[str]:
        """Why it proves nothing, or shows a loss."""


class Table(NamedTuple):
    """One table; the first column is a name, the others are numbers."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Presented:
    """One report. `lanes`: the rows of the picture with steps; `window`: what it shades, in seconds since the
    epoch, with its label; `red`: records that it draws in red; `legend`: what its colours mean.
    """

    report: Reported
    tables: Sequence[Table]
    lanes: Sequence[StepTime]
    streams: Sequence[str]
    groups: Sequence[str]
    window: tuple[float, float, str] | None
    end: float
    red_word: str
    legend: str
    red: frozenset[Record] = field(default_factory=frozenset)


STREAM_COLUMNS = (
    "stream",
    "accepted at source",
    "refused",
    "unknown",
    "accepted at target",
    "lost",
    "doubled",
)
GROUP_COLUMNS = ("group", "read at source", "read at target", "lost", "read twice", "pause")


def presented(report: DrillReport) -> Presented:
    """Present the drill of a cutover."""
    window = None
    if report.last_at_source is not None and report.window is not None and report.window >= 0:
        last = report.last_at_source
        window = (last, last + report.window, f"window: {report.window:.1f} s")
    streams = [
        (
            one.stream,
            f"{one.accepted_at_source:,}",
            f"{one.refused:,}",
            f"{one.unknown:,}",
            f"{one.accepted_at_target:,}",
            f"{one.lost:,}" if one.judged else "compacted",
            f"{one.doubled:,}",
        )
        for one in report.streams
    ]
    groups = [
        (
            one.group,
            f"{one.read_at_source:,}",
            f"{one.read_at_target:,}",
            f"{one.lost:,}",
            f"{one.twice:,}",
            seconds(one.gap),
        )
        for one in report.groups
    ]
    return Presented(
        report,
        [
            Table("Streams", STREAM_COLUMNS, streams),
            Table("Groups", GROUP_COLUMNS, groups),
            times("Steps", "step", report.steps),
        ],
        report.steps,
        [one.stream for one in report.streams],
        [one.group for one in report.groups],
        window,
        max([*(one.end for one in report.steps), report.first_at_target or 0.0]),
        "refused by the fence",
        "Blue: the source. Green: the target. Red: refused by the fence. Shaded: the window, from the last "
        "record that the source accepted to the first that the target accepted.",
    )


def times(title: str, column: str, found: Sequence[StepTime]) -> Table:
    """Tabulate how long each step took."""
    return Table(title, (column, "seconds"), [(one.step, f"{one.seconds:.1f}") for one in found])


def seconds(value: float | None) -> str:
    """Return a cell."""
    return "none" if value is None else f"{value:.1f} s"
