"""What both regions have, as far as what is declared depends on it. `mirror.estate` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

StrimziApi = Literal["v1", "v1beta2"]
"""A version of `kafka.strimzi.io`: v1 since Strimzi 0.49, v1beta2 before 1.0 and in AMQ Streams 2.x."""


@dataclass(frozen=True, slots=True)
class CopiedUser:
    """A production KafkaUser to be made on the target; `password` is None unless it logs in with SCRAM.

    `spec` is as the source's API gave it, v1 or v1beta2.
    """

    name: str
    spec: Mapping[str, Any]
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SourceEstate:
    """The source as it is: where it listens, what to trust, how the mirror's source user logs in.

    `ca` holds every certificate of the source's CA, keyed `*.crt`; it is empty where the brokers'
    certificates come from a public CA (`source.credentials.public_ca`). `user_secret` holds `password`, or
    `user.crt` and `user.key`.
    """

    bootstrap_servers: str
    ca: Mapping[str, str] = field(repr=False)
    user_secret: Mapping[str, str] = field(repr=False)
    kafka_users: tuple[CopiedUser, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetEstate:
    """The target as it is; `api` is the version of Strimzi's resources that its Kubernetes is given."""

    bootstrap_servers: str
    ca: Mapping[str, str] = field(default_factory=dict, repr=False)
    api: StrimziApi = "v1"


@dataclass(frozen=True, slots=True)
class Estate:
    """Both regions."""

    source: SourceEstate
    target: TargetEstate
    warnings: tuple[str, ...] = ()
    """What a person should know before deploying, though it hinders nothing."""
