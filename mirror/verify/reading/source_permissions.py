"""Reads whether the source user may describe every topic that `mirror.topics` can match.

Kafka leaves topics that a user may not describe out of its metadata: to MM2, and to every check, they do not
exist. Only the user's ACLs show them. Where these cannot be read, the result says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mirror.estate.findings import Notes
from mirror.estate.kafka_authorization import permitted
from mirror.estate.kafka_user_acls import covers, rules_of
from mirror.estate.reading import origin_of
from mirror.problems import CouldNotRun
from mirror.verify.reading.look import Look
from settings.model import Settings
from settings.scopes import Scope, scopes


@dataclass(frozen=True, slots=True)
class SourcePermissions:
    """`hidden`: the scopes of topics that the source user may not describe; None where its ACLs are not
    known.
    """

    hidden: tuple[Scope, ...] | None = None


def source_permissions(look: Look) -> SourcePermissions:
    """Read them from the source's Kubernetes, where that can be read."""
    return read_permissions(look.settings, look.session.root)


def read_permissions(settings: Settings, root: Path) -> SourcePermissions:
    """As `source_permissions`; problems mean that the ACLs are not known."""
    try:
        origin = origin_of(settings, root)
        origin.bootstrap_servers(Notes())
        return SourcePermissions(hidden_scopes(settings, origin.kafka(), origin.reader()))
    except CouldNotRun:
        return SourcePermissions()


def hidden_scopes(
    settings: Settings, kafka: Mapping[str, Any] | None, user: Mapping[str, Any] | None
) -> tuple[Scope, ...] | None:
    """The scopes of `mirror.topics` that this KafkaUser may not describe everywhere; None without one.

    A super user, or a Kafka that lets everyone in, hides nothing. (`allow.everyone.if.no.acl.found` does
    hide topics that have an ACL for somebody else, so it is not counted.)
    """
    if kafka is None or user is None:
        return None
    spec = user.get("spec") or {}
    name = settings.source.user
    if any(one.everything for one in permitted(kafka, {name: spec})):
        return ()
    rules = rules_of(spec)
    return tuple(
        one
        for one in scopes(settings.mirror.topics)
        if not covers(rules, "topic", one.name, prefix=one.pattern_type == "prefix", operation="Describe")
    )
