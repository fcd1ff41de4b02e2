"""The report of a drill: the results of its streams, groups and steps, and their JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mirror.cutover.drill.recording import Mark
from mirror.text.durations import duration


@dataclass(frozen=True, slots=True)
class StreamResult:
    """What became of a stream's records. `judged`: False for a compacted topic, where none counts as lost."""

    stream: str
    accepted_at_source: int
    accepted_at_target: int
    refused: int
    unknown: int
    lost: int
    doubled: int
    judged: bool = True
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupResult:
    """What a group read. `twice`: reads of records that it had read before."""

    group: str
    streams: tuple[str, ...]
    read_at_source: int
    read_at_target: int
    lost: int
    twice: int
    gap: float | None
    """Seconds from the last read at the source to the first at the target."""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepTime:
    """One step of the cutover that was done. Times in seconds since the epoch."""

    step: str
    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class DrillReport:
    """The result of a drill."""

    streams: Sequence[StreamResult]
    groups: Sequence[GroupResult]
    steps: Sequence[StepTime]
    last_at_source: float | None
    first_at_target: float | None
    ended: str
    """The last event of the cutover."""
    marks: Sequence[Mark] = ()
    problems: Sequence[str] = field(default_factory=tuple)
    """Why the drill proves nothing, or shows a loss."""

    @property
    def window(self) -> float | None:
        """Seconds from the last record that the source accepted to the first that the target accepted."""
        if self.last_at_source is None or self.first_at_target is None:
            return None
        return self.first_at_target - self.last_at_source

    @property
    def lost(self) -> int:
        """Accepted records that are not on the target, and records that a group was never given."""
        return sum(one.lost for one in self.streams) + sum(one.lost for one in self.groups)

    @property
    def doubled(self) -> int:
        """Records that are twice on the target, and records that a group was given twice."""
        return sum(one.doubled for one in self.streams) + sum(one.twice for one in self.groups)

    @property
    def passed(self) -> bool:
        """Whether the move was seen as a whole, lost nothing and doubled nothing."""
        return not self.problems

    @property
    def told(self) -> str:
        """The result in one line."""
        window = duration(self.window, "none")
        return f"window {window}, {self.lost:,} records lost, {self.doubled:,} doubled"

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "passed": self.passed,
            "problems": list(self.problems),
            "window_seconds": _rounded(self.window),
            "last_accepted_at_source": _rounded(self.last_at_source),
            "first_accepted_at_target": _rounded(self.first_at_target),
            "lost": self.lost,
            "doubled": self.doubled,
            "streams": [
                {
                    "stream": one.stream,
                    "accepted_at_source": one.accepted_at_source,
                    "accepted_at_target": one.accepted_at_target,
                    "refused": one.refused,
                    "unknown": one.unknown,
                    "lost": one.lost if one.judged else None,
                    "doubled": one.doubled,
                    "examples": list(one.examples),
                }
                for one in self.streams
            ],
            "groups": [
                {
                    "group": one.group,
                    "streams": list(one.streams),
                    "read_at_source": one.read_at_source,
                    "read_at_target": one.read_at_target,
                    "lost": one.lost,
                    "twice": one.twice,
                    "gap_seconds": _rounded(one.gap),
                    "examples": list(one.examples),
                }
                for one in self.groups
            ],
            "steps": [
                {"step": one.step, "start": _rounded(one.start), "seconds": _rounded(one.seconds)}
                for one in self.steps
            ],
            "ended": self.ended,
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
