"""A KafkaUser of the source as it is without the fence of a cutover. Pure.

The fence takes Write on mirrored topics from the source's KafkaUsers by deny rules, and names them in an
annotation (`mirror.cutover.fence`). Copies on the target must not inherit them: after the promotion producers
write there, and the source stays fenced.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from manifests.strimzi.standby import deny_write
from mirror.estate.kafka_user_acls import rules_of
from settings.scopes import Scope

PREFIX = "region-mirror/fence."
"""Beginning of the annotation with the deny rules of a fence; the mirror's name follows."""


def annotation(mirror: str) -> str:
    """Name the annotation in which the fence of a mirror writes the deny rules that it has added."""
    return f"{PREFIX}{mirror}"


def text_of(noted: Iterable[Mapping[str, Any]]) -> str:
    """Render the annotation. A rule for one topic is its name alone: of thousands of topics the rules would
    need more than an object's annotations may have.
    """
    short = [name if rule == _of_topic(name := str(rule["resource"]["name"])) else rule for rule in noted]
    return json.dumps(short, separators=(",", ":"))


def noted_in(text: str) -> list[dict[str, Any]] | None:
    """Read the annotation; None where it is damaged."""
    try:
        found = json.loads(text) if text else []
    except ValueError:
        return None
    if not isinstance(found, list) or not all(isinstance(one, str | dict) for one in found):
        return None
    return [_of_topic(one) if isinstance(one, str) else one for one in found]


def _of_topic(name: str) -> dict[str, Any]:
    return deny_write(Scope(name, "literal"))


def without(acls: Iterable[Mapping[str, Any]], added: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the ACLs without those that a fence has added, each once. Rules are compared by their meaning:
    the API server adds defaults.
    """
    ours = rules_of({"authorization": {"acls": added}})
    kept = []
    for acl in acls:
        [rule] = rules_of({"authorization": {"acls": [acl]}})
        if rule in ours:
            ours.remove(rule)
        else:
            kept.append(acl)
    return kept


def spec_without_fence(user: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the `spec` without the deny rules that a fence has added. A damaged annotation removes none."""
    spec: Mapping[str, Any] = user.get("spec") or {}
    added = _noted(user)
    authorization = spec.get("authorization") or {}
    if not added or not authorization:
        return spec
    return {
        **spec,
        "authorization": {**authorization, "acls": without(authorization.get("acls") or [], added)},
    }


def _noted(user: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name, text in ((user.get("metadata") or {}).get("annotations") or {}).items():
        if name.startswith(PREFIX):
            found += noted_in(text) or []
    return found
