"""Where the people who move an application find its user's credential on the target."""

from __future__ import annotations

from typing import Any

from manifests.estate import Estate
from settings.model import Settings


def credential_places(settings: Settings, estate: Estate) -> dict[str, dict[str, Any]]:
    """Return for each copied user how it logs in on the target and where the credential is.

    Plain data for the stack's outputs, nothing of it secret.

    `secret` is `namespace/name` of the Secret that the User Operator makes, `keys` what it holds (Strimzi
    1.2.0, `KafkaUserModel.generateSecret`); both are missing where clients keep what they have.
    """
    return {user.name: _place(settings, user.name, dict(user.spec)) for user in estate.source.kafka_users}


def _place(settings: Settings, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    kind = (spec.get("authentication") or {}).get("type")
    secret = f"{settings.target.namespace}/{name}"
    if kind == "scram-sha-512":
        return {
            "authentication": kind,
            "secret": secret,
            "keys": ["password", "sasl.jaas.config"],
            "change": "none: the password is the source's",
        }
    if kind == "tls" and settings.users.tls == "new-certificate":
        return {
            "authentication": kind,
            "secret": secret,
            "keys": ["user.crt", "user.key", "user.p12", "user.password"],
            "change": "a new certificate, of the target's clients CA",
        }
    if kind in ("tls", "tls-external"):
        return {"authentication": "tls-external", "change": "none: the certificate is the client's own"}
    return {"authentication": "none", "change": "none: the user has rights and quotas, but no credential"}
