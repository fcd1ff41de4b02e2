"""Reads what users-work is judged from: the copied users, a login of each, and what the source says of them.

1. the KafkaUsers of this mirror on the target, and the Secrets that they refer to
2. where users of each kind log in: a listener of the target's Kafka that takes it and can be reached
3. the same users on the source, where it can be read: the same password, the same rules?
4. a login of each, many at once, and what the broker says the user may do
"""

from __future__ import annotations

import hmac
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from manifests.estate import Listener
from manifests.strimzi.kafka_user import copied_user
from manifests.strimzi.standby import is_read_only
from mirror.clients.access import ClusterAccess, ScramCredential
from mirror.estate import credential_rules
from mirror.estate.findings import Notes
from mirror.estate.kafka_authorization import fewer_permissions
from mirror.estate.kafka_listeners import taking
from mirror.estate.kafka_user_acls import rules_of
from mirror.estate.kafka_user_differences import differing
from mirror.estate.origin import Content, SourceUser
from mirror.estate.reading import origin_of
from mirror.estate.target_clients import unready
from mirror.estate.user_rules import untrusted
from mirror.mm2.phase import AT_REST
from mirror.problems import CouldNotRun, Finding, one_line
from mirror.verify.reading.copied_users import CopiedUser, copied_users
from mirror.verify.reading.logins import Login, log_in
from mirror.verify.reading.look import Look
from mirror.verify.reading.parts import source_groups
from mirror.verify.values.user_login import Tried, UserOnTarget
from settings.model import Settings

REACH_SECONDS = 4.0


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
    logins, nowhere = _logins(look, copied.users, kafka, unread)
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


def _logins(
    look: Look,
    copied: Sequence[CopiedUser],
    kafka: Mapping[str, Any] | None,
    unread: CouldNotRun | None,
) -> tuple[dict[str, Login], dict[str, Tried]]:
    """How each user logs in; and the users for whom no listener was found."""
    own = look.sides.target.access
    places: dict[str, ClusterAccess | Tried] = {}
    logins: dict[str, Login] = {}
    nowhere: dict[str, Tried] = {}
    for user in copied:
        if user.credential is None:
            continue
        kind = str(user.authentication)
        if kind not in places:
            places[kind] = _place(kafka or {}, unread, kind, own, look.settings)
        place = places[kind]
        if isinstance(place, Tried):
            nowhere[user.name] = place
            continue
        access = ClusterAccess(place.bootstrap_servers, place.ca_pem, user.credential, place.alias)
        logins[user.name] = Login(access, tuple(rules_of(user.resource.get("spec") or {})))
    return logins, nowhere


def _place(
    kafka: Mapping[str, Any],
    unread: CouldNotRun | None,
    kind: str,
    own: ClusterAccess,
    settings: Settings,
) -> ClusterAccess | Tried:
    """Where users of a kind log in: the first listener for them that can be reached from here."""
    if unread is not None:
        if settings.target.authentication == kind:
            return own
        message = f"which listener takes {kind} is not known: {unread.happened}"
        return Tried(refused=message, remedy=unread.way_out)
    found = taking(kafka, kind, settings.target.listener)
    failures = []
    for listener in found:
        failure = _unreachable(listener)
        if failure is None:
            # Where the mirror itself connects, it is known which CA is trusted, or that public CAs are.
            ours = listener.name == settings.target.listener
            ca_pem = own.ca_pem if ours else "\n".join([own.ca_pem, *listener.certificates])
            return ClusterAccess(listener.bootstrap_servers, ca_pem, own.credential, own.alias)
        failures.append(f"{listener.name} at {listener.bootstrap_servers}: {failure}")
    if failures:
        return Tried(
            refused=f"no listener that takes {kind} can be reached from here ({'; '.join(failures)})",
            remedy="verify from the network of the clients: `verification.runner`, or a VPN",
        )
    return Tried(
        refused=f"Kafka {settings.target.namespace}/{settings.target.cluster} has no listener with TLS that "
        f"takes {kind}",
        remedy="add one: clients of these users cannot connect without it",
    )


def _unreachable(listener: Listener) -> str | None:
    """Why nothing answers at the listener's first address; None where something does."""
    host, _, port = listener.bootstrap_servers.split(",")[0].strip().rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), REACH_SECONDS):
            return None
    except (OSError, ValueError) as error:
        return one_line(error) or type(error).__name__


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
    """Differences from the source, without any secret."""
    if source is None:
        return [] if why_not else ["the source has no such user any more, or `users` does not choose it"]
    found = []
    if isinstance(one.credential, ScramCredential) and source.secret is not None:
        theirs = credential_rules.password(source.secret.data)
        if not hmac.compare_digest(theirs.encode(), one.credential.password.encode()):
            found.append("its password on the target is not the source's")
    wanted = copied_user(settings, one.name, source.spec)["spec"]
    details = list(differing(one.resource.get("spec") or {}, wanted))
    if details:
        found.append(f"its KafkaUser is not as the source's would be: {'; '.join(details)}")
    return found
