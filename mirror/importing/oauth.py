"""An OAuth login to the source, in the three forms in which KafkaMirrorMaker2 have it. Pure.

    type oauth     Strimzi's own fields, until v1beta2 (`KafkaClientAuthenticationOAuth`)
    type custom    a JAAS text for Strimzi's OAuth library (`oauth.client.id`), which Strimzi 1.0 recommends
    type custom    a JAAS text for Kafka's own login (`clientId`, KIP-768), which region-mirror renders

Only the client credentials grant with a client secret has settings (`source.oauth`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from manifests.strimzi.jaas import options
from manifests.strimzi.oauth import MECHANISM, TOKEN_ENDPOINT
from mirror.plan.differences import HIDDEN
from settings.model.secret import looks_secret

_PLACEHOLDER = re.compile(
    r"\$\{(?:strimzisecrets|secrets):(?P<namespace>[^/}]+)/(?P<name>[^:}]+):(?P<key>[^}]+)\}"
)
_KAFKAS = "org.apache.kafka.common.security.oauthbearer."
_STRIMZIS = "io.strimzi.kafka.oauth.client."
_RETRIEVER = "sasl.oauthbearer.jwt.retriever.class"
_REMEDY = "Create a client secret at the identity provider, and keep it in a Secret of the target's namespace"
_VARIANTS = {
    "refreshToken": "a refresh token",
    "accessToken": "an access token that something else renews",
    "clientAssertion": "a signed assertion (RFC 7523)",
    "password": "the password of a user (password grant)",
    "audience": "an audience in the request for a token",
    "trust": "a token endpoint whose certificate a private CA signed",
    "grantType": "another grant than client_credentials",
}
"""What `source.oauth` does not have."""
_FIELDS = {
    "refreshToken": "refreshToken",
    "accessToken": "accessToken",
    "accessTokenLocation": "accessToken",
    "clientAssertion": "clientAssertion",
    "clientAssertionLocation": "clientAssertion",
    "passwordSecret": "password",
    "audience": "audience",
    "tlsTrustedCertificates": "trust",
}
"""Fields of `type: oauth`, and the variant that each means."""
_OPTIONS = {
    "oauth.refresh.token": "refreshToken",
    "oauth.access.token": "accessToken",
    "oauth.access.token.location": "accessToken",
    "oauth.client.assertion": "clientAssertion",
    "oauth.client.assertion.location": "clientAssertion",
    "oauth.password.grant.username": "password",
    "oauth.password.grant.password": "password",
    "oauth.audience": "audience",
    "oauth.ssl.truststore.location": "trust",
    "oauth.ssl.truststore.certificates": "trust",
}
"""Options of Strimzi's OAuth library (`ClientConfig`, `Config`)."""

_OPEN = frozenset(
    {"clientId", "scope", "oauth.client.id", "oauth.scope", "oauth.token.endpoint.uri"},
)
"""Options that are no secrets."""


@dataclass(frozen=True, slots=True)
class OAuthLogin:
    """The login of a KafkaMirrorMaker2. A client secret that is written into the resource itself is left
    out: `secret_name` is then empty.
    """

    form: str
    """How the resource has it, for people."""
    token_endpoint: str = ""
    client_id: str = ""
    scope: str = ""
    extensions: Mapping[str, str] = field(default_factory=dict)
    secret_name: str = ""
    secret_key: str = ""
    secret_namespace: str = ""
    """Empty where the Secret is beside the resource."""
    variants: tuple[str, ...] = ()
    """What has no setting; keys of `_VARIANTS`."""
    unused: Mapping[str, Any] = field(default_factory=dict)
    """Fields that Kafka's own login does not have."""

    @property
    def section(self) -> dict[str, Any]:
        """The section `source.oauth`."""
        found: dict[str, Any] = {"token_endpoint": self.token_endpoint, "client_id": self.client_id}
        if self.scope:
            found["scope"] = self.scope
        if self.extensions:
            found["extensions"] = dict(self.extensions)
        return found

    @property
    def comparable(self) -> dict[str, Any]:
        """What both forms mean, under one set of names."""
        secret = {"secretName": self.secret_name, "password": self.secret_key}
        found: dict[str, Any] = {"type": "oauth", "endpoint": self.token_endpoint, "clientId": self.client_id}
        return {**found, "scope": self.scope, "extensions": dict(self.extensions), "passwordSecret": secret}

    def todo(self, namespace: str) -> Iterator[str]:
        """Say what a person has to do. `namespace`: of the resource."""
        for variant in dict.fromkeys(self.variants):
            yield f"source.oauth: {_VARIANTS[variant]} ({variant}) is not supported. {_REMEDY}"
        if not self.token_endpoint:
            yield "source.oauth.token_endpoint: the resource names none. Ask the identity provider"
        if not self.client_id:
            yield "source.oauth.client_id: the resource names none. Ask the identity provider"
        if self.secret_namespace not in ("", namespace):
            yield (
                f"source.credentials.secret_ref.name: Secret {self.secret_name} is in namespace "
                f"{self.secret_namespace}. Keep a copy in the target's namespace"
            )


