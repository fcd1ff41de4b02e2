"""The credentials of copied users on the target, for the people who move their applications."""

from __future__ import annotations

from typing import Any

from manifests.estate import CopiedUser, Estate
from settings.model import Settings


def credential_places(settings: Settings, estate: Estate) -> dict[str, dict[str, Any]]:
    """Return for each copied user how it logs in on the target and where its credential is.

    This is plain data for the stack's outputs without any secret. `secret` is `namespace/name` of the Secret
    that the User Operator creates, `keys` are its keys (Strimzi 1.2.0, `KafkaUserModel.generateSecret`); both
    are absent if clients keep their credential.
    """
    return {
        user.name: credential_place(settings, user.name, kind_on_target(settings, user))
        for user in estate.source.kafka_users
    }


def kind_on_target(settings: Settings, user: CopiedUser) -> str | None:
    """The `authentication.type` of the copy: `tls-external` for a `tls` user that keeps its certificate."""
    kept = user.authentication == "tls" and settings.users.tls == "keep-certificate"
    return "tls-external" if kept else user.authentication


def credential_place(settings: Settings, name: str, kind: str | None) -> dict[str, Any]:
    """As `credential_places`, for one user with this authentication on the target."""
    secret = f"{settings.target.namespace}/{name}"
    if kind == "scram-sha-512":
        return {
            "authentication": kind,
            "secret": secret,
            "keys": ["password", "sasl.jaas.config"],
            "change": "none: the password is the source's",
        }
    if kind == "tls":
        return {
            "authentication": kind,
            "secret": secret,
            "keys": ["user.crt", "user.key", "user.p12", "user.password"],
            "change": "a new certificate, of the target's clients CA",
        }
    if kind == "tls-external":
        return {"authentication": kind, "change": "none: the certificate is the client's own"}
    return {"authentication": "none", "change": "none: the user has rights and quotas, but no credential"}
