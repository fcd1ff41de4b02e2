"""Judges whether the users that `users` chooses can be created on the target. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from manifests.metadata import MIRROR, Owner, mirror_of, owner_of
from mirror.estate.certificates import parsable
from mirror.estate.credential_rules import text
from mirror.estate.origin import Content, SourceUser, named
from mirror.problems import Finding
from mirror.text.names import few
from settings.consistency.users import users_are_not_the_mirrors_own
from settings.model import Settings
from settings.names import Names, source_secrets

TLS_NAME_MAX = 64
"""Characters. The user's name becomes the CN of its certificate (Strimzi,
`KafkaUserModel.validateTlsUsername`).
"""


def impossible(settings: Settings, users: Iterable[SourceUser]) -> Iterator[Finding]:
    """Findings for users whose copy the User Operator would never make Ready."""
    users, cluster = list(users), settings.source.cluster
    yield from _selected(settings, users)
    for user in users:
        subject = f"KafkaUser {user.name} of {settings.source.alias}"
        belongs = user.labels.get("strimzi.io/cluster")
        if cluster and belongs and belongs != cluster:
            message = f"it is a user of Kafka {belongs}, not of source.cluster {cluster}"
            yield Finding(subject, message, "remove it from `users`")
        new_certificate = user.authentication == "tls" and settings.users.tls == "new-certificate"
        if new_certificate and len(user.name) > TLS_NAME_MAX:
            message = (
                f"its name has {len(user.name)} characters, but the CN of a certificate has at "
                f"most {TLS_NAME_MAX}"
            )
            yield Finding(subject, message, "remove it from `users`, or set users.tls to keep-certificate")
        for quota, value in (user.spec.get("quotas") or {}).items():
            if not value:
                message = f"its quota {quota} is {value}, which Kafka rejects"
                yield Finding(
                    subject,
                    message,
                    "remove the quota from the KafkaUser on the source, or deny access with ACLs instead",
                )
        for index, acl in enumerate((user.spec.get("authorization") or {}).get("acls") or []):
            if not acl.get("operations") and not acl.get("operation"):
                message = (
                    f"its ACL {index} names no operation; because of it the User Operator would "
                    f"set none of the ACLs"
                )
                yield Finding(subject, message, "correct the KafkaUser on the source")


def _selected(settings: Settings, users: Iterable[SourceUser]) -> Iterator[Finding]:
    """Apply the rules for `users.copy`, which the stack file was checked against, to users of the
    selector.
    """
    names = tuple(user.name for user in users if user.name not in settings.users.copy)
    as_if_copied = replace(settings, users=replace(settings.users, copy=names))
    for problem in users_are_not_the_mirrors_own(as_if_copied):
        yield Finding(f"KafkaUser {problem.value} (users.selector)", problem.rule, problem.remedy)


def none_left(
    settings: Settings, users: Iterable[SourceUser], there: Iterable[Mapping[str, Any]]
) -> Iterator[Finding]:
    """Find that a selector matches nobody any more: Pulumi would delete every copy at once, and after a
    failover no client could log in. Labels get lost, as in a change of a chart.
    """
    own = {Names.of(settings).mirror_user, Names.of(settings).verifier_user}
    ours = [one for one in there if mirror_of(one.get("metadata") or {}) == settings.mirror.name]
    copies = sorted(named(one) for one in ours if named(one) not in own)
    if settings.users.selector and copies and not settings.users_remain and not list(users):
        message = f"it matches no KafkaUser of {settings.source.alias}, so all copies would be deleted: "
        remedy = "put the labels back; or, to delete the copies, remove users.selector"
        yield Finding("users.selector", message + few(copies), remedy)


def taken(
    settings: Settings,
    names: Iterable[str],
    there: Iterable[Mapping[str, Any]],
    stack: Owner | None = None,
) -> Iterator[Finding]:
    """Findings for KafkaUsers of the target that have a needed name but do not belong to this mirror.

    The annotation `region-mirror/mirror` names the mirror that a KafkaUser belongs to. Pulumi's server-side
    apply would take over any other KafkaUser silently, and `pulumi destroy` would delete it and its password.
    A user of a mirror that this `stack` renames (`mirror.identity_change: allow`) belongs to the new name.
    """
    existing = {named(one): one for one in there}
    namespace, mirror = settings.target.namespace, settings.mirror.name
    for name in names:
        if name not in existing:
            continue
        metadata = existing[name].get("metadata") or {}
        owner = mirror_of(metadata)
        renamed = settings.mirror.identity_change == "allow" and _is(stack, owner_of(metadata))
        if owner == mirror or renamed:
            continue
        subject = f"KafkaUser {namespace}/{name} on {settings.target.alias}"
        if owner is not None:
            message = f"mirror {owner} already manages this user"
            yield Finding(subject, message, f"remove it from `users` of {mirror}")
            continue
        message = (
            "it already exists and does not belong to this mirror: its password and ACLs would be overwritten"
        )
        remedy = (
            "remove it from `users`, delete it, or let this mirror manage it: `kubectl annotate kafkauser "
            f"{name} -n {namespace} {MIRROR}={mirror}`"
        )
        yield Finding(subject, message, remedy)


def _is(stack: Owner | None, recorded: Owner | None) -> bool:
    return stack is not None and stack.same_name(recorded)


def overwritten(
    settings: Settings, users: Iterable[SourceUser], there: Iterable[Mapping[str, Any]]
) -> Iterator[Finding]:
    """Findings for Secrets of the target that this stack, or the User Operator for it, would overwrite.

    The User Operator writes each user's credential to the Secret with the user's name, even to one that it
    did not create (observed with Strimzi 1.2.0). Its own Secrets have the label `strimzi.io/kind: KafkaUser`.
    """
    namespace, users = settings.target.namespace, list(users)
    by_operator, by_us = _by_operator(settings, users), _by_us(settings, users)
    existing = {str(metadata.get("name")): metadata for metadata in there}
    remedy = "rename or delete it, or choose another mirror.name or other users"
    for name in by_operator:
        labels = (existing.get(name) or {}).get("labels") or {}
        if name in existing and labels.get("strimzi.io/kind") != "KafkaUser":
            message = (
                "it is not a user's Secret, and the User Operator would overwrite it with the credential of "
            )
            message += f"KafkaUser {name}"
            yield Finding(f"Secret {namespace}/{name} on {settings.target.alias}", message, remedy)
    for name in by_us:
        if name in existing and mirror_of(existing[name]) != settings.mirror.name:
            message = "it already exists and does not belong to this mirror: it would be overwritten"
            yield Finding(f"Secret {namespace}/{name} on {settings.target.alias}", message, remedy)


def written_secrets(settings: Settings, users: Iterable[SourceUser]) -> list[str]:
    """Return the names of the Secrets of the target that `overwritten` judges."""
    users = list(users)
    return list(dict.fromkeys([*_by_operator(settings, users), *_by_us(settings, users)]))


def _by_operator(settings: Settings, users: Iterable[SourceUser]) -> list[str]:
    """The Secrets that the User Operator writes."""
    names = Names.of(settings)
    with_secret = ["scram-sha-512"] if settings.users.tls == "keep-certificate" else ["scram-sha-512", "tls"]
    return [
        names.mirror_user,
        names.verifier_user,
        *(one.name for one in users if one.authentication in with_secret),
    ]


def _by_us(settings: Settings, users: Iterable[SourceUser]) -> list[str]:
    """The Secrets that this stack writes."""
    names = Names.of(settings)
    return [
        *source_secrets(settings),
        *(names.password_secret(one.name) for one in users if one.authentication == "scram-sha-512"),
    ]


def untrusted(
    settings: Settings,
    users: Iterable[SourceUser],
    signed_by: Content | None,
    trusted: Content | None,
    kafka: Mapping[str, Any] | None,
) -> tuple[list[Finding], list[str]]:
    """Findings and warnings about certificates of users that the target's brokers would not accept.

    For clients, Strimzi's brokers trust every `*.crt` of `<cluster>-clients-ca-cert`. What a listener with
    `custom` authentication trusts is not visible in the resource.
    """
    kept = [user.name for user in users if user.authentication == "tls"]
    if settings.users.tls != "keep-certificate" or not kept or trusted is None:
        return [], []
    shown = ", ".join(kept[:5]) + (", …" if kept[5:] else "")
    who = f"{len(kept)} TLS user{'s' if len(kept) != 1 else ''} ({shown})"
    way_out = (
        "set users.tls to new-certificate; or give the target a clients CA of your own "
        f"(clientsCa.generateCertificateAuthority: false) and add the source's certificates to "
        f"{trusted.subject} under additional keys *.crt"
    )
    if signed_by is None:
        message = f"{who} keep their certificates, but it is not known which CA signed them"
        more = "export the Secrets of those users too, because their ca.crt is that CA; or "
        return [Finding("users.tls keep-certificate", message, more + way_out)], []
    now = datetime.now(UTC)
    known = {one.fingerprint(SHA256()) for _, one in _certificates(trusted)}
    missing = [
        key
        for key, one in _certificates(signed_by)
        if one.not_valid_after_utc > now and one.fingerprint(SHA256()) not in known
    ]
    if not missing:
        return [], []
    lacking = f"{', '.join(missing)} of {signed_by.subject}"
    message = f"{who} keep their certificates, but {trusted.subject} has no {lacking}"
    listeners = ((kafka or {}).get("spec") or {}).get("kafka", {}).get("listeners") or []
    custom = [
        str(one.get("name")) for one in listeners if (one.get("authentication") or {}).get("type") == "custom"
    ]
    if custom:
        return [], [
            f"{message}. Only listener {', '.join(custom)}, which has custom authentication, may accept them"
        ]
    return [Finding("users.tls keep-certificate", message, way_out)], []


def _certificates(content: Content) -> list[tuple[str, x509.Certificate]]:
    return [
        (key, one)
        for key, value in sorted(content.data.items())
        if key.endswith(".crt")
        for one in parsable([text(value)])
    ]
