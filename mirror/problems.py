"""Problems: a finding of a report, and the errors without which no report can be made.

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
    """A command could not do its work. Says what was tried, what happened, and the way out."""

    def __init__(self, tried: str, happened: str, way_out: str) -> None:
        self.tried = tried
        self.happened = happened
        self.way_out = way_out
        super().__init__(tried, happened, way_out)

    def __str__(self) -> str:
        return f"{self.tried}: {self.happened}\n  Way out: {self.way_out}"


class NotThere(CouldNotRun):
    """A Kubernetes object that must exist does not."""


class AlreadyChanged(CouldNotRun):
    """Somebody else has changed or created the same Kubernetes object in the meantime."""


class CouldNotConnect(CouldNotRun):
    """A Kafka cluster or a Kubernetes API did not answer, or refused the login."""


class NotLoggedIn(CouldNotConnect):
    """A Kubernetes API answered, and did not accept the login: it is there."""


class TooManyRequests(CouldNotConnect):
    """A Kubernetes API answered that it takes no more requests now, also after some time: it is there."""


class CouldNotRead(CouldNotRun):
    """The login worked, but one request got no answer or was refused."""


def one_line(text: object) -> str:
    """Messages of libraries span lines and repeat themselves; a finding is one line."""
    return " ".join(str(text).split())
