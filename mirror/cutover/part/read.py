"""Reads from the source what could couple a part to the rest of its mirror."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from manifests.strimzi.standby import denied_writes, scope_of
from mirror.clients.acls import Acl
from mirror.clients.answers import not_there
from mirror.clients.records import Unread
from mirror.clients.topics import matched_topics
from mirror.cutover.fence import kafka_user
from mirror.cutover.fence.strimzi import source_users
from mirror.cutover.fence.unfenceable import may_write
from mirror.cutover.part.judge import Producer, Seen, WideScope
from mirror.cutover.step import World
from mirror.estate.kafka_user_acls import rules_of
from mirror.estate.origin import named
from mirror.estate.target_clients import copied_resources
from settings.filters import group_matches
from settings.model import Settings
from settings.replication_policy import HEARTBEATS
from settings.scopes import Scope

_TRANSACTS = frozenset({"Write", "All"})
_COMMITS = frozenset({"Read", "All"})


def read(world: World, also: Collection[str] = ()) -> Seen:
    """Read topics, groups and who may write. `world.settings`: the whole mirror. `also`: topics that are
    judged as if they existed. Raises CouldNotRun.
    """
    settings, source = world.settings, world.sides().source
    matched = matched_topics(settings, {**source.topics(), **dict.fromkeys(also)})
    groups, unreadable = _groups(world, matched)
    return Seen(
        matched.keys(),
        groups,
        unreadable,
        _producers(world, list(matched), list(groups)),
        _scopes(world, matched),
        settings.mirror.moved,
        frozenset({HEARTBEATS} if settings.mirror.heartbeats_interval_seconds else ()),
    )


def _groups(world: World, matched: Collection[str]) -> tuple[dict[str, frozenset[str]], dict[str, str]]:
    """Return the mirrored topics of each group, and the groups whose offsets could not be read."""
    source, mirror = world.sides().source, world.settings.mirror
    others = set(source.other_groups())
    names = [one for one in (*source.groups(), *others) if group_matches(mirror, one)]
    found, unreadable = {}, {}
    for group, offsets in source.group_offsets(names).items():
        if isinstance(offsets, Unread):
            # A share group has no offsets: what is asked for them answers that there is no such group.
            if not (group in others and not_there(offsets)):
                unreadable[group] = offsets.reason
        elif topics := frozenset(one.topic for one in offsets if one.topic in matched):
            found[group] = topics
    return found, unreadable


def _producers(world: World, topics: Sequence[str], groups: Sequence[str]) -> list[Producer] | None:
    """Return the principals with a transactional id; None where neither KafkaUsers nor ACLs can be read."""
    if world.settings.fence == "strimzi":
        return of_kafka_users(source_users(world), topics, groups)
    if world.source_admin is None:
        return None
    acls = world.source_admin.acls(world.sides().source.access).of_everything()
    return of_acls(acls, topics, groups)


def of_kafka_users(
    users: Iterable[Mapping[str, Any]], topics: Sequence[str], groups: Sequence[str]
) -> list[Producer]:
    """Judge KafkaUsers by their ACLs. Pure."""
    found = []
    for user in users:
        rules = [rule for rule in rules_of(user.get("spec") or {}) if not rule.deny]
        if not any(rule.resource == "transactionalId" and rule.operations & _TRANSACTS for rule in rules):
            continue
        commits = [rule for rule in rules if rule.resource == "group" and rule.operations & _COMMITS]
        found.append(
            Producer(
                named(user),
                frozenset(kafka_user.writable(user, topics)),
                frozenset(one for one in groups if any(rule.concerns("group", one) for rule in commits)),
            )
        )
    return found


def of_acls(acls: Collection[Acl], topics: Sequence[str], groups: Sequence[str]) -> list[Producer]:
    """Judge principals by Kafka's ACLs. Pure."""
    allows = [acl for acl in acls if acl.permission == "ALLOW"]
    names = sorted(
        {
            acl.principal
            for acl in allows
            if acl.resource == "TRANSACTIONAL_ID" and acl.operation in ("WRITE", "ALL")
        }
    )
    found = []
    for name in names:
        mine = [acl for acl in allows if acl.principal in (name, "User:*") and acl.resource == "GROUP"]
        commits = [acl for acl in mine if acl.operation in ("READ", "ALL")]
        found.append(
            Producer(
                name.removeprefix("User:"),
                frozenset(may_write([one for one in acls if one.resource == "TOPIC"], name, topics)),
                frozenset(one for one in groups if any(acl.is_for(one) for acl in commits)),
            )
        )
    return found


def _scopes(world: World, matched: Mapping[str, str]) -> list[WideScope]:
    settings = world.settings
    if not settings.read_only:
        return []
    copies = copied_resources(settings, world.target_kubernetes)
    return wide_scopes(settings, {name: one.get("spec") or {} for name, one in copies.items()}, matched)


def wide_scopes(
    settings: Settings, copies: Mapping[str, Mapping[str, Any]], matched: Mapping[str, str]
) -> list[WideScope]:
    """Return the scopes of several topics that copied users may not write to until the promotion. Pure."""
    found = []
    for name, spec in sorted(copies.items()):
        for rule in denied_writes(settings, (spec.get("authorization") or {}).get("acls") or []):
            scope = scope_of(rule["resource"])
            held = [topic for topic, copy in matched.items() if scope.covers(Scope(copy, "literal"))]
            if len(held) > 1:
                told = "every topic" if scope.name == "*" else f"topics that begin with {scope.name}"
                found.append(WideScope(name, told, frozenset(held)))
    return found
