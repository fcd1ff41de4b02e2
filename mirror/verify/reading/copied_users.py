"""Reads the copied users as the stack deployed them: their KafkaUsers, and the credentials that clients use.

Who reads this needs, on the target's Kubernetes, `get` of the KafkaUsers (or `list`, which a selector needs),
of their Secrets and of the Kafka resource. A Secret that may not be read is that user's finding, with the
reason. No credential leaves this process, and none is part of a repr.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from mirror.clients.access import Credential, ScramCredential, TlsCredential
from mirror.clients.kubernetes import Kubernetes
from mirror.estate.certificates import common_name, judge_client, parse
from mirror.estate.origin import named
from mirror.estate.target_clients import copied_resources
from mirror.problems import CouldNotRun, Finding, NotThere
from mirror.verify.reading.look import Look
from settings.model import Settings

_AT_ONCE = 16
_AGAIN = "`pulumi up --refresh` declares it again"


@dataclass(frozen=True, slots=True)
class CopiedUser:
    """A KafkaUser that this mirror made for somebody, with its credential or the reason why there is none."""

    name: str
    authentication: str | None
    resource: Mapping[str, Any] = field(repr=False)
    credential: Credential | None = None
    unread: Finding | None = None
    certificate: tuple[Finding, ...] = ()

    @property
    def certificate_pem(self) -> str:
        """Its client certificate; empty for a user without one."""
        return self.credential.certificate_pem if isinstance(self.credential, TlsCredential) else ""


@dataclass(frozen=True, slots=True)
class CopiedUsers:
    """Those that are there, and the names of those that are to be copied and are not."""

    users: tuple[CopiedUser, ...] = ()
    missing: tuple[str, ...] = ()


def copied_users(look: Look) -> CopiedUsers:
    """Read the copied users of this mirror. Raises CouldNotRun."""
    return read_copied_users(look.settings, look.session.deployed.kubernetes)


def read_copied_users(settings: Settings, kubernetes: Kubernetes) -> CopiedUsers:
    """Raises CouldNotRun where the KafkaUsers themselves cannot be read."""
    if not settings.users.copy and not settings.users.selector:
        return CopiedUsers()
    resources = copied_resources(settings, kubernetes)
    clients_ca = _clients_ca(settings, kubernetes)
    with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="secrets") as pool:
        users = tuple(pool.map(lambda one: _user(one, settings, kubernetes, clients_ca), resources.values()))
    missing = [name for name in settings.users.copy if name not in resources]
    return CopiedUsers(users, tuple(missing))


def _clients_ca(settings: Settings, kubernetes: Kubernetes) -> str | None:
    """The certificates by which the target's brokers know clients; None where they may not be read: then the
    copy of it beside each certificate counts, and the login in any case."""
    try:
        data = kubernetes.secret(settings.target.namespace, f"{settings.target.cluster}-clients-ca-cert")
    except CouldNotRun:
        return None
    return "\n".join(value.decode(errors="replace") for key, value in data.items() if key.endswith(".crt"))


def _user(
    resource: Mapping[str, Any], settings: Settings, kubernetes: Kubernetes, clients_ca: str | None
) -> CopiedUser:
    name, authentication = named(resource), (resource.get("spec") or {}).get("authentication") or {}
    kind = authentication.get("type")
    user = partial(CopiedUser, name, kind, resource)
    namespace = settings.target.namespace

    def read(secret: str, *keys: str) -> list[str] | Finding:
        return _values(lambda: kubernetes.secret(namespace, secret), name, f"{namespace}/{secret}", keys)

    if kind == "scram-sha-512":
        reference = ((authentication.get("password") or {}).get("valueFrom") or {}).get("secretKeyRef") or {}
        found = read(str(reference.get("name") or name), str(reference.get("key") or "password"))
        if isinstance(found, Finding):
            return user(unread=found)
        return user(ScramCredential(name, found[0]))
    if kind == "tls":
        found = read(name, "user.crt", "user.key", "ca.crt")
        if isinstance(found, Finding):
            return user(unread=found)
        certificate, key, own_ca = found
        subject = f"user {name}: Secret {namespace}/{name}"
        findings = judge_client(
            certificate, key, subject, margin=timedelta(0), clients_ca_pem=clients_ca or own_ca
        )
        if findings:
            return user(certificate=tuple(findings))
        return user(TlsCredential(certificate, key, common_name(parse(certificate)[0])))
    return user()


def _values(
    read: Callable[[], Mapping[str, bytes]], user: str, secret: str, keys: tuple[str, ...]
) -> list[str] | Finding:
    """The values of some keys of a Secret, or what hinders: the words of the API, never what it holds."""
    try:
        data = read()
    except NotThere:
        message = f"Secret {secret}, which holds its credential, does not exist"
        return Finding(f"user {user}", message, f"{_AGAIN}; a TLS user's is the User Operator's to make")
    except CouldNotRun as error:
        message = f"its credential could not be read: {error.happened}"
        return Finding(f"user {user}", message, error.way_out)
    lacking = [key for key in keys if not data.get(key)]
    if lacking:
        return Finding(f"user {user}", f"Secret {secret} has no {', '.join(lacking)}", _AGAIN)
    return [data[key].decode(errors="replace").rstrip("\r\n") for key in keys]
