"""The timeline of a drill as lanes of bars: one model for the terminal and for the page. Pure.

Each lane is divided into slices of equal width; a slice is filled where something happened in it. So gaps
appear as gaps, and the width of the picture does not depend on the number of records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from mirror.cutover.drill.presented import Presented, Record
from mirror.cutover.drill.recording import Line, Seen

Colour = Literal["source", "target", "refused", "step", "empty"]
LEAD_SECONDS = 5.0
"""Time before the first step that the picture shows."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a lane, in seconds since the start of the picture."""

    start: float
    end: float
    colour: Colour
    label: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of the picture."""

    name: str
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole picture. `start`: its left edge, in seconds since the epoch."""

    start: float
    seconds: float
    lanes: Sequence[Lane]
    window: Bar | None


def timeline(shown: Presented, lines: Iterable[Line], slices: int) -> Timeline | None:
    """Draw the steps, each stream and each group; None where nothing was recorded."""
    seen = [one for one in lines if isinstance(one, Seen) and one.kind in ("accepted", "refused", "read")]
    times = [one.at for one in seen]
    if not times or not shown.lanes:
        return None
    start = min(one.start for one in shown.lanes) - LEAD_SECONDS
    # What follows repeats itself.
    end = shown.end + LEAD_SECONDS
    seconds = end - start
    width = seconds / slices

    def lane(name: str, mine: Callable[[Seen], bool], colour: Callable[[Seen], Colour]) -> Lane:
        found: dict[int, Colour] = {}
        for one in seen:
            place = int((one.at - start) / width)
            if mine(one) and 0 <= place < slices:
                found[place] = colour(one)
        return Lane(name, _bars(found, width))

    lanes = [
        Lane(
            one.step,
            [Bar(max(0.0, one.start - start), one.end - start, "step", f"{one.step}: {one.seconds:.1f} s")],
        )
        for one in shown.lanes
    ]
    lanes += [lane(f"{one} written", _written(one), _colour(shown.red)) for one in shown.streams]
    lanes += [lane(f"{one} read", _read(one), _colour(frozenset())) for one in shown.groups]
    window = None
    if shown.window is not None:
        first, last, label = shown.window
        window = Bar(first - start, last - start, "empty", label)
    return Timeline(start, seconds, lanes, window)


def _written(stream: str) -> Callable[[Seen], bool]:
    return lambda one: one.kind in ("accepted", "refused") and one.stream == stream


def _read(group: str) -> Callable[[Seen], bool]:
    return lambda one: one.kind == "read" and one.group == group


def _colour(red: frozenset[Record]) -> Callable[[Seen], Colour]:
    return lambda one: "refused" if one.kind == "refused" or (one.stream, one.record) in red else one.side


def _bars(found: dict[int, Colour], width: float) -> list[Bar]:
    """Join neighbouring slices of one colour."""
    bars: list[Bar] = []
    for place in sorted(found):
        bar = Bar(place * width, (place + 1) * width, found[place])
        if bars and bars[-1].colour == bar.colour and abs(bars[-1].end - bar.start) < width / 2:
            bars[-1] = Bar(bars[-1].start, bar.end, bar.colour)
        else:
            bars.append(bar)
    return bars