def oauth_login(authentication: Mapping[str, Any]) -> OAuthLogin | None:
    """Read the `authentication` of a side; None where it is no OAuth login."""
    if authentication.get("type") == "oauth":
        return _of_fields(authentication)
    config = {str(key): str(value) for key, value in (authentication.get("config") or {}).items()}
    if authentication.get("type") == "custom" and config.get("sasl.mechanism") == MECHANISM:
        return _of_jaas(config)
    return None


def without_secrets(config: Mapping[str, str]) -> dict[str, str]:
    """Return `sasl.*` properties of a client whose JAAS text has only options that are no secrets."""
    given = options(config.get("sasl.jaas.config", ""))
    kept = " ".join(
        f'{key}="{HIDDEN if key in _OPTIONS else value}"'
        for key, value in given.items()
        if key in _OPEN or key in _OPTIONS or key.startswith(("extension_", "oauth.sasl.extension."))
    )
    properties = {key: value for key, value in config.items() if not looks_secret(key)}
    endpoint = {TOKEN_ENDPOINT: config[TOKEN_ENDPOINT]} if TOKEN_ENDPOINT in config else {}
    return {**properties, **endpoint, "sasl.jaas.config": f"required {kept};"}


def _of_fields(given: Mapping[str, Any]) -> OAuthLogin:
    secret = given.get("clientSecret") or {}
    used = {"type", "tokenEndpointUri", "clientId", "scope", "saslExtensions", "clientSecret", "grantType"}
    variants = [variant for name, variant in _FIELDS.items() if given.get(name)]
    if given.get("grantType") not in (None, "client_credentials"):
        variants.append("grantType")
    carried = {key: given[key] for key in sorted(used - {"type"}) if key in given}
    return OAuthLogin(
        f"type oauth of Strimzi: {', '.join(_paths(carried))}",
        str(given.get("tokenEndpointUri") or ""),
        str(given.get("clientId") or ""),
        str(given.get("scope") or ""),
        {str(key): str(value) for key, value in (given.get("saslExtensions") or {}).items()},
        str(secret.get("secretName") or ""),
        str(secret.get("key") or ""),
        variants=tuple(variants),
        unused={key: value for key, value in given.items() if key not in used and value not in (None, False)},
    )


def _of_jaas(config: Mapping[str, str]) -> OAuthLogin:
    given = options(config.get("sasl.jaas.config", ""))
    handler = config.get("sasl.login.callback.handler.class", "")
    theirs = handler.startswith(_STRIMZIS)
    names = (
        ("oauth.client.id", "oauth.client.secret", "oauth.scope", "oauth.sasl.extension.")
        if theirs
        else ("clientId", "clientSecret", "scope", "extension_")
    )
    client, secret, scope, extension = names
    # Kafka's own login takes them from properties, too, since Kafka 4.1 (KIP-1139).
    properties = "sasl.oauthbearer.client.credentials.client."
    place = _PLACEHOLDER.fullmatch(given.get(secret) or config.get(f"{properties}secret", ""))
    endpoint = given.get("oauth.token.endpoint.uri", "") if theirs else config.get(TOKEN_ENDPOINT, "")
    variants = [variant for name, variant in _OPTIONS.items() if given.get(name)]
    if endpoint.startswith("file:"):
        variants.append("accessToken")
        endpoint = ""
    if "JwtBearer" in config.get(_RETRIEVER, ""):
        variants.append("clientAssertion")
    used = {client, secret, scope, "oauth.token.endpoint.uri"}
    unused: dict[str, Any] = {
        key: HIDDEN if key in _OPTIONS else value
        for key, value in given.items()
        if key not in used and not key.startswith(extension)
    }
    known = {"sasl.mechanism", "sasl.jaas.config", "sasl.login.callback.handler.class", TOKEN_ENDPOINT}
    known |= {f"{properties}id", f"{properties}secret", "sasl.oauthbearer.scope", _RETRIEVER}
    unused |= {key: value for key, value in config.items() if key not in known}
    if handler and not theirs and not handler.startswith(_KAFKAS):
        unused["sasl.login.callback.handler.class"] = handler
    library = "Strimzi's OAuth library" if theirs else "Kafka's own login"
    return OAuthLogin(
        f"type custom with a JAAS text for {library}",
        endpoint,
        given.get(client) or config.get(f"{properties}id", ""),
        given.get(scope) or config.get("sasl.oauthbearer.scope", ""),
        {key.removeprefix(extension): value for key, value in given.items() if key.startswith(extension)},
        place["name"] if place else "",
        place["key"] if place else "",
        place["namespace"] if place else "",
        tuple(variants),
        unused,
    )


def _paths(given: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """The fields of a mapping and of those within it."""
    for key, value in given.items():
        if isinstance(value, Mapping):
            yield from _paths(value, f"{before}{key}.")
        else:
            yield f"{before}{key}"
