"""Which copied users may not write on the target, and the change that lets them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manifests.strimzi.standby import denied_writes
from mirror.estate.fenced_user import without
from mirror.estate.kafka_user_differences import operations_by_rule
from settings.model import Settings

_WRITES = frozenset({"Write", "All", "IdempotentWrite"})


def lacks_write(copy: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Tell whether the `spec` of a copy allows less writing than that of the source's user does.

    A rule that denies writing, and that the source's user does not have, counts too.
    """
    there, right = operations_by_rule(copy), operations_by_rule(wanted)
    for rule, operations in right.items():
        if not rule.deny and (operations & _WRITES) - there.get(rule, set()):
            return True
    return any(
        rule.deny and (operations & _WRITES) - right.get(rule, set()) for rule, operations in there.items()
    )


def without_standby(settings: Settings, copy: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the `spec` of a copy without the deny rules that it has until the promotion. An equal rule of
    the source's user is there a second time, and remains.
    """
    authorization = copy.get("authorization")
    if not authorization or settings.standby_writes == "allow":
        return copy
    acls = authorization.get("acls") or []
    return {**copy, "authorization": {**authorization, "acls": without(acls, denied_writes(settings, acls))}}


def writing_patch(resource: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any] | None:
    """Give a copy the ACLs of the source's user, which may have none any more; None where it may write
    already.
    """
    if not lacks_write(resource.get("spec") or {}, wanted):
        return None
    return {
        "metadata": {"resourceVersion": (resource.get("metadata") or {}).get("resourceVersion")},
        "spec": {"authorization": wanted.get("authorization")},
    }
