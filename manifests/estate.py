"""The data of both regions on which the declared resources depend. `mirror.estate` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

StrimziApi = Literal["v1", "v1beta2"]
"""A version of `kafka.strimzi.io`: v1 since Strimzi 0.49, v1beta2 before 1.0 and in AMQ Streams 2.x."""


@dataclass(frozen=True, slots=True)
class CopiedUser:
    """A KafkaUser of the source that is copied to the target; `password` is None unless it logs in with
    SCRAM.

    `spec` is as the source's API returns it, v1 or v1beta2. `deployed`: it is that of the copy on the target,
    because the source of a promoted mirror does not answer.
    """

    name: str
    spec: Mapping[str, Any]
    password: str | None = field(default=None, repr=False)
    deployed: bool = False

    @property
    def authentication(self) -> str | None:
        """`spec.authentication.type`; None for a user without credentials."""
        kind = (self.spec.get("authentication") or {}).get("type")
        return None if kind is None else str(kind)


@dataclass(frozen=True, slots=True)
class SourceEstate:
    """The source: its addresses, its CA, and the credential of the mirror's source user.

    `ca` holds every certificate of the source's CA, keyed `*.crt`; it is empty if a public CA signed the
    brokers' certificates (`public_ca`), and without TLS. `user_secret` holds `password`, or `user.crt` and
    `user.key`; it is empty for a source that asks for no login. With `secret_ref`, the keys of `ca` are those
    of the Secret that it names.
    """

    bootstrap_servers: str
    ca: Mapping[str, str] = field(repr=False)
    user_secret: Mapping[str, str] = field(repr=False)
    kafka_users: tuple[CopiedUser, ...] = ()


class Listener(NamedTuple):
    """A listener with TLS and an address. `authentication` is its type (`tls`, `scram-sha-512`, `custom`)."""

    name: str
    bootstrap_servers: str
    authentication: str | None = None
    certificates: tuple[str, ...] = ()
    """The certificates in the status of the `Kafka`."""
    own_certificate: str | None = None
    """The Secret of a certificate that the cluster CA did not sign (`brokerCertChainAndKey`)."""


@dataclass(frozen=True, slots=True)
class TargetEstate:
    """The target; `api` is the version of Strimzi's resources that are created there."""

    bootstrap_servers: str
    ca: Mapping[str, str] = field(default_factory=dict, repr=False)
    api: StrimziApi = "v1"
    listeners: tuple[Listener, ...] = ()
    """Where clients can connect; the listeners that are most likely reachable are the first."""
    kafka: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The `Kafka` resource."""


@dataclass(frozen=True, slots=True)
class Estate:
    """Both regions."""

    source: SourceEstate
    target: TargetEstate
    warnings: tuple[str, ...] = ()
    """Warnings for the person who deploys; they do not stop the deployment."""
