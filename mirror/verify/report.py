"""What one look at a mirror found: a report of checks, each with its findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mirror.problems import Finding


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One verified statement about the mirror. `facts` is for machines: plain JSON values only.

    `judged`: whether it could be evaluated; where not, it has not passed, and says nothing of the mirror.
    `seconds` is how long the judgement took, with what it waited for; it is not part of the report.
    """

    name: str
    passed: bool
    summary: str
    findings: tuple[Finding, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = field(default=0.0, compare=False)
    judged: bool = True

    @classmethod
    def of(
        cls, name: str, summary: str, findings: list[Finding], facts: Mapping[str, Any] | None = None
    ) -> CheckResult:
        """A check passes exactly when it found nothing wrong."""
        return cls(name, not findings, summary, tuple(findings), facts or {})

    @classmethod
    def could_not_judge(cls, name: str, reason: str, remedy: str) -> CheckResult:
        """A check that cannot be evaluated is a failure with its reason, never a pass."""
        findings = (Finding(name, reason, remedy),)
        return cls(name, False, "could not be judged", findings, judged=False)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, without `seconds`."""
        return {
            "name": self.name,
            "passed": self.passed,
            "judged": self.judged,
            "summary": self.summary,
            "findings": [finding.to_json() for finding in self.findings],
            "facts": dict(self.facts),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """All checks of one look at a mirror. `at` is when the look began (UTC), `seconds` how long it took."""

    mirror: str
    source: str
    target: str
    at: datetime
    seconds: float
    checks: tuple[CheckResult, ...]
    looks: int = 1

    @property
    def passed(self) -> bool:
        """Whether there are checks, and all of them passed."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all checks, in their order."""
        return tuple(finding for check in self.checks for finding in check.findings)

    def check(self, name: str) -> CheckResult:
        """The result of one check; KeyError where it was not asked for."""
        for result in self.checks:
            if result.name == name:
                return result
        raise KeyError(name)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; `from_json` reads them."""
        return {
            "mirror": self.mirror,
            "source": self.source,
            "target": self.target,
            "at": self.at.isoformat(timespec="milliseconds"),
            "seconds": round(self.seconds, 3),
            "looks": self.looks,
            "passed": self.passed,
            "checks": [check.to_json() for check in self.checks],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Report:
        """A report from its JSON. Raises ValueError, KeyError or TypeError where it is none."""
        checks = tuple(
            CheckResult(
                check["name"],
                check["passed"],
                check["summary"],
                tuple(Finding(**finding) for finding in check["findings"]),
                check["facts"],
                judged=check.get("judged", True),  # an older image says nothing of it
            )
            for check in value["checks"]
        )
        at = datetime.fromisoformat(value["at"])
        return cls(
            value["mirror"], value["source"], value["target"], at, value["seconds"], checks, value["looks"]
        )
