"""The login of MM2 to the source, as settings. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from manifests.strimzi.msk_iam import role_of
from mirror.importing.oauth import OAuthLogin, oauth_login
from settings.model import ANONYMOUS

FILL_IN = "fill-in"
"""Stands for a name that the stack file needs and the resource does not have."""
_PASSWORDS = ("scram-sha-512", "scram-sha-256", "plain")
_REGION = re.compile(r"\.kafka(?:-serverless)?\.([a-z0-9-]+)\.amazonaws\.com")
_WITHOUT_TLS = ("scram-sha-512", "scram-sha-256", "none")


@dataclass(frozen=True, slots=True)
class SourceLogin:
    """`source.user`, `source.authentication`, `source.oauth`, and `secret_ref` for the credential."""

    authentication: str
    user: str
    reference: dict[str, Any] = field(default_factory=dict)
    """Empty where the source asks for no login."""
    oauth: dict[str, Any] | None = None
    msk_iam: dict[str, Any] | None = None
    supported: bool = True

    @property
    def goes_without_tls(self) -> bool:
        """Whether no password or token would cross the network."""
        return self.supported and self.authentication in _WITHOUT_TLS


def source_login(connection: Mapping[str, Any], mirror: str, namespace: str, todo: list[str]) -> SourceLogin:
    """Read `authentication`; `todo` gets what a person has to do. `mirror`, `namespace`: of the resource."""
    given = connection.get("authentication") or {}
    if (role := role_of(given)) is not None:
        return _with_identity(role, str(connection.get("bootstrapServers") or ""), todo)
    login = _login(given, f"{mirror}-{FILL_IN}", namespace, todo)
    if FILL_IN in str(login.reference.get("name", "")):
        todo.append(
            "source.credentials.secret_ref.name: keep the source's credential in a Secret of the target's "
            "namespace, and name it"
        )
    return login


def _login(given: Mapping[str, Any], otherwise: str, namespace: str, todo: list[str]) -> SourceLogin:
    kind = str(given.get("type") or "none")
    reference: dict[str, Any] = {"name": otherwise}
    user = str(given.get("username") or "")
    if kind == "none":
        return SourceLogin("none", ANONYMOUS)
    if kind == "tls":
        pair = given.get("certificateAndKey") or {}
        reference = _reference(pair, {"certificate": "tls.crt", "key": "tls.key"}, reference)
        user = user or str(pair.get("secretName") or "") or FILL_IN
        todo.append(f"source.user: {user} is assumed; it is the CN of the client certificate")
        return SourceLogin("tls", user, reference)
    if kind in _PASSWORDS:
        secret = given.get("passwordSecret") or {}
        return SourceLogin(kind, user or FILL_IN, _reference(secret, {"password": "password"}, reference))
    if (found := oauth_login(given)) is not None:
        return _with_token(found, reference, namespace, todo)
    todo.append(
        f"source.authentication: {_named(kind, given)} is not supported. Create a user of the mirror's own "
        "on the source (`region-mirror source-user`), with SCRAM or a client certificate"
    )
    return SourceLogin("scram-sha-512", user or FILL_IN, reference, supported=False)


def _with_token(found: OAuthLogin, otherwise: dict[str, Any], namespace: str, todo: list[str]) -> SourceLogin:
    todo += found.todo(namespace)
    user = found.client_id or FILL_IN
    todo.append(f"source.user: {user} is assumed; it is the name that the brokers take from the token")
    section = {
        **found.section,
        "token_endpoint": found.token_endpoint or f"https://{FILL_IN}/token",
        "client_id": found.client_id or FILL_IN,
    }
    given = {"secretName": found.secret_name, "password": found.secret_key}
    reference = _reference(given, {"password": "password"}, otherwise)
    return SourceLogin("oauth", user, reference, section)


def _with_identity(role: str, servers: str, todo: list[str]) -> SourceLogin:
    """The region is part of the brokers' host names."""
    found = _REGION.search(servers)
    if found is None:
        todo.append("source.msk_iam.region: the brokers' host names do not tell the AWS region")
    section = {"region": found[1] if found else "us-east-1", **({"role_arn": role} if role else {})}
    return SourceLogin("aws-msk-iam", role.rpartition("/")[2] or "mirror", msk_iam=section)


def _named(kind: str, given: Mapping[str, Any]) -> str:
    mechanism = (given.get("config") or {}).get("sasl.mechanism")
    return f"{kind} with sasl.mechanism {mechanism}" if mechanism else kind


def _reference(
    given: Mapping[str, Any], keys: Mapping[str, str], otherwise: dict[str, Any]
) -> dict[str, Any]:
    """Return `secret_ref` for a Secret that the resource names; keys with the default are left out."""
    if not given.get("secretName"):
        return otherwise
    settings = {"password": "password_key", "certificate": "certificate_key", "key": "private_key_key"}
    own = {
        settings[key]: str(given[key])
        for key, default in keys.items()
        if given.get(key) not in (None, default)
    }
    return {"name": str(given["secretName"]), **own}
