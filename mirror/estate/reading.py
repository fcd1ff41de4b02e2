"""Reads what exists at source and target, judges it, and raises all problems together."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from manifests.estate import CopiedUser, Estate, SourceEstate, TargetEstate
from manifests.metadata import Owner
from mirror.estate import credential_rules
from mirror.estate.connection import connect
from mirror.estate.findings import EstateError, Notes
from mirror.estate.kafka_authorization import fewer_permissions, specs_by_name
from mirror.estate.kafka_listeners import distrusted
from mirror.estate.loops import addresses, loops_back, unseen
from mirror.estate.one_cluster import one_cluster
from mirror.estate.origin import Content, Origin, SourceUser
from mirror.estate.origin_exported import ExportedOrigin
from mirror.estate.origin_kubernetes import LiveOrigin
from mirror.estate.origin_pulumi_secrets import GivenOrigin
from mirror.estate.origin_secret_ref import ReferredOrigin
from mirror.estate.ownership import rivals
from mirror.estate.source_as_deployed import source_as_deployed, users_as_deployed, with_deployed_users
from mirror.estate.target import Target, read_target, secrets_there
from mirror.estate.unprotected_source import unprotected_source
from mirror.estate.user_rules import impossible, none_left, overwritten, taken, untrusted, written_secrets
from mirror.mm2.phase import AT_REST
from mirror.problems import CouldNotConnect, CouldNotRun, Finding
from mirror.text.names import few
from settings.model import CredentialSettings, Settings
from settings.names import Names


@dataclass(frozen=True, slots=True)
class _Source:
    """What was read at the source; None or empty for what could not be read."""

    estate: SourceEstate | None
    users: tuple[SourceUser, ...] = ()
    clients_authorities: Content | None = None
    mirrors: tuple[Mapping[str, Any], ...] = ()
    addresses: frozenset[str] = frozenset()
    kafka: Mapping[str, Any] | None = None


def read_estate(settings: Settings, root: Path, owner: Owner | None = None) -> Estate:
    """Read source and target from their Kubernetes APIs, without Kafka. Paths of the stack file are relative
    to `root`; `owner` is the stack, where its name is known. Raises EstateError with all problems.
    """
    notes, of_target = Notes(), Notes()
    with ThreadPoolExecutor(max_workers=2) as pool:
        reading_source = pool.submit(_read_source, settings, root, notes)
        reading_target = pool.submit(_read_target, settings, root, of_target)
    source, target = reading_source.result(), reading_target.result()
    notes.include(of_target)
    _judge_together(settings, source, target, owner, notes)
    if notes.findings or source.estate is None or target.estate is None:
        raise EstateError(notes.findings)
    return Estate(source.estate, target.estate, tuple(notes.warnings))


def _read_source(settings: Settings, root: Path, notes: Notes) -> _Source:
    if settings.mirror.phase not in AT_REST:
        return _as_it_is(settings, root, notes)
    of_source = Notes()
    found = _as_it_is(settings, root, of_source)
    promoted = f"Mirror {settings.mirror.name} is {settings.mirror.phase}, so"
    try:
        target = connect(settings.target, root)
        if of_source.findings:
            if (deployed := source_as_deployed(settings, target)) is not None:
                first = of_source.findings[0]
                notes.warn(
                    f"{first.subject}: {first.message}. {promoted} its source's addresses, credentials and "
                    "copied users are declared as they are deployed"
                )
                return _Source(deployed)
        elif found.estate is not None:
            users = users_as_deployed(settings, target, [one.name for one in found.users])
            if users is not None:
                estate = with_deployed_users(settings, found.estate, users, of_source)
                # What is asked of a user before it is created, and of a mirror before it runs.
                new = {one.name for one in found.users} - {one.name for one in users}
                asked = tuple(one for one in found.users if one.name in new)
                found = replace(found, estate=estate, users=asked, mirrors=())
    except CouldNotRun as error:
        of_source.note(error)
    notes.include(of_source)
    return found


def _as_it_is(settings: Settings, root: Path, notes: Notes) -> _Source:
    origin = notes.attempt(lambda: origin_of(settings, root))
    if origin is None:
        return _Source(None)
    margin = timedelta(days=settings.verification.certificate_margin_days)
    of_ca, of_login, of_users, of_mirrors = Notes(), Notes(), Notes(), Notes()
    # This read shows whether the API answers: otherwise each of the reads below would time out.
    try:
        bootstrap = origin.bootstrap_servers(notes)
    except CouldNotConnect as error:
        notes.note(error)
        return _Source(None)
    with ThreadPoolExecutor(max_workers=4) as pool:
        ca_read = pool.submit(of_ca.attempt, lambda: _authorities(settings, origin, margin, of_ca))
        login_read = pool.submit(of_login.attempt, lambda: _login(settings, origin, margin, of_login))
        users_read = pool.submit(of_users.attempt, lambda: origin.users(of_users))
        mirrors_read = pool.submit(of_mirrors.attempt, lambda: origin.mirrors(of_mirrors))
    ca, user_secret, users = ca_read.result(), login_read.result(), users_read.result() or []
    if ca is not None:
        of_ca.add(distrusted(origin.kafka() or {}, settings.source, settings.source.listener, ca))
    of_users.add(impossible(settings, users))
    if external := [user.name for user in users if user.authentication == "tls-external"]:
        of_users.warn(
            "copied users whose certificates the User Operator did not issue (tls-external): "
            f"{few(external)}. They can log in on {settings.target.alias} only if its listener trusts their "
            "CA: its clients CA, or the truststore of a listener with custom authentication, has to contain "
            "it. This is not checked"
        )
    copied = [_copied(user, of_users) for user in users]
    keeps = settings.users.tls == "keep-certificate" and any(one.authentication == "tls" for one in users)
    signed_by = of_users.attempt(lambda: origin.clients_authorities(users, of_users)) if keeps else None
    for one in (of_ca, of_login, of_users, of_mirrors):
        notes.include(one)
    estate = None
    if bootstrap is not None and ca is not None and user_secret is not None:
        estate = SourceEstate(bootstrap, ca, user_secret, tuple(one for one in copied if one is not None))
    mirrors = tuple(mirrors_read.result() or ())
    return _Source(estate, tuple(users), signed_by, mirrors, origin.addresses(), origin.kafka())


def origin_of(settings: Settings, root: Path) -> Origin:
    """The origin that the stack file names."""
    source = settings.source
    if source.exported is not None:
        return ExportedOrigin(settings, source.exported, root)
    if source.credentials is not None:
        if source.secret_ref is not None:
            side = connect(settings.target, root)
            return ReferredOrigin(settings, source.credentials, source.secret_ref, side)
        return GivenOrigin(settings, source.credentials)
    if source.origin == "credentials":  # without TLS and a login there is nothing to give
        return GivenOrigin(settings, CredentialSettings())
    return LiveOrigin(settings, connect(source, root))


def read_target_estate(settings: Settings, root: Path) -> TargetEstate:
    """Read the target alone. Raises EstateError with all problems."""
    notes = Notes()
    target = _read_target(settings, root, notes)
    if notes.findings or target.estate is None:
        raise EstateError(notes.findings)
    return target.estate


def _read_target(settings: Settings, root: Path, notes: Notes) -> Target:
    side = notes.attempt(lambda: connect(settings.target, root))
    return Target(None) if side is None else read_target(side, settings, notes)


def _authorities(
    settings: Settings, origin: Origin, margin: timedelta, notes: Notes
) -> dict[str, str] | None:
    if not settings.source.trusts_a_named_ca:
        return {}
    content = origin.authorities(notes)
    if content is None:
        return None
    certificates, findings = credential_rules.trusted(content, margin)
    notes.add(findings)
    if settings.source.secret_ref is not None and settings.source.secret_ref.ca_secret is not None:
        # Strimzi reads the Secret itself, and the heartbeats' pods name its keys: no bundle is split.
        return {key: credential_rules.text(value) for key, value in content.data.items()}
    return certificates


def _login(settings: Settings, origin: Origin, margin: timedelta, notes: Notes) -> dict[str, str] | None:
    if not settings.source.has_credential:
        return {}
    content = origin.login(notes)
    if content is None:
        return None
    trimmed, findings = credential_rules.login(content, settings.source.authentication, margin)
    notes.add(findings)
    if trimmed and credential_rules.encoded_twice(trimmed.get("password", "")):
        notes.warn(
            f"{content.subject}: its password is base64 of printable text. If the source refuses the login, "
            "the value was encoded twice: `data` holds base64, `stringData` plain text"
        )
    return trimmed


def _copied(user: SourceUser, notes: Notes) -> CopiedUser | None:
    if user.authentication != "scram-sha-512":
        return CopiedUser(user.name, user.spec)
    if user.secret is None:
        if not notes.findings:  # usually the origin has a finding; a user must never be skipped silently
            subject = f"the Secret of KafkaUser {user.name}"
            notes.add(
                [Finding(subject, "it was not read, so its password is not known", "check that it exists")]
            )
        return None
    if not user.secret.data.get("password"):
        remedy = f"check the status of KafkaUser {user.name}"
        notes.add([Finding(user.secret.subject, "it has no password", remedy)])
        return None
    password = credential_rules.password(user.secret.data)
    notes.add(credential_rules.judge_password(password, user.secret.subject))
    return CopiedUser(user.name, user.spec, password)


def _judge_together(
    settings: Settings, source: _Source, target: Target, owner: Owner | None, notes: Notes
) -> None:
    """Add the findings that need both sides: names in use, untrusted certificates, loops, other mirrors."""
    names = Names.of(settings)
    wanted = [names.mirror_user, names.verifier_user, *(user.name for user in source.users)]
    there = target.kafka_users or ()
    gone = () if notes.findings else none_left(settings, source.users, there)
    notes.add([*taken(settings, wanted, there, owner), *gone])
    secrets = secrets_there(
        target.side, settings.target.namespace, written_secrets(settings, source.users), notes
    )
    notes.add(overwritten(settings, source.users, secrets))
    if source.estate is not None:
        notes.add(one_cluster(settings, source.kafka, source.estate.bootstrap_servers, target.kafka))
    at, aliases = settings.target, (settings.source.alias, settings.target.alias)
    notes.add(fewer_permissions(source.kafka, target.kafka, specs_by_name(source.users), aliases))
    findings, warnings = untrusted(
        settings, source.users, source.clients_authorities, target.clients_authorities, target.kafka
    )
    here = (settings.source.namespace, settings.source.cluster) == (at.namespace, at.cluster)
    # Source and target are one cluster then, and the Service belongs to the source.
    of_target = addresses(target.kafka, at.namespace, None if here else at.cluster)
    back, unsure = loops_back(settings, source.mirrors, source.addresses, of_target)
    others, beside = rivals(settings, target.mirrors or (), of_target, owner)
    notes.add([*findings, *back, *others])
    for warning in (*unprotected_source(settings), *warnings, *unsure, *unseen(settings), *beside):
        notes.warn(warning)
