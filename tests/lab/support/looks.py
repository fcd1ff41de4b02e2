"""Looks at a stack's mirrors through connections that last, as the exporter does.

A process for each look takes longer to start and to log in than to look.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from mirror.problems import CouldNotRun, Finding
from mirror.verify.reading.look import Session
from mirror.verify.register import NAMES
from mirror.verify.report import Report
from mirror.verify.run import report_of
from settings.load import load_stack
from settings.stack_file import parse_stack_file


class Looks:
    """Looks at the mirrors of one stack file at a time; another file, or a changed one, is begun anew."""

    def __init__(self) -> None:
        self._of: tuple[Path, str] | None = None
        self._sessions: list[Session] = []
        self._stack = ExitStack()
        self._last: list[Report] = []

    def at(self, file: Path) -> list[Report]:
        """One look at each mirror with all checks. Raises CouldNotRun when new connections do not help."""
        of = file, file.read_text()
        if of == self._of:
            try:
                return self._look()
            except CouldNotRun:  # credentials may have been renewed
                pass
        self.leave()
        project = file.parents[1]
        self._sessions = [Session(one, project, self._stack) for one in load_stack(parse_stack_file(of[1]))]
        self._of = of
        return self._look()

    def leave(self) -> None:
        """Close the connections; the next look comes back."""
        self._of = None
        self._sessions = []
        self._stack.close()

    @property
    def found(self) -> list[tuple[str, Finding]]:
        """What the last look found, with the names of the checks."""
        return [
            (check.name, one) for report in self._last for check in report.checks for one in check.findings
        ]

    @property
    def findings(self) -> str:
        """The same, a line each."""
        return "\n".join(f"{check}: {one.subject}: {one.message}" for check, one in self.found)

    def _look(self) -> list[Report]:
        self._last = [report_of(session, NAMES) for session in self._sessions]
        return self._last


LOOKS = Looks()
"""The run's: tests come one after the other, and most of them look at the same mirror."""
