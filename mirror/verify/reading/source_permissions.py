"""Reads whether the source user may describe every topic and group that the mirror's patterns can match.

Kafka leaves topics that a user may not describe out of its metadata, and such groups out of its lists: to
MM2, and to every check, they do not exist. Only the user's ACLs show them. Where these cannot be read, the
result says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from mirror.estate.findings import Notes
from mirror.estate.kafka_authorization import permitted
from mirror.estate.kafka_user_acls import AclRule, covers, rules_of
from mirror.estate.origin import Origin
from mirror.estate.reading import origin_of
from mirror.problems import CouldNotRun
from mirror.verify.reading.look import Look, Session
from settings.acls import group_scopes
from settings.model import Settings
from settings.scopes import Scope, scopes

_origins: WeakKeyDictionary[Session, Origin] = WeakKeyDictionary()
"""Of the sessions that last: a client of Kubernetes logs in when it is opened."""


@dataclass(frozen=True, slots=True)
class SourcePermissions:
    """The scopes of topics and of groups that the source user may not describe; None where its ACLs are not
    known.
    """

    hidden_topics: tuple[Scope, ...] | None = None
    hidden_groups: tuple[Scope, ...] | None = None


def source_permissions(look: Look) -> SourcePermissions:
    """Read them from the source's Kubernetes; where that cannot be read, the ACLs are not known."""
    try:
        origin = _origin(look.session)
        origin.bootstrap_servers(Notes())
        return hidden_scopes(look.settings, origin.kafka(), origin.reader())
    except CouldNotRun:
        _origins.pop(look.session, None)
        return SourcePermissions()


def _origin(session: Session) -> Origin:
    """Return the source's origin, which is opened once for a session. Raises CouldNotRun."""
    if session not in _origins:
        _origins[session] = origin_of(session.settings, session.root)
    return _origins[session]


def hidden_scopes(
    settings: Settings, kafka: Mapping[str, Any] | None, user: Mapping[str, Any] | None
) -> SourcePermissions:
    """What of `mirror.topics` and `mirror.groups` this KafkaUser may not describe; unknown without one.

    A super user, or a Kafka that lets everyone in, hides nothing. (`allow.everyone.if.no.acl.found` does
    hide resources that have an ACL for somebody else, so it is not counted.)
    """
    if kafka is None or user is None:
        return SourcePermissions()
    spec = user.get("spec") or {}
    name = settings.source.user
    if any(one.everything for one in permitted(kafka, {name: spec})):
        return SourcePermissions((), ())
    rules = rules_of(spec)
    return SourcePermissions(
        _uncovered(rules, "topic", scopes(settings.mirror.topics)),
        _uncovered(rules, "group", group_scopes(settings)),
    )


def _uncovered(rules: Sequence[AclRule], resource: str, wanted: Iterable[Scope]) -> tuple[Scope, ...]:
    return tuple(
        one
        for one in wanted
        if not covers(rules, resource, one.name, prefix=one.pattern_type == "prefix", operation="Describe")
    )
