"""The mirrors of a stack one by one: one that could not be read hides no other, and has its own line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from rich.console import Console
from rich.text import Text

from mirror.commands.answers import Answers
from mirror.problems import CouldNotRun
from mirror.text.failures import reason_of
from mirror.text.markdown import prose

Kind = Literal["left_out", "could_not_run"]


@dataclass(frozen=True, slots=True)
class WithoutReport:
    """A mirror without a report. `kind`: nobody wants one, or the mirror could not be read."""

    mirror: str
    done: str
    """What was not done with it: `verified`."""
    kind: Kind
    why: str

    @property
    def told(self) -> str:
        """One line for people."""
        return f"mirror {self.mirror} is not {self.done}: {self.why}"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"mirror": self.mirror, self.kind: self.why}

    def markdown(self) -> str:
        """Return the line as Markdown."""
        return f"{prose(self.told)}\n"

    def render(self, console: Console) -> None:
        """Print the line."""
        console.print(Text(self.told))


@dataclass(slots=True)
class OneByOne:
    """Prints a line for each mirror that has no report. `alone`: there is no other mirror."""

    answers: Answers
    done: str
    alone: bool
    unread: bool = False
    """Whether a mirror could not be read."""

    def without(self, mirror: str, kind: Kind, why: str) -> None:
        """Print the line of a mirror."""
        one = WithoutReport(mirror, self.done, kind, why)
        self.answers.show(one, alone=self.alone, markdown=WithoutReport.markdown, render=WithoutReport.render)

    @contextmanager
    def hiding_no_other(self, mirror: str) -> Iterator[None]:
        """Print why a mirror could not be read, and go on with the next. Raises CouldNotRun of a mirror that
        is alone.
        """
        try:
            yield
        except CouldNotRun as error:
            if self.alone:
                raise
            self.unread = True
            self.without(mirror, "could_not_run", f"{reason_of(error)}. {error.way_out}")
