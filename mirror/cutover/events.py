"""What the engine tells while it walks the steps: one event a line with `--output json`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from mirror.cutover.step import JSON, Verdict

Kind = Literal[
    "looked",  # the verdict of a step, each time that it has changed
    "acting",  # the step is about to change something
    "done",
    "stopped",  # blocked, late, or no longer done: the command ends
    "undoing",
    "undone",
    "undo-failed",
    "ended",
]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, in the order of time. `at`: seconds since the epoch."""

    kind: Kind
    at: float
    text: str
    step: str = ""
    verdict: Verdict | None = None
    seconds: float | None = None
    """How long the step took so far."""
    remedy: str = ""

    def to_json(self) -> dict[str, JSON]:
        """Return the event as plain JSON values, without what is empty."""
        found: dict[str, JSON] = {
            "at": datetime.fromtimestamp(self.at, UTC).isoformat(timespec="milliseconds"),
            "event": self.kind,
        }
        if self.step:
            found["step"] = self.step
        found["text"] = self.text
        if self.remedy:
            found["remedy"] = self.remedy
        if self.seconds is not None:
            found["seconds"] = round(self.seconds, 3)
        if self.verdict is not None:
            found["verdict"] = self.verdict.to_json()
        return found


Tell = Callable[[Event], None]
"""Receives each event. Raises CouldNotRun where the event must be written down and cannot be."""
