"""Renders the binding: a ConfigMap, and a Secret for each user. Pure.

A Secret has the type and keys that Strimzi's Access Operator writes (kafka-access-operator, `KafkaListener`,
`KafkaUserData`, `SecretDependentResource`), some of them in the spelling of Quarkus and Spring. It differs in
`ssl.truststore.crt`: every trusted certificate, not only `ca.crt`, because during a renewal Strimzi keeps the
old CA beside the new one.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from manifests.metadata import MIRROR, mirror_of

SECRET_TYPE = "servicebinding.io/kafka"  # noqa: S105 - a type
REGION = "region-mirror/region"
"""Annotation with the alias of the region to which an object of the binding leads."""


@dataclass(frozen=True, slots=True)
class Connection:
    """How clients reach a region. `ca_pem` is empty where a public CA signed the brokers' certificates."""

    region: str
    bootstrap_servers: str
    security_protocol: str
    ca_pem: str = field(default="", repr=False)

    def to_data(self) -> dict[str, str]:
        """Return the keys that need no credential."""
        servers = self.bootstrap_servers
        found = {
            "type": "kafka",
            "provider": "strimzi",
            "bootstrap.servers": servers,
            "bootstrapServers": servers,
            "bootstrap-servers": servers,
            "security.protocol": self.security_protocol,
            "securityProtocol": self.security_protocol,
        }
        return found | ({"ssl.truststore.crt": self.ca_pem} if self.ca_pem else {})


@dataclass(frozen=True, slots=True)
class Login:
    """A user of a region with the content of its Secret, as the User Operator writes it."""

    user: str
    authentication: str | None
    connection: Connection
    secret: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def to_data(self) -> dict[str, bytes]:
        """Return all keys of the user's Secret."""
        found = {key: value.encode() for key, value in self.connection.to_data().items()}
        if self.authentication == "scram-sha-512":
            name, mechanism = self.user.encode(), b"SCRAM-SHA-512"
            found |= {"username": name, "user": name, "sasl.mechanism": mechanism, "saslMechanism": mechanism}
            found |= {key: self.secret[key] for key in ("password", "sasl.jaas.config") if key in self.secret}
        else:
            keys = {"user.crt": "ssl.keystore.crt", "user.key": "ssl.keystore.key"}
            found |= {keys[key]: value for key, value in self.secret.items() if key in keys}
        return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """One object of the binding as it is to be."""

    kind: str
    namespace: str
    name: str
    region: str
    data: Mapping[str, str] = field(repr=False)
    """As the API has it: base64 in a Secret."""

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"

    def manifest(self, mirror: str) -> dict[str, Any]:
        """Render the object for its creation."""
        return {
            "apiVersion": "v1",
            "kind": self.kind,
            "metadata": {
                "name": self.name,
                "namespace": self.namespace,
                "annotations": {MIRROR: mirror, REGION: self.region},
            },
            **({"type": SECRET_TYPE} if self.kind == "Secret" else {}),
            "data": dict(self.data),
        }

    def patch(self, there: Mapping[str, Any]) -> dict[str, Any] | None:
        """Render the merge patch for an object that exists; None where nothing differs."""
        before = there.get("data") or {}
        metadata = there.get("metadata") or {}
        if before == dict(self.data) and (metadata.get("annotations") or {}).get(REGION) == self.region:
            return None
        removed: dict[str, str | None] = {key: None for key in before if key not in self.data}
        return {
            "metadata": {
                "resourceVersion": metadata.get("resourceVersion"),
                "annotations": {REGION: self.region},
            },
            "data": {**removed, **self.data},
        }


def foreign(there: Mapping[str, Any], mirror: str) -> bool:
    """Tell whether an object that exists was made by somebody else."""
    return mirror_of(there.get("metadata") or {}) != mirror


def objects(name: str, namespace: str, connection: Connection, logins: Mapping[str, Login]) -> list[Wanted]:
    """Return the Secrets and then the ConfigMap: who watches the ConfigMap finds the Secrets changed."""
    found = [
        Wanted(
            "Secret",
            namespace,
            f"{name}-{user}",
            connection.region,
            {key: base64.b64encode(value).decode() for key, value in login.to_data().items()},
        )
        for user, login in logins.items()
    ]
    data = {"region": connection.region, **connection.to_data()}
    return [*found, Wanted("ConfigMap", namespace, name, connection.region, data)]
