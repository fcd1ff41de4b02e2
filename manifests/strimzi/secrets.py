"""Secrets beside the mirror: copies of the source's Secrets with only the keys that the mirror needs."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from manifests.estate import Estate
from manifests.metadata import metadata
from settings.model import Settings
from settings.names import Names, source_secrets


def source_ca(settings: Settings, estate: Estate) -> dict[str, Any] | None:
    """Render the copy of the source's cluster CA: every `*.crt`, so that a renewal keeps working. None for a
    public CA or no TLS, and where the stack does not create the Secret.
    """
    if not estate.source.ca or Names.of(settings).source_ca_secret not in source_secrets(settings):
        return None
    return _secret(settings, Names.of(settings).source_ca_secret, estate.source.ca)


def source_user(settings: Settings, estate: Estate) -> dict[str, Any] | None:
    """Render the copy of the source user's credential: `password`, or `user.crt` and `user.key`. None where
    the stack does not create the Secret, and where the login needs none.
    """
    if settings.source.secret_ref is not None or not settings.source.has_credential:
        return None
    return _secret(settings, Names.of(settings).source_user_secret, estate.source.user_secret)


def password(settings: Settings, user: str, value: str) -> dict[str, Any]:
    """Render the Secret from which the User Operator takes a copied user's password.

    It has no Strimzi label: the User Operator deletes Secrets with its label that belong to no KafkaUser.
    """
    return _secret(settings, Names.of(settings).password_secret(user), {"password": value})


def _secret(settings: Settings, name: str, content: Mapping[str, str]) -> dict[str, Any]:
    # `data`, not `stringData`: server-side apply does not delete a key that was removed from stringData.
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata(settings, name),
        "type": "Opaque",
        "data": {key: base64.b64encode(content[key].encode()).decode() for key in sorted(content)},
    }
