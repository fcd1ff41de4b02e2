"""All problems of both sides are collected and raised at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from mirror.problems import CouldNotRun, Finding

T = TypeVar("T")


class EstateError(CouldNotRun):
    """Everything that is missing or wrong on either side, at once."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        lines = [f"\n  - {finding.subject}: {finding.message}\n    {finding.remedy}" for finding in findings]
        count = f"{len(findings)} problem{'s' if len(findings) != 1 else ''}"
        super().__init__("looking at both regions before anything is declared", count + "".join(lines), "")

    def __str__(self) -> str:
        return f"{self.tried}: {self.happened}"


class Notes:
    """What was found while reading, each once; reading goes on after a problem."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.warnings: list[str] = []

    def attempt(self, read: Callable[[], T]) -> T | None:
        """What `read` returns; None, and its problem noted, where it could not."""
        try:
            return read()
        except CouldNotRun as error:
            self.note(error)
            return None

    def note(self, error: CouldNotRun) -> None:
        """Turn an error into a finding."""
        self.add([Finding(error.tried, error.happened, error.way_out)])

    def add(self, findings: Iterable[Finding]) -> None:
        """Keep what is not known yet: one cause may show in several reads."""
        for finding in findings:
            if finding not in self.findings:
                self.findings.append(finding)

    def warn(self, text: str) -> None:
        """Keep what hinders nothing."""
        if text not in self.warnings:
            self.warnings.append(text)

    def include(self, other: Notes) -> None:
        """Add what was noted elsewhere (in another thread), after what is here."""
        self.add(other.findings)
        for text in other.warnings:
            self.warn(text)
