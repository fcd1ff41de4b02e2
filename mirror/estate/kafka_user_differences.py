"""What differs between the specifications of two KafkaUsers: login, ACLs and quotas, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mirror.text.numbers import shown_number

_Rule = tuple[str, str, str, str, str]
"""Resource type, name, pattern type, host, and allow or deny."""


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, after = (login_of(spec) for spec in (old, new))
    if before != after:
        yield f"login by {after}, not {before}"
    rules, wanted = operations_by_rule(old), operations_by_rule(new)
    for rule in sorted({*rules, *wanted}):
        if more := sorted(wanted.get(rule, set()) - rules.get(rule, set())):
            yield f"+ {_rule(rule, more)}"
        if fewer := sorted(rules.get(rule, set()) - wanted.get(rule, set())):
            yield f"- {_rule(rule, fewer)}"
    if quotas_in_words(old) != quotas_in_words(new):
        yield f"{quotas_in_words(new)}, not {quotas_in_words(old)}"


def login_of(spec: Mapping[str, Any]) -> str:
    return str((spec.get("authentication") or {}).get("type", "nothing"))


def operations_by_rule(spec: Mapping[str, Any]) -> dict[_Rule, set[str]]:
    """Operations by rule; v1beta2 also knew a single `operation`."""
    found: dict[_Rule, set[str]] = {}
    for acl in (spec.get("authorization") or {}).get("acls") or []:
        resource = acl.get("resource") or {}
        rule = (
            str(resource.get("type")),
            str(resource.get("name", "")),
            str(resource.get("patternType") or "literal"),
            str(acl.get("host") or "*"),
            str(acl.get("type") or "allow"),
        )
        operations = acl.get("operations") or [acl.get("operation")]
        found.setdefault(rule, set()).update(str(one) for one in operations)
    return found


def _rule(rule: _Rule, operations: list[str]) -> str:
    kind, name, pattern, host, verdict = rule
    where = f"{kind} {name}{'*' if pattern == 'prefix' else ''}".rstrip()
    denied = "deny " if verdict == "deny" else ""
    return f"{denied}{', '.join(operations)} on {where}{'' if host == '*' else f' from {host}'}"


def quotas_in_words(spec: Mapping[str, Any]) -> str:
    quotas = spec.get("quotas") or {}
    shown = ", ".join(f"{key} {shown_number(quotas[key])}" for key in sorted(quotas))
    return f"quotas {shown}" if shown else "no quotas"
