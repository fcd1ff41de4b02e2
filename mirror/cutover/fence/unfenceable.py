"""Names who goes on writing whatever the fence does. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from mirror.clients.acls import Acl, concerning
from mirror.cutover.fence.kafka_user import is_paused, writable
from mirror.cutover.step import Verdict
from mirror.estate.kafka_authorization import EVERYONE
from mirror.estate.origin import named
from mirror.text.numbers import counted

EVERYBODY = "*"
"""Stands for all principals without an ACL."""
SUPER_USERS = "super.users"
"""Stands for the super users of a cluster that hides their names."""
_SIMPLE = "simple"
_WRITES = frozenset({"WRITE", "ALL"})


class Unfenceable(NamedTuple):
    """A principal or KafkaUser that no ACL keeps from writing, and why."""

    user: str
    reason: str


def at_strimzi(
    kafka: Mapping[str, Any], users: Iterable[Mapping[str, Any]], topics: Sequence[str]
) -> list[Unfenceable]:
    """Return who cannot be fenced through KafkaUsers. `kafka`, `users`: the resources as they are."""
    spec = (kafka.get("spec") or {}).get("kafka") or {}
    supers = [str(one) for one in (spec.get("authorization") or {}).get("superUsers") or ()]
    found = [
        Unfenceable(one.removeprefix("User:"), "superUsers of the Kafka resource contain it")
        for one in supers
    ]
    if str((spec.get("config") or {}).get(EVERYONE, "")).lower() == "true":
        found.append(
            Unfenceable(EVERYBODY, f"the Kafka resource sets {EVERYONE}: topics without an ACL are open")
        )
    found += [
        Unfenceable(named(user), "its KafkaUser is paused (strimzi.io/pause-reconciliation)")
        for user in users
        if is_paused(user) and writable(user, topics)
    ]
    return found


def without_kafka_user(
    acls: Iterable[Acl], principals: Collection[str], topics: Sequence[str]
) -> list[Unfenceable]:
    """Return the principals that may write by an ACL in Kafka, but have no KafkaUser."""
    there = set(acls)
    others = {acl.principal for acl in there if acl.permission == "ALLOW"} - set(principals)
    return [
        Unfenceable(principal.removeprefix("User:"), "it has ACLs in Kafka, but no KafkaUser")
        for principal in sorted(others)
        if may_write(there, principal, topics)
    ]


def may_write(acls: Iterable[Acl], principal: str, topics: Iterable[str]) -> list[str]:
    """Return the topics that a principal may write to by Kafka's ACLs, from any host."""
    writes = [acl for acl in acls if acl.operation in _WRITES and acl.principal in (principal, "User:*")]
    allowed = concerning(acl for acl in writes if acl.permission == "ALLOW")
    denied = concerning(acl for acl in writes if acl.permission == "DENY" and acl.host == "*")
    return [topic for topic in topics if allowed(topic) and not denied(topic)]


def by_broker_settings(settings: Mapping[str, str | None]) -> list[Unfenceable]:
    """Return who cannot be fenced by ACLs, from the brokers' settings. A value is None where it is hidden."""
    found = []
    if SUPER_USERS in settings:
        value = settings[SUPER_USERS]
        if value is None:
            reason = "the brokers have super users, whose names they do not tell an Admin client"
            found.append(Unfenceable(SUPER_USERS, reason))
        else:
            found += [
                Unfenceable(one.strip().removeprefix("User:"), f"{SUPER_USERS} of the brokers contain it")
                for one in value.split(";")
                if one.strip()
            ]
    if EVERYONE in settings and str(settings[EVERYONE]).lower() != "false":
        found.append(Unfenceable(EVERYBODY, f"the brokers set {EVERYONE}: topics without an ACL are open"))
    return found


def without_authorization(kafka: Mapping[str, Any]) -> str:
    """Return why KafkaUsers' ACLs do not count at all on this cluster; empty where they do."""
    authorization = ((kafka.get("spec") or {}).get("kafka") or {}).get("authorization")
    if not authorization:
        return "it has no spec.kafka.authorization: everybody may write"
    kind = str(authorization.get("type"))
    counts = (
        kind == _SIMPLE or authorization.get("supportsAdminApi") or authorization.get("delegateToKafkaAcls")
    )
    return "" if counts else f"its authorization is {kind}, which takes no ACLs"


def blocked_by(found: Sequence[Unfenceable], accepted: Collection[str]) -> Verdict | None:
    """Return the verdict that names everybody who cannot be fenced and was not accepted."""
    left = [one for one in found if one.user not in accepted]
    if not left:
        return None
    told = "; ".join(f"{one.user}: {one.reason}" for one in left)
    options = " ".join(f"--accept-unfenced '{one.user}'" for one in left)
    return Verdict(
        "blocked",
        f"{counted(len(left), 'user')} cannot be fenced: {told}",
        f"stop their producers yourself, and say so with {options}; or make them users with ACLs",
        {"unfenceable": [one._asdict() for one in left]},
    )
