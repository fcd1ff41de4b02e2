"""What is wrong: a finding, one of many in a report, and the errors that keep a look from happening at all.

An error ends a command with exit code 2 and one message, without a traceback.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found wrong: what it is about, what is wrong with it, and what to do."""

    subject: str
    message: str
    remedy: str

    def to_json(self) -> dict[str, Any]:
        """Return the three texts by their names."""
        return {"subject": self.subject, "message": self.message, "remedy": self.remedy}


class CouldNotRun(Exception):
    """Nothing can be said about the mirror. Says what was tried, what happened, and the way out."""

    def __init__(self, tried: str, happened: str, way_out: str) -> None:
        self.tried = tried
        self.happened = happened
        self.way_out = way_out
        super().__init__(tried, happened, way_out)

    def __str__(self) -> str:
        return f"{self.tried}: {self.happened}\n  Way out: {self.way_out}"


class NotThere(CouldNotRun):
    """A Kubernetes object that must exist does not."""


class CouldNotConnect(CouldNotRun):
    """A Kafka cluster or a Kubernetes API did not answer, or did not let us in."""


class CouldNotRead(CouldNotRun):
    """A cluster let us in, but did not answer or refused one particular question."""


def one_line(text: object) -> str:
    """Messages of libraries span lines and repeat themselves; a finding is one line."""
    return " ".join(str(text).split())
