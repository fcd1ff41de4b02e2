"""How to log in to a Kafka cluster. Secrets never appear in a repr, log or process argument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mirror.clients.msk_iam import CALLBACK, Signer
from settings.model import ANONYMOUS
from settings.security_protocol import security_protocol

ScramMechanism = Literal["SCRAM-SHA-512", "SCRAM-SHA-256"]
SCRAM_MECHANISMS: dict[str, ScramMechanism] = {
    "scram-sha-512": "SCRAM-SHA-512",
    "scram-sha-256": "SCRAM-SHA-256",
}
"""Kafka's mechanism for each `type` of authentication in Strimzi."""
PLAIN = "plain"
HOST_NAMES = "ssl.endpoint.identification.algorithm"
"""The property by which Kafka's clients in Java and librdkafka compare names."""
PUBLIC_CAS = "probe"
"""The value of librdkafka's `ssl.ca.location` for the CAs that the system trusts."""


@dataclass(frozen=True, slots=True)
class ScramCredential:
    """A SCRAM user and its password (Strimzi: authentication `scram-sha-512` and `scram-sha-256`)."""

    username: str
    password: str = field(repr=False)
    mechanism: ScramMechanism = "SCRAM-SHA-512"

    @property
    def principal(self) -> str:
        """The name of the user in ACLs."""
        return f"User:{self.username}"


@dataclass(frozen=True, slots=True)
class PlainCredential:
    """A user and its password for SASL/PLAIN, such as an API key of Confluent Cloud (Strimzi: `plain`)."""

    username: str
    password: str = field(repr=False)

    @property
    def principal(self) -> str:
        """The name of the user in ACLs."""
        return f"User:{self.username}"


@dataclass(frozen=True, slots=True)
class TlsCredential:
    """A client certificate and its key as PEM (Strimzi: authentication `tls`)."""

    certificate_pem: str = field(repr=False)
    key_pem: str = field(repr=False)
    username: str = ""

    @property
    def principal(self) -> str:
        """The name of the user in ACLs, from the certificate's CN."""
        return f"User:CN={self.username}" if self.username else "User:CN=?"


@dataclass(frozen=True, slots=True)
class OAuthCredential:
    """A client id and secret for which an identity provider issues tokens (client credentials grant)."""

    username: str
    """The name that the brokers take from the token."""
    client_id: str
    client_secret: str = field(repr=False)
    token_endpoint: str = ""
    scope: str = ""
    extensions: tuple[tuple[str, str], ...] = ()
    """SASL extensions (KIP-342)."""

    @property
    def principal(self) -> str:
        """The name of the user in ACLs."""
        return f"User:{self.username}"


@dataclass(frozen=True, slots=True)
class MskIamCredential:
    """An AWS identity, from AWS's default chain of credentials, that logs in to Amazon MSK."""

    username: str
    """The name of the role, for messages."""
    region: str
    role_arn: str = ""

    @property
    def principal(self) -> str:
        """The name of the user in messages. IAM's permissions are no ACLs."""
        return f"User:{self.username}"


@dataclass(frozen=True, slots=True)
class NoCredential:
    """No login: Kafka knows the client as `User:ANONYMOUS`."""

    username: str = ANONYMOUS

    @property
    def principal(self) -> str:
        """The name of the user in ACLs."""
        return f"User:{self.username}"


Credential = (
    ScramCredential | PlainCredential | OAuthCredential | MskIamCredential | TlsCredential | NoCredential
)


@dataclass(frozen=True, slots=True)
class ClusterAccess:
    """What a Kafka client needs to connect. `ca_pem` is empty where a public CA signed the brokers'
    certificates, and without TLS.
    """

    bootstrap_servers: str
    ca_pem: str = field(repr=False)
    credential: Credential
    alias: str = "?"
    encrypted: bool = True
    """Whether the connection has TLS."""
    host_names: bool = True
    """Whether a broker's name must be in its certificate. MM2 compares no names where the stack waives the
    no-loss rule `host-names-verified`: then there is nothing else to connect with."""

    def trust_config(self) -> dict[str, Any]:
        """Where the cluster is and how its brokers are verified, for librdkafka: all but the login."""
        config: dict[str, Any] = {"bootstrap.servers": self.bootstrap_servers}
        if self.encrypted:
            config |= {"ssl.ca.pem": self.ca_pem} if self.ca_pem else {"ssl.ca.location": PUBLIC_CAS}
            if not self.host_names:
                config[HOST_NAMES] = "none"
        return config

    def client_config(self) -> dict[str, Any]:
        """Configuration for librdkafka, which verifies the broker's host name by default."""
        login = _login(self.credential)
        protocol = security_protocol(tls=self.encrypted, sasl="sasl.mechanism" in login)
        return {**self.trust_config(), "security.protocol": protocol, **login}

    def describe(self) -> str:
        """Alias, address and principal, for messages."""
        return f"{self.alias} at {self.bootstrap_servers} as {self.credential.principal}"


def compares_host_names(config: Mapping[str, Any]) -> bool:
    """Whether Kafka's clients with this configuration compare names: an empty value ends that (KIP-294)."""
    return bool(str(config.get(HOST_NAMES, "https")).strip())


def _login(credential: Credential) -> dict[str, Any]:
    match credential:
        case ScramCredential(username, password, mechanism):
            return _sasl(mechanism, username, password)
        case PlainCredential(username, password):
            return _sasl("PLAIN", username, password)
        case OAuthCredential() as oauth:
            return _oauth(oauth)
        case MskIamCredential(_, region, role_arn):
            signer = Signer(region, role_arn).checked()
            return {"sasl.mechanism": "OAUTHBEARER", CALLBACK: signer}
        case TlsCredential(certificate_pem, key_pem):
            return {"ssl.certificate.pem": certificate_pem, "ssl.key.pem": key_pem}
        case NoCredential():
            return {}


def _oauth(credential: OAuthCredential) -> dict[str, str]:
    """librdkafka asks the token endpoint itself, and again before a token expires."""
    config = {
        "sasl.mechanism": "OAUTHBEARER",
        "sasl.oauthbearer.method": "oidc",
        "sasl.oauthbearer.token.endpoint.url": credential.token_endpoint,
        "sasl.oauthbearer.client.id": credential.client_id,
        "sasl.oauthbearer.client.secret": credential.client_secret,
    }
    if credential.scope:
        config["sasl.oauthbearer.scope"] = credential.scope
    if credential.extensions:
        pairs = ",".join(f"{key}={value}" for key, value in credential.extensions)
        config["sasl.oauthbearer.extensions"] = pairs
    return config


def _sasl(mechanism: str, username: str, password: str) -> dict[str, str]:
    return {"sasl.mechanism": mechanism, "sasl.username": username, "sasl.password": password}
