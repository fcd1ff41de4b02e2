"""The result of judging manifests by all rules. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from policy.config import PolicyConfig, Waiver
from policy.documents import Document, Documents, Subject
from policy.problems import PolicyError
from policy.rule import Context, Rule, Severity, Violation


@dataclass(frozen=True, slots=True)
class PolicyFinding:
    """One violation with its rule. `waiver` accepts it, or accepted it until it expired."""

    rule: Rule
    severity: Severity
    violation: Violation
    waiver: Waiver | None = None
    expired: bool = False

    @property
    def waived(self) -> bool:
        """Whether a waiver accepts the violation today."""
        return self.waiver is not None and not self.expired

    @property
    def message(self) -> str:
        """The message, with the waiver that expired."""
        if self.waiver is None or not self.expired:
            return self.violation.message
        return (
            f"{self.violation.message}. Its waiver expired on {self.waiver.expires} "
            f"(reason: {self.waiver.reason})"
        )

    @property
    def remedy(self) -> str:
        """The way out: the violation's own, else the rule's."""
        return self.violation.remedy or self.rule.remedy

    def to_json(self) -> dict[str, Any]:
        """Return plain values. `waiver` is null without one."""
        subject = self.violation.subject
        waiver = None
        if self.waiver is not None:
            waiver = {
                "reason": self.waiver.reason,
                "expires": self.waiver.expires.isoformat(),
                "expired": self.expired,
            }
        return {
            "rule": self.rule.id,
            "severity": self.severity,
            "origin": subject.origin,
            "kind": subject.kind,
            "name": subject.name,
            "message": self.violation.message,
            "reason": self.rule.reason,
            "source": self.rule.source,
            "remedy": self.remedy,
            "waiver": waiver,
        }


@dataclass(frozen=True, slots=True)
class PolicyReport:
    """All violations, the waived ones apart."""

    origins: tuple[str, ...]
    mirrors: int
    rules: int
    findings: tuple[PolicyFinding, ...]
    waived: tuple[PolicyFinding, ...]
    notes: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[PolicyFinding, ...]:
        """The findings that fail the run."""
        return tuple(one for one in self.findings if one.severity == "error")

    @property
    def warnings(self) -> tuple[PolicyFinding, ...]:
        """The findings that are only reported."""
        return tuple(one for one in self.findings if one.severity != "error")

    @property
    def passed(self) -> bool:
        """Whether no rule with the severity `error` is broken."""
        return not self.errors

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "passed": self.passed,
            "origins": list(self.origins),
            "mirrors": self.mirrors,
            "rules": self.rules,
            "findings": [one.to_json() for one in self.findings],
            "waived": [one.to_json() for one in self.waived],
            "notes": list(self.notes),
        }


def judge(
    documents: Documents,
    rules: Collection[Rule],
    config: PolicyConfig,
    context: Context,
    beside: tuple[Document, ...] = (),
    notes: Iterable[str] = (),
) -> PolicyReport:
    """Judge manifests by rules. `beside`: manifests that they are compared with, and that are not judged.

    Raises PolicyError for a manifest that is no valid object of its kind.
    """
    judged = [rule for rule in rules if config.severity(rule) != "off"]
    found = [one for rule in judged for one in findings(rule, documents, config, context, beside)]
    used = {one.waiver for one in found}
    unused = [
        f"a waiver covers nothing, remove it: {waiver}"
        for waiver in config.waivers
        if waiver not in used and _is_judged(waiver, rules, beside)
    ]
    by_severity = sorted(found, key=lambda one: one.severity != "error")
    return PolicyReport(
        origins=tuple(dict.fromkeys(one.origin for one in documents.documents)),
        mirrors=len(list(documents.mirror_makers())),
        rules=len(judged),
        findings=tuple(one for one in by_severity if not one.waived),
        waived=tuple(one for one in by_severity if one.waived),
        notes=(*notes, *unused),
    )


def findings(
    rule: Rule,
    documents: Documents,
    config: PolicyConfig,
    context: Context,
    beside: tuple[Document, ...] = (),
) -> Iterator[PolicyFinding]:
    """Judge manifests by one rule. Each violation is found once."""
    severity = config.severity(rule)
    looked_at = Documents((*documents.documents, *beside)) if rule.across else documents
    subjects = {one.subject for one in documents.documents}
    try:
        violations = dict.fromkeys(rule.judge(looked_at, context))
    except (AttributeError, TypeError, ValueError, KeyError) as error:
        raise PolicyError(
            f"judging rule {rule.id}",
            (f"a manifest is no valid object of its kind ({type(error).__name__}: {error})",),
            "Check the manifests: kubectl apply --dry-run=server -f FILE",
        ) from error
    for violation in violations:
        if violation.subject in subjects and config.concerns(rule, violation.subject):
            waiver, expired = _waiver(rule, violation.subject, config, context)
            yield PolicyFinding(rule, severity, violation, waiver, expired)


def _is_judged(waiver: Waiver, rules: Collection[Rule], beside: Collection[Document]) -> bool:
    """Whether this run judges everything that a waiver may be about: its rule, and no other stack or file."""
    return any(rule.id == waiver.rule for rule in rules) and not any(
        one.subject.matches(waiver.subject) for one in beside
    )


def _waiver(
    rule: Rule, subject: Subject, config: PolicyConfig, context: Context
) -> tuple[Waiver | None, bool]:
    """Return the waiver of a violation, one that counts before one that expired."""
    today = context.now.date()
    covering = [one for one in config.waivers if one.covers(rule.id, subject)]
    covering.sort(key=lambda one: one.expires, reverse=True)
    if not covering:
        return None, False
    return covering[0], covering[0].expired(today)


def context_of(config: PolicyConfig, now: datetime) -> Context:
    """Return the context of a run with a policy file."""
    return Context(now, config.certificate_margin_days, config.clusters, config.environments)
