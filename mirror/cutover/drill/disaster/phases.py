"""The phases of the drill, in order, and the marks of its programs. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from mirror.cutover.drill.recording import Line, Mark, Phase
from mirror.cutover.drill.results import StepTime

AT_SOURCE = "at-source"
KILL = "kill"
FAILOVER = "failover"
AT_TARGET = "at-target"
SOURCE_BACK = "source-back"
RECOVER = "recover"
REVERSE = "reverse"
WAY_BACK = "way-back"
HOME = "home"
COUNT = "count"

KILLED, RESTORED = "killed", "restored"
"""Marks of the program that takes the source away."""


def begun(lines: Sequence[Line], name: str) -> float | None:
    """Return when a phase began, in seconds since the epoch; None: it did not."""
    return next((one.at for one in lines if isinstance(one, Phase) and one.name == name), None)


def marked(lines: Sequence[Line], name: str) -> float | None:
    """Return when a mark was first told; None: never."""
    return next((one.at for one in lines if isinstance(one, Mark) and one.name == name), None)


def phases(lines: Sequence[Line], end: float) -> list[StepTime]:
    """Return the phases: each ends where the next one begins, the last one at `end`."""
    found = [one for one in lines if isinstance(one, Phase)]
    ends = [*(one.at for one in found[1:]), max([end, *(one.at for one in found[-1:])])]
    return [StepTime(one.name, one.at, until) for one, until in zip(found, ends, strict=True)]
