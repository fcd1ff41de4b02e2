"""Reads the certificates that certificates-valid judges: what is trusted, in use, and really presented."""

from __future__ import annotations

from dataclasses import dataclass

from mirror.clients.access import ClusterAccess, Credential, TlsCredential
from mirror.clients.cluster import Cluster
from mirror.estate.certificates import RENEW_USER
from mirror.problems import CouldNotRun
from mirror.verify.reading.copied_users import CopiedUser, copied_users
from mirror.verify.reading.handshakes import Broker, present
from mirror.verify.reading.look import Look
from mirror.verify.values.certificate import Client, Presented, Trust

_RENEW_SOURCE = (
    "renew the source user's certificate where it is issued (Strimzi: annotate its Secret with "
    "strimzi.io/force-renew=true), then `pulumi up` copies it"
)


@dataclass(frozen=True, slots=True)
class Certificates:
    """What certificates-valid judges: trusted CAs, client certificates, and what each broker presented."""

    trusts: tuple[Trust, ...]
    clients: tuple[Client, ...]
    presented: tuple[Presented, ...]
    without_copied_users: bool = False
    """Whether the certificates of copied users were left out, because their Secrets may not be read."""
    without_tls: tuple[str, ...] = ()
    """The clusters whose connection has no TLS."""


def certificates(look: Look) -> Certificates:
    """Both clusters' handshakes at once."""
    source, target = look.sides.source, look.sides.target
    shown = look.sides.together(lambda: _present(source), lambda: _present(target))
    secrets = (source, look.names.source_ca_secret), (target, look.names.target_ca_secret)
    return Certificates(
        tuple(
            Trust(one.alias, f"CA certificates of {one.alias} (Secret {secret})", one.access.ca_pem)
            for one, secret in secrets
            if one.access.encrypted
        ),
        tuple(_clients(look)),
        (*shown[0], *shown[1]),
        not look.session.copied_users,
        tuple(one.alias for one, _ in secrets if not one.access.encrypted),
    )


def _present(cluster: Cluster) -> list[Presented]:
    if not cluster.access.encrypted:
        return []
    brokers = [Broker(cluster.alias, int(one.id), str(one.host), int(one.port)) for one in cluster.nodes()]
    in_order = sorted(brokers, key=lambda one: one.number)
    return present(in_order, cluster.access.ca_pem, host_names=cluster.access.host_names)


def _clients(look: Look) -> list[Client]:
    source, target = look.sides.source.access, look.sides.target.access
    namespace, names = look.settings.target.namespace, look.names
    found = [
        *_of(source.credential, f"source user {_name(source)} of {source.alias}", _renew_source(look)),
        *_of(target.credential, f"verifier {_name(target)} of {target.alias}", RENEW_USER),
    ]
    if look.settings.target.authentication == "tls":
        subject = f"mirror's user {names.mirror_user} of {target.alias}"
        try:
            mirrors = look.session.deployed.mirror_user(look.resource)
            found += _of(mirrors.credential, subject, RENEW_USER)
        except CouldNotRun as error:
            unread = f"{error.tried}: {error.happened}"
            found.append(Client(subject, remedy=error.way_out, unread=unread))
    if not look.session.copied_users:
        return found
    try:
        copied = look.of(copied_users).users
    except CouldNotRun as error:
        unread = f"{error.tried}: {error.happened}"
        found.append(Client("copied users", remedy=error.way_out, unread=unread))
        return found
    return found + [one for user in copied if (one := _copied(user, namespace)) is not None]


def _renew_source(look: Look) -> str:
    if look.settings.source.secret_ref is None:
        return _RENEW_SOURCE
    return f"renew it where Secret {look.names.source_user_secret} is maintained (cert-manager, Vault)"


def _of(credential: Credential, subject: str, remedy: str) -> list[Client]:
    if not isinstance(credential, TlsCredential):
        return []
    return [Client(subject, credential.certificate_pem, remedy)]


def _copied(user: CopiedUser, namespace: str) -> Client | None:
    """A copied TLS user's. What makes it useless today is for users-work to say; here counts how long it
    lasts.
    """
    if user.authentication != "tls":
        return None
    subject = f"user {user.name} (Secret {namespace}/{user.name})"
    if user.credential is not None:
        return Client(subject, user.certificate_pem, RENEW_USER)
    if user.unread is not None:
        return Client(subject, remedy=user.unread.remedy, unread=user.unread.message)
    return None


def _name(access: ClusterAccess) -> str:
    return access.credential.principal.removeprefix("User:")
