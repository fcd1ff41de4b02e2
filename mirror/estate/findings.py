"""Collects the problems of both sides, so that they are raised together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from mirror.problems import CouldNotRun, Finding

T = TypeVar("T")


class EstateError(CouldNotRun):
    """All problems at the source and the target, in one message."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        lines = [f"\n  - {finding.subject}: {finding.message}\n    {finding.remedy}" for finding in findings]
        count = f"{len(findings)} problem{'s' if len(findings) != 1 else ''}"
        super().__init__("checking source and target before anything is declared", count + "".join(lines), "")

    def __str__(self) -> str:
        return f"{self.tried}: {self.happened}"


class Notes:
    """The findings and warnings of a read, each once. Reading continues after a problem."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.warnings: list[str] = []

    def attempt(self, read: Callable[[], T]) -> T | None:
        """The result of `read`. Where it raises CouldNotRun: None, and the error becomes a finding."""
        try:
            return read()
        except CouldNotRun as error:
            self.note(error)
            return None

    def note(self, error: CouldNotRun) -> None:
        """Add an error as a finding."""
        self.add([Finding(error.tried, error.happened, error.way_out)])

    def add(self, findings: Iterable[Finding]) -> None:
        """Add findings that are not known yet: several reads may fail for one cause."""
        for finding in findings:
            if finding not in self.findings:
                self.findings.append(finding)

    def warn(self, text: str) -> None:
        """Add a warning, which does not fail the deployment."""
        if text not in self.warnings:
            self.warnings.append(text)

    def include(self, other: Notes) -> None:
        """Append the findings and warnings of other notes (from another thread)."""
        self.add(other.findings)
        for text in other.warnings:
            self.warn(text)
