"""Compares the `spec` of two KafkaUsers and describes each difference: authentication, ACLs, quotas. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mirror.estate.kafka_user_acls import AclRule, rules_of
from mirror.text.numbers import shown_number


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """One description for each difference: `+` an operation is added, `-` an operation is removed."""
    before, after = (login_of(spec) for spec in (old, new))
    if before != after:
        yield f"login by {after}, not {before}"
    rules, wanted = operations_by_rule(old), operations_by_rule(new)
    for rule in sorted({*rules, *wanted}, key=_order):
        if more := sorted(wanted.get(rule, set()) - rules.get(rule, set())):
            yield f"+ {_in_words(rule, more)}"
        if fewer := sorted(rules.get(rule, set()) - wanted.get(rule, set())):
            yield f"- {_in_words(rule, fewer)}"
    if quotas_in_words(old) != quotas_in_words(new):
        yield f"{quotas_in_words(new)}, not {quotas_in_words(old)}"


def login_of(spec: Mapping[str, Any]) -> str:
    """The `type` of the user's authentication; "nothing" where it has none."""
    return str((spec.get("authentication") or {}).get("type", "nothing"))


def operations_by_rule(spec: Mapping[str, Any]) -> dict[AclRule, set[str]]:
    """The operations of each ACL, keyed by the rule without its operations."""
    found: dict[AclRule, set[str]] = {}
    for rule in rules_of(spec):
        found.setdefault(replace(rule, operations=frozenset()), set()).update(rule.operations)
    return found


def _in_words(rule: AclRule, operations: list[str]) -> str:
    where = f"{rule.resource} {rule.name}{'*' if rule.prefix else ''}".rstrip()
    denied = "deny " if rule.deny else ""
    return f"{denied}{', '.join(operations)} on {where}{'' if rule.everywhere else f' from {rule.host}'}"


def _order(rule: AclRule) -> tuple[str, str, bool, str, bool]:
    return rule.resource, rule.name, rule.prefix, rule.host, rule.deny


def quotas_in_words(spec: Mapping[str, Any]) -> str:
    """The quotas as one phrase."""
    quotas = spec.get("quotas") or {}
    shown = ", ".join(f"{key} {shown_number(quotas[key])}" for key in sorted(quotas))
    return f"quotas {shown}" if shown else "no quotas"
