"""Deny rules by which copied users may only read mirrored topics on the target until the promotion.

The rules are added to the copy's ACLs. Its ALLOW rules stay as they are, because a DENY overrides them
(`StandardAuthorizerData`): Write goes on implying Describe, and the promotion only removes the deny rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from settings.consistency.mirrors import flow
from settings.model import Settings
from settings.names import copy_of
from settings.overlap import written_within
from settings.scopes import Scope

_WRITES = frozenset({"Write", "All"})


def denied_writes(settings: Settings, acls: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a deny rule for each scope of mirrored topics that these ACLs of a copy let it write to. Other
    topics of the target stay writable.

    A scope with a topic that was moved already stays writable as a whole: a DENY of a prefix overrides the
    ALLOW of each topic. The cutover in parts is refused while a topic of such a scope would stay.
    """
    mirrored = flow(settings)
    moved = moved_copies(settings)
    found = dict.fromkeys(
        scope
        for acl in acls
        if acl.get("type", "allow") == "allow" and _is_write(acl)
        for scope in written_within(mirrored, scope_of(acl["resource"]))
        if not any(scope.covers(copy) for copy in moved)
    )
    widest = [one for one in found if not any(other != one and other.covers(one) for other in found)]
    return [deny_write(scope) for scope in widest]


def moved_copies(settings: Settings) -> list[Scope]:
    """Return the copies of the topics that were moved already, as scopes of the target."""
    return [Scope(copy_of(settings, topic), "literal") for topic in settings.mirror.moved.topics]


def is_read_only(settings: Settings, spec: Mapping[str, Any]) -> bool:
    """Tell whether the `spec` of a copy denies it to write to mirrored topics that it could write otherwise.
    The rules are the evidence, whatever the stack file declares.
    """
    allowed, open_ = _writable(settings, spec)
    return bool(allowed) and not open_


def may_write(settings: Settings, spec: Mapping[str, Any]) -> bool:
    """Tell whether the `spec` of a copy lets it write to mirrored topics."""
    return bool(_writable(settings, spec)[1])


def _writable(settings: Settings, spec: Mapping[str, Any]) -> tuple[list[Scope], list[Scope]]:
    """Return the scopes of mirrored topics with an ALLOW of Write, and those of them without a DENY."""
    acls = (spec.get("authorization") or {}).get("acls") or []
    denies = [scope_of(acl["resource"]) for acl in acls if acl.get("type") == "deny" and _is_write(acl)]
    allowed = [scope_of(one["resource"]) for one in denied_writes(settings, acls)]
    return allowed, [scope for scope in allowed if not any(one.covers(scope) for one in denies)]


def deny_write(scope: Scope) -> dict[str, Any]:
    """Render a rule that takes Write on these topics from every host."""
    return {
        "type": "deny",
        "resource": {"type": "topic", "name": scope.name, "patternType": scope.pattern_type},
        "operations": ["Write"],
        "host": "*",
    }


def _is_write(acl: Mapping[str, Any]) -> bool:
    return acl["resource"]["type"] == "topic" and bool(_WRITES.intersection(acl.get("operations") or ()))


def scope_of(resource: Mapping[str, Any]) -> Scope:
    """Return the scope of an ACL's resource."""
    return Scope(resource["name"], resource.get("patternType", "literal"))
