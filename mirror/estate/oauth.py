"""The mirror's OAuth login: from the stack file before a deployment, from the resource after it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from manifests.strimzi.jaas import options
from manifests.strimzi.oauth import MECHANISM, TOKEN_ENDPOINT
from mirror.clients.access import OAuthCredential
from settings.model import OAuthSettings

_PLACEHOLDER = re.compile(r"\$\{strimzisecrets:[^/}]+/([^:}]+):([^}]+)\}")
_EXTENSION = "extension_"


@dataclass(frozen=True, slots=True)
class DeployedLogin:
    """The login that a KafkaMirrorMaker2 declares; the client secret is at `key` of Secret `secret`."""

    token_endpoint: str
    client_id: str
    scope: str
    extensions: tuple[tuple[str, str], ...]
    secret: str
    key: str

    def with_secret(self, user: str, client_secret: str) -> OAuthCredential:
        """Return the credential of `user`."""
        return OAuthCredential(
            user, self.client_id, client_secret, self.token_endpoint, self.scope, self.extensions
        )


def given(user: str, oauth: OAuthSettings, client_secret: str) -> OAuthCredential:
    """Return the credential that the stack file gives."""
    extensions = tuple(sorted(oauth.extensions.items()))
    return OAuthCredential(
        user, oauth.client_id, client_secret, oauth.token_endpoint, oauth.scope or "", extensions
    )


def deployed_login(authentication: Mapping[str, Any]) -> DeployedLogin | None:
    """Read the `authentication` of a side; None where it is no OAuth login of ours."""
    config = authentication.get("config") or {}
    if authentication.get("type") != "custom" or config.get("sasl.mechanism") != MECHANISM:
        return None
    login = options(config.get("sasl.jaas.config", ""))
    place = _PLACEHOLDER.fullmatch(login.get("clientSecret", ""))
    if place is None or TOKEN_ENDPOINT not in config:
        return None
    extensions = sorted(
        (key.removeprefix(_EXTENSION), value) for key, value in login.items() if key.startswith(_EXTENSION)
    )
    return DeployedLogin(
        str(config[TOKEN_ENDPOINT]),
        login.get("clientId", ""),
        login.get("scope", ""),
        tuple(extensions),
        place[1],
        place[2],
    )
