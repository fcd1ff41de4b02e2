"""Reads what users-work is judged from: the copied users, a login of each, and what the source says of them.

1. the KafkaUsers of this mirror on the target, and the Secrets that they refer to
2. where users of each kind log in: a listener of the target's Kafka that takes it and can be reached
3. the same users on the source, where it can be read: the same password, the same rules?
4. a login of each, many at once, and what the broker says the user may do
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from manifests.strimzi.kafka_user import copied_user
from manifests.strimzi.standby import is_read_only
from mirror.clients.access import ScramCredential
from mirror.estate import credential_rules
from mirror.estate.findings import Notes
from mirror.estate.kafka_authorization import fewer_permissions
from mirror.estate.kafka_user_acls import rules_of
from mirror.estate.kafka_user_differences import differing
from mirror.estate.origin import Content, SourceUser
from mirror.estate.reading import origin_of
from mirror.estate.target_clients import unready
from mirror.estate.user_rules import untrusted
from mirror.mm2.phase import AT_REST
from mirror.problems import CouldNotRun, Finding
from mirror.verify.reading.copied_users import CopiedUser, copied_users
from mirror.verify.reading.login_listeners import logins_at_target
from mirror.verify.reading.logins import log_in
from mirror.verify.reading.look import Look
from mirror.verify.reading.parts import source_groups
from mirror.verify.values.user_login import UserOnTarget
from settings.model import Settings


@dataclass(frozen=True, slots=True)
class Users:
    """What there is to judge."""

    users: tuple[UserOnTarget, ...] = ()
    missing: tuple[str, ...] = ()
    not_compared: str | None = None
    trust: tuple[Finding, ...] = ()
    fewer: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Source:
    """The same users on the source, or why they were not looked at."""

    users: Mapping[str, SourceUser]
    why_not: str | None = None
    trust: tuple[Finding, ...] = ()
    kafka: Mapping[str, Any] | None = None


def users(look: Look) -> Users:
    """Raises CouldNotRun where the KafkaUsers cannot be read."""
    copied = look.of(copied_users)
    if not copied.users:
        return Users(missing=copied.missing)
    source = _read_source(look.settings, look.session.root, copied.users, look)
    kafka, unread = _kafka(look)
    logins, nowhere = logins_at_target(look, copied.users, kafka, unread)
    groups: list[str] = []
    with suppress(CouldNotRun):  # they are for trying prefixes only
        groups = look.of(source_groups)
    tried = nowhere | log_in(logins, look.topics.target, groups)
    # Until the promotion, a copy may only read what its user may write on the source.
    settings = look.settings.in_phase("promoted" if look.phase in AT_REST else "replicate")
    return Users(
        tuple(
            UserOnTarget(
                one.name,
                one.authentication,
                unready(one.resource),
                one.unread,
                one.certificate,
                tried.get(one.name),
                tuple(_differs(settings, one, source.users.get(one.name), source.why_not)),
                len(rules_of(one.resource.get("spec") or {})),
                is_read_only(settings, one.resource.get("spec") or {}),
            )
            for one in copied.users
        ),
        copied.missing,
        source.why_not,
        source.trust,
        tuple(_fewer(look.settings, copied.users, source, kafka)),
    )


def _kafka(look: Look) -> tuple[Mapping[str, Any] | None, CouldNotRun | None]:
    """The target's `Kafka`, or why it cannot be read."""
    target = look.settings.target
    try:
        return look.session.deployed.kubernetes.strimzi("Kafka", target.namespace, target.cluster), None
    except CouldNotRun as error:
        return None, error


def _fewer(
    settings: Settings, copied: Sequence[CopiedUser], source: _Source, target: Mapping[str, Any] | None
) -> list[Finding]:
    """Users that may do more on the source than their ACLs say, and not on the target."""
    names = {one.name for one in copied}
    specs = {name: user.spec for name, user in source.users.items() if name in names}
    return fewer_permissions(source.kafka, target, specs, (settings.source.alias, settings.target.alias))


def _read_source(settings: Settings, root: Path, copied: Sequence[CopiedUser], look: Look) -> _Source:
    """The source's own users by the way that the stack takes, where it is open from here."""
    notes = Notes()
    try:
        origin = origin_of(settings, root)
        origin.bootstrap_servers(Notes())
        found = origin.users(notes)
        kept = [one for one in found if one.authentication == "tls"]
        keeps = settings.users.tls == "keep-certificate" and bool(kept)
        signed_by = origin.clients_authorities(found, notes) if keeps else None
    except CouldNotRun as error:
        return _Source({}, error.happened, _unjudged(copied, error.happened))
    why_not = notes.findings[0].message if notes.findings else None
    if why_not is not None and not found:
        return _Source({}, why_not, _unjudged(copied, why_not))
    trust = tuple(_trust(settings, found, signed_by, look)) if keeps else ()
    return _Source({one.name: one for one in found}, why_not, trust, origin.kafka())


def _trust(
    settings: Settings, found: list[SourceUser], signed_by: Content | None, look: Look
) -> list[Finding]:
    """Whether the target trusts the clients CA that signed the certificates that users keep."""
    target, kubernetes = settings.target, look.session.deployed.kubernetes
    subject = f"Secret {target.namespace}/{target.cluster}-clients-ca-cert"
    try:
        data = kubernetes.secret(target.namespace, f"{target.cluster}-clients-ca-cert")
    except CouldNotRun as error:
        return [Finding("users.tls keep-certificate", f"{error.tried}: {error.happened}", error.way_out)]
    findings, _ = untrusted(settings, found, signed_by, Content(subject, data), None)
    return findings


def _unjudged(copied: Sequence[CopiedUser], reason: str) -> tuple[Finding, ...]:
    """Users that keep their certificate are judged by the source's clients CA, or not at all."""
    kept = [one.name for one in copied if one.authentication == "tls-external"]
    if not kept:
        return ()
    shown = ", ".join(kept[:5]) + (", …" if kept[5:] else "")
    message = f"whether the target trusts the certificates of {shown} could not be judged: {reason}"
    return (
        Finding("users.tls keep-certificate", message, "verify where the source's clients CA can be read"),
    )


def _differs(
    settings: Settings, one: CopiedUser, source: SourceUser | None, why_not: str | None
) -> list[str]:
    """Differences from the source, without any secret. None of a promoted mirror: clients use the copy, and
    `pulumi up` leaves it as it is (`source_as_deployed`), unless the promotion was interrupted.
    """
    deployed = one.resource.get("spec") or {}
    if settings.mirror.phase in AT_REST and not is_read_only(settings, deployed):
        return []
    if source is None:
        return [] if why_not else ["the source has no such user any more, or `users` does not choose it"]
    found = []
    if isinstance(one.credential, ScramCredential) and source.secret is not None:
        theirs = credential_rules.password(source.secret.data)
        if not hmac.compare_digest(theirs.encode(), one.credential.password.encode()):
            found.append("its password on the target is not the source's")
    wanted = copied_user(settings, one.name, source.spec)["spec"]
    details = list(differing(deployed, wanted))
    if details:
        found.append(f"its KafkaUser is not as the source's would be: {'; '.join(details)}")
    return found
