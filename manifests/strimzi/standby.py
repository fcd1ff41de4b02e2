"""Deny rules by which copied users may only read mirrored topics on the target until the promotion.

The rules are added to the copy's ACLs. Its ALLOW rules stay as they are, because a DENY overrides them
(`StandardAuthorizerData`): Write goes on implying Describe, and the promotion only removes the deny rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from settings.consistency.mirrors import flow
from settings.model import Settings
from settings.overlap import written_within
from settings.scopes import Scope

_WRITES = frozenset({"Write", "All"})


def denied_writes(settings: Settings, acls: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a deny rule for each scope of mirrored topics that these ACLs of a copy let it write to. Other
    topics of the target stay writable.
    """
    mirrored = flow(settings)
    found = dict.fromkeys(
        scope
        for acl in acls
        if _WRITES.intersection(acl["operations"])
        and acl["resource"]["type"] == "topic"
        and acl.get("type", "allow") == "allow"
        for scope in written_within(mirrored, _scope(acl["resource"]))
    )
    widest = [one for one in found if not any(other != one and other.covers(one) for other in found)]
    return [deny_write(scope) for scope in widest]


def deny_write(scope: Scope) -> dict[str, Any]:
    """Render a rule that takes Write on these topics from every host."""
    return {
        "type": "deny",
        "resource": {"type": "topic", "name": scope.name, "patternType": scope.pattern_type},
        "operations": ["Write"],
        "host": "*",
    }


def _scope(resource: Mapping[str, Any]) -> Scope:
    return Scope(resource["name"], resource.get("patternType", "literal"))
