"""Judges whether a KafkaUser of the source may write to mirrored topics, and renders its fence. Pure.

The fence is a part of the KafkaUser: the User Operator deletes every ACL that no KafkaUser declares at its
next full pass. Deny rules are added for each topic; an ALLOW is never changed, because a DENY overrides it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from manifests.strimzi.standby import deny_write
from mirror.clients.acls import matching
from mirror.cutover.connectors.change import MANAGER
from mirror.estate.fenced_user import annotation, noted_in, text_of, without
from mirror.estate.kafka_user_acls import AclRule, rules_of
from mirror.estate.origin import named
from mirror.problems import CouldNotRun
from mirror.text.numbers import counted
from settings.scopes import Scope

PAUSE = "strimzi.io/pause-reconciliation"
ANNOTATIONS_BYTES = 262_144
"""Kubernetes allows so much for all annotations of an object (`TotalAnnotationSizeLimitB`)."""
OBJECT_BYTES = 1_400_000
"""etcd takes requests of 1.5 MiB (`--max-request-bytes`); the rest of the KafkaUser is small."""
_WRITES = frozenset({"Write", "All"})


def writable(user: Mapping[str, Any], topics: Iterable[str]) -> list[str]:
    """Return the topics that a KafkaUser may write to, from any host, by its ACLs."""
    writes = [rule for rule in rules_of(user.get("spec") or {}) if rule.operations & _WRITES]
    allowed = _concerning(rule for rule in writes if not rule.deny)
    fenced_off = _concerning(rule for rule in writes if rule.deny and rule.everywhere)
    return [topic for topic in topics if allowed(topic) and not fenced_off(topic)]


def fenced(user: Mapping[str, Any], topics: Iterable[str], mirror: str) -> dict[str, Any]:
    """Render the merge patch that takes Write on these topics from a KafkaUser."""
    return denied(user, [deny_write(Scope(topic, "literal")) for topic in topics], mirror)


def too_large(user: Mapping[str, Any], topics: Sequence[str], mirror: str) -> str:
    """Return why a KafkaUser cannot take a deny rule for each of these topics; empty where it can."""
    patch = fenced(user, topics, mirror)
    annotations = {**_annotations(user), **patch["metadata"]["annotations"]}
    size = sum(len(f"{key}{value}".encode()) for key, value in annotations.items())
    if size <= ANNOTATIONS_BYTES and len(json.dumps(patch)) <= OBJECT_BYTES:
        return ""
    return f"{named(user)} ({counted(len(topics), 'topic')})"


def denied(user: Mapping[str, Any], rules: Sequence[dict[str, Any]], mirror: str) -> dict[str, Any]:
    """Render the merge patch that adds these deny rules to a KafkaUser. The annotation with what must be
    removed again is in the same patch. It applies to this version of the KafkaUser only.
    """
    before = _noted(user, mirror)
    noted = [*before, *(one for one in rules if one not in before)]
    return _patch(user, [*_acls(user), *rules], mirror, text_of(noted))


def lacking(user: Mapping[str, Any], rules: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those of the rules that the ACLs of a KafkaUser do not contain, whatever its annotation says."""
    there = rules_of(user.get("spec") or {})
    return [one for one in rules if rules_of({"authorization": {"acls": [one]}})[0] not in there]


def unfenced(
    user: Mapping[str, Any], mirror: str, stay: Collection[str] = frozenset()
) -> dict[str, Any] | None:
    """Render the merge patch that removes the mirror's fence, but not from topics that `stay` fenced; None
    where there is nothing to remove. Rules that others have added since remain.
    """
    if not has_fence(user, mirror, stay):
        return None
    noted = _noted(user, mirror)
    kept = [one for one in noted if _topic(one) in stay]
    removed = [one for one in noted if one not in kept]
    return _patch(user, without(_acls(user), removed), mirror, text_of(kept) if kept else None)


def has_fence(user: Mapping[str, Any], mirror: str, stay: Collection[str] = frozenset()) -> bool:
    """Whether the annotation of the mirror's fence is there, and names other topics than those that `stay`
    fenced.
    """
    if annotation(mirror) not in _annotations(user):
        return False
    return not stay or any(_topic(one) not in stay for one in _noted(user, mirror))


def is_paused(user: Mapping[str, Any]) -> bool:
    """Whether the User Operator leaves the KafkaUser as it is."""
    return str(_annotations(user).get(PAUSE, "")).lower() == "true"


def not_applied(user: Mapping[str, Any]) -> str:
    """Return why the User Operator has not applied the KafkaUser as it is now; empty where it has."""
    status, metadata = user.get("status") or {}, user.get("metadata") or {}
    if int(status.get("observedGeneration") or 0) < int(metadata.get("generation") or 0):
        return "the User Operator has not applied it yet"
    conditions = {str(one.get("type")): one for one in status.get("conditions") or []}
    if (conditions.get("Ready") or {}).get("status") == "True":
        return ""
    refused = conditions.get("NotReady") or {}
    return f"it is not Ready: {refused.get('message') or 'no message'}"


def last_manager(user: Mapping[str, Any]) -> str:
    """Return who changed the ACLs last, where that was not the fence; from `metadata.managedFields`."""
    others = [
        (str(one.get("time") or ""), str(one.get("manager")))
        for one in (user.get("metadata") or {}).get("managedFields") or []
        if one.get("manager") != MANAGER and _owns_acls(one.get("fieldsV1") or {})
    ]
    return max(others)[1] if others else ""


def _owns_acls(fields: Mapping[str, Any]) -> bool:
    authorization = (fields.get("f:spec") or {}).get("f:authorization")
    return authorization is not None and (authorization == {} or "f:acls" in authorization)


def _concerning(rules: Iterable[AclRule]) -> Callable[[str], bool]:
    """Return the test whether one of these rules applies to a topic."""
    return matching((rule.name, rule.prefix) for rule in rules if rule.resource == "topic")


def _patch(
    user: Mapping[str, Any], acls: Sequence[Mapping[str, Any]], mirror: str, noted: str | None
) -> dict[str, Any]:
    return {
        "metadata": {
            "resourceVersion": user["metadata"]["resourceVersion"],
            "annotations": {annotation(mirror): noted},
        },
        "spec": {"authorization": {"acls": list(acls)}},
    }


def _topic(rule: Mapping[str, Any]) -> str:
    return str((rule.get("resource") or {}).get("name"))


def _noted(user: Mapping[str, Any], mirror: str) -> list[dict[str, Any]]:
    found = noted_in(_annotations(user).get(annotation(mirror)) or "")
    if found is None:
        tried = f"reading annotation {annotation(mirror)} of KafkaUser {named(user)}"
        way_out = "remove the deny rules of the fence and the annotation with kubectl"
        raise CouldNotRun(tried, "it is damaged", way_out)
    return found


def _acls(user: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(((user.get("spec") or {}).get("authorization") or {}).get("acls") or [])


def _annotations(user: Mapping[str, Any]) -> Mapping[str, Any]:
    return (user.get("metadata") or {}).get("annotations") or {}
