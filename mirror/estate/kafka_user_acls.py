"""What a KafkaUser's rules allow, as Kafka's own authorizer reads them. Pure.

`StandardAuthorizerData` of Kafka 4.3.1: a rule counts for a resource by its literal name, by the wildcard `*`
or by a prefix; any DENY wins; Read, Write, Delete and Alter imply Describe, AlterConfigs implies
DescribeConfigs (`AclOperation` implied by ALLOW only).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_IMPLY_DESCRIBE = frozenset({"Read", "Write", "Delete", "Alter"})
SUPPORTED: dict[str, frozenset[str]] = {
    "topic": frozenset(
        {"Read", "Write", "Create", "Describe", "Delete", "Alter", "DescribeConfigs", "AlterConfigs"}
    ),
    "group": frozenset({"Read", "Describe", "Delete"}),
    "cluster": frozenset(
        {"Create", "ClusterAction", "DescribeConfigs", "AlterConfigs", "IdempotentWrite", "Alter", "Describe"}
    ),
}
"""What `All` stands for (`AclEntry.supportedOperations`)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One of a KafkaUser's `acls`."""

    resource: str
    name: str
    prefix: bool
    operations: frozenset[str]
    deny: bool = False
    everywhere: bool = True
    """Whether it counts for every host."""

    def concerns(self, resource: str, name: str) -> bool:
        if self.resource != resource:
            return False
        if self.prefix:
            return name.startswith(self.name)
        return resource == "cluster" or self.name in (name, "*")


def rules_of(spec: Mapping[str, Any]) -> list[Rule]:
    """The rules of a KafkaUser's `spec`; v1beta2 also knew a single `operation`."""
    return [_rule(acl) for acl in (spec.get("authorization") or {}).get("acls") or []]


def allowed(rules: Iterable[Rule], resource: str, name: str) -> frozenset[str]:
    """What a user with these rules may do to the resource from any host, at least."""
    granted: set[str] = set()
    denied: set[str] = set()
    for rule in rules:
        if not rule.concerns(resource, name):
            continue
        if rule.deny:
            denied |= _expanded(rule.operations, resource)
        elif rule.everywhere:
            granted |= _expanded(rule.operations, resource)
    if granted & _IMPLY_DESCRIBE:
        granted.add("Describe")
    if "AlterConfigs" in granted:
        granted.add("DescribeConfigs")
    return frozenset(granted - denied)


def asked(rules: Iterable[Rule], resource: str, known: Iterable[str], samples: int = 2) -> list[str]:
    """The names of the resources by which the rules can be tried: those that they name literally, and for
    each prefix and wildcard the first few of the known ones."""
    names: dict[str, None] = {}
    ordered = sorted(known)
    for rule in rules:
        if rule.resource != resource or rule.deny:
            continue
        if not rule.prefix and rule.name != "*":
            names[rule.name] = None
        else:
            fitting = (name for name in ordered if rule.concerns(resource, name))
            names.update((name, None) for name, _ in zip(fitting, range(samples), strict=False))
    return list(names)


def _rule(acl: Mapping[str, Any]) -> Rule:
    resource = acl.get("resource") or {}
    operations = acl.get("operations") or [acl.get("operation")]
    return Rule(
        str(resource.get("type")),
        str(resource.get("name", "")),
        (resource.get("patternType") or "literal") == "prefix",
        frozenset(str(one) for one in operations),
        (acl.get("type") or "allow") == "deny",
        (acl.get("host") or "*") == "*",
    )


def _expanded(operations: frozenset[str], resource: str) -> frozenset[str]:
    return SUPPORTED.get(resource, frozenset()) if "All" in operations else operations
