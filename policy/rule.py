"""The record of one rule: everything that the rest of the program derives from a rule is a field here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from policy.documents import Documents, Subject

Severity = Literal["error", "warning", "off"]
"""`error` fails a run, `warning` is reported only, `off` is not judged."""
Manifests = tuple[Mapping[str, Any], ...]
"""The manifests of an example."""


@dataclass(frozen=True, slots=True)
class Context:
    """What judgements need beside the manifests."""

    now: datetime
    certificate_margin_days: int = 30
    clusters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Aliases and bootstrap addresses that mean the same cluster, by a name of the policy file."""
    environments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Patterns of subjects by environment: mirrors of different environments have no cluster in common."""

    def environment(self, subject: Subject) -> str:
        """Return the first environment of a subject; empty for none."""
        return next(
            (name for name, patterns in self.environments.items() if any(map(subject.matches, patterns))), ""
        )


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that breaks a rule: the manifest, what is wrong with it, and what to do if that differs from
    the rule's own remedy.
    """

    subject: Subject
    message: str
    remedy: str = ""


Judgement = Callable[[Documents, Context], Iterator[Violation]]
"""A pure function of the manifests."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `source`: KIP, CVE, class or issue. `passing` and `failing`: examples, which are tests.

    `across`: compares several manifests, so that one manifest alone is not enough to judge. `production`:
    applies to production only (`production` in the policy file).
    """

    id: str
    title: str
    severity: Severity
    reason: str
    source: str
    remedy: str
    judge: Judgement
    passing: Manifests
    failing: Manifests
    across: bool = False
    production: bool = False

    def __post_init__(self) -> None:
        """Raise ValueError for a record with an empty field."""
        texts = (self.id, self.title, self.reason, self.source, self.remedy)
        if not all(texts) or not self.passing or not self.failing:
            raise ValueError(f"rule {self.id or '(no id)'} needs every text and both examples")
