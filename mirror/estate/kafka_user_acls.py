"""Reads a KafkaUser's ACLs and decides what they allow, as Kafka's own authorizer does. Pure.

`StandardAuthorizerData` of Kafka 4.3.1: a rule applies to a resource by its literal name, by the wildcard `*`
or by a prefix. A DENY overrides every ALLOW. An ALLOW of Read, Write, Delete or Alter implies Describe; an
ALLOW of AlterConfigs implies DescribeConfigs.
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
"""The operations that `All` means for each resource type (`AclEntry.supportedOperations`)."""
_SAMPLES = 2
"""Known names that are tried for each prefix or wildcard."""


@dataclass(frozen=True, slots=True)
class AclRule:
    """One entry of a KafkaUser's `spec.authorization.acls`."""

    resource: str
    """`topic`, `group`, `cluster` or `transactionalId`."""
    name: str
    prefix: bool
    operations: frozenset[str]
    deny: bool = False
    host: str = "*"

    @property
    def everywhere(self) -> bool:
        """Whether the rule applies to clients on every host."""
        return self.host == "*"

    def concerns(self, resource: str, name: str) -> bool:
        """Whether the rule applies to the resource of this type and name."""
        if self.resource != resource:
            return False
        if self.prefix:
            return name.startswith(self.name)
        return resource == "cluster" or self.name in (name, "*")


def rules_of(spec: Mapping[str, Any]) -> list[AclRule]:
    """The ACLs of a KafkaUser's `spec`. v1beta2 also allows a single `operation`."""
    return [_rule(acl) for acl in (spec.get("authorization") or {}).get("acls") or []]


def allowed(rules: Iterable[AclRule], resource: str, name: str) -> frozenset[str]:
    """The operations that a user with these rules may use on the resource from every host."""
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


def covers(rules: Iterable[AclRule], resource: str, name: str, *, prefix: bool, operation: str) -> bool:
    """Whether the operation is allowed from every host on all resources of a scope: a literal name, `*`, or
    all names with a prefix. A DENY for a part of the scope counts.
    """
    rules = list(rules)
    everything = name == "*" and not prefix
    if not prefix and not everything:
        return operation in allowed(rules, resource, name)
    granted = False
    for rule in rules:
        operations = _expanded(rule.operations, resource)
        if rule.resource != resource:
            continue
        whole = rule.name == "*" and not rule.prefix
        if rule.deny:
            within = everything or rule.name.startswith(name)
            around = whole or (rule.prefix and name.startswith(rule.name))
            if operation in operations and (within or around):
                return False
        elif rule.everywhere and (whole or (rule.prefix and prefix and name.startswith(rule.name))):
            implied = operation == "Describe" and bool(operations & _IMPLY_DESCRIBE)
            granted = granted or implied or operation in operations
    return granted


def asked(rules: Iterable[AclRule], resource: str, known: Iterable[str]) -> list[str]:
    """Names of resources with which the rules can be tested: each literal name, and for each prefix or
    wildcard the first known names that it matches."""
    names: dict[str, None] = {}
    ordered = sorted(known)
    for rule in rules:
        if rule.resource != resource or rule.deny:
            continue
        if not rule.prefix and rule.name != "*":
            names[rule.name] = None
        else:
            fitting = (name for name in ordered if rule.concerns(resource, name))
            names.update((name, None) for name, _ in zip(fitting, range(_SAMPLES), strict=False))
    return list(names)


def _rule(acl: Mapping[str, Any]) -> AclRule:
    resource = acl.get("resource") or {}
    operations = acl.get("operations") or [acl.get("operation")]
    return AclRule(
        str(resource.get("type")),
        str(resource.get("name", "")),
        (resource.get("patternType") or "literal") == "prefix",
        frozenset(str(one) for one in operations),
        (acl.get("type") or "allow") == "deny",
        str(acl.get("host") or "*"),
    )


def _expanded(operations: frozenset[str], resource: str) -> frozenset[str]:
    return SUPPORTED.get(resource, frozenset()) if "All" in operations else operations
