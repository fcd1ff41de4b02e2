"""The Pulumi policy pack: `pulumi preview --policy-pack policy`, with any backend.

Each rule becomes one policy. A rule about one manifest is judged before Pulumi creates or changes the
resource. A rule that compares several is judged at the end of the preview, also against the other stack files
of this project and what `compare_with` of the policy file names. Pulumi runs the pack in its own virtual
environment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# Pulumi starts this file with the pack's folder as the only one of this project on the path.
sys.path.insert(0, str(ROOT))

import pulumi  # noqa: E402
import yaml  # noqa: E402
from pulumi_policy import (  # noqa: E402
    EnforcementLevel,
    Policy,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError  # noqa: E402

from policy.config import FILE, PolicyConfig  # noqa: E402
from policy.documents import Document, Documents  # noqa: E402
from policy.files import compared_with, read_file, read_policy, stack_name  # noqa: E402
from policy.problems import PolicyError  # noqa: E402
from policy.register import BY_ID, RULES  # noqa: E402
from policy.report import PolicyFinding, context_of, findings  # noqa: E402
from policy.resources import documents_of, plain, stack_of  # noqa: E402
from policy.rule import Rule  # noqa: E402

POLICY_VARIABLE = "REGION_MIRROR_POLICY"
"""Environment variable with the path of the policy file, relative to this project. Default: `policy.yaml`."""
NAME = "region-mirror"


class Pack:
    """The policies, with the policy file and the manifests to compare with."""

    def __init__(self) -> None:
        given = os.environ.get(POLICY_VARIABLE)
        path = ROOT / (given or FILE)
        self._config = read_policy(path, BY_ID) if given or path.is_file() else PolicyConfig()
        self._context = context_of(self._config, datetime.now(UTC))
        self._compared = tuple(compared_with(self._config, path.parent))
        self._others: dict[tuple[str, str], tuple[Document, ...]] = {}

    def policies(self) -> list[Policy]:
        """Return a policy for each rule that is not off."""
        judged = [rule for rule in RULES if self._config.severity(rule) != "off"]
        return [self._across(rule) if rule.across else self._of_one(rule) for rule in judged]

    def _of_one(self, rule: Rule) -> Policy:
        def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
            documents = tuple(documents_of(plain(args.props, UnknownValueError), stack_of(args.urn)[0]))
            for found in self._findings(rule, documents, args.urn):
                report(_text(found), None)

        return ResourceValidationPolicy(validate=validate, **self._described(rule))

    def _across(self, rule: Rule) -> Policy:
        def validate(args: StackValidationArgs, report: ReportViolation) -> None:
            by_urn = [
                (one.urn, tuple(documents_of(plain(one.props, UnknownValueError), stack_of(one.urn)[0])))
                for one in args.resources
            ]
            if not by_urn:
                return
            urns = {document.subject: urn for urn, documents in by_urn for document in documents}
            all_documents = tuple(document for _, documents in by_urn for document in documents)
            for found in self._findings(rule, all_documents, by_urn[0][0]):
                report(_text(found), urns.get(found.violation.subject))

        return StackValidationPolicy(validate=validate, **self._described(rule))

    def _findings(self, rule: Rule, documents: tuple[Document, ...], urn: str) -> Iterator[PolicyFinding]:
        # Each CLI names the stack in the URN. 3.188 sets PULUMI_STACK and PULUMI_PROJECT too, 3.276 does not.
        stack = stack_of(urn)
        if stack not in self._others:
            self._others[stack] = tuple(self._other_stacks(*stack))
        beside = (*self._compared, *self._others[stack])
        judged = findings(rule, Documents(documents), self._config, self._context, beside)
        return (one for one in judged if not one.waived)

    def _described(self, rule: Rule) -> dict[str, Any]:
        mandatory = self._config.severity(rule) == "error"
        return {
            "name": rule.id,
            "display_name": rule.title,
            "description": f"{rule.title}. {rule.reason} [{rule.source}]",
            "enforcement_level": EnforcementLevel.MANDATORY if mandatory else EnforcementLevel.ADVISORY,
            "severity": Severity.HIGH if mandatory else Severity.MEDIUM,
            "remediation_steps": rule.remedy,
        }

    def _other_stacks(self, stack: str, of_project: str) -> Iterable[Document]:
        """Return the manifests of the other stack files of this project, without those that are broken."""
        project = ROOT / "Pulumi.yaml"
        about = yaml.safe_load(project.read_text(encoding="utf-8")) if project.is_file() else {}
        if about.get("name") != of_project:
            return
        for path in sorted((ROOT / str(about.get("stackConfigDir") or ".")).glob("Pulumi.*.yaml")):
            if stack_name(path) != stack:
                try:
                    yield from read_file(path)
                except PolicyError as error:
                    print(f"stack {stack_name(path)} could not be compared: {error}", file=sys.stderr)


def _text(found: PolicyFinding) -> str:
    """Return what Pulumi prints below the policy's description."""
    return f"{found.violation.subject.name}: {found.message}\nWay out: {found.remedy}"


if __name__ == "__main__":
    try:
        policies = Pack().policies()
    except PolicyError as problem:
        pulumi.log.error(str(problem))
        sys.exit(1)
    PolicyPack(NAME, policies)
