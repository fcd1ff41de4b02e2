"""How to log in to a Kafka cluster. Secrets stay out of every repr, log and argument."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

ScramMechanism = Literal["SCRAM-SHA-512", "SCRAM-SHA-256"]
SCRAM_MECHANISMS: dict[str, ScramMechanism] = {
    "scram-sha-512": "SCRAM-SHA-512",
    "scram-sha-256": "SCRAM-SHA-256",
}
"""Kafka's names of what Strimzi calls an authentication's `type`."""
PLAIN = "plain"
PUBLIC_CAS = "probe"
"""librdkafka's `ssl.ca.location` for the CAs that the system trusts, wherever the system keeps them."""


@dataclass(frozen=True, slots=True)
class ScramCredential:
    """A SCRAM user and its password (Strimzi: authentication `scram-sha-512` and `scram-sha-256`)."""

    username: str
    password: str = field(repr=False)
    mechanism: ScramMechanism = "SCRAM-SHA-512"

    @property
    def principal(self) -> str:
        return f"User:{self.username}"


@dataclass(frozen=True, slots=True)
class PlainCredential:
    """A user and its password, SASL/PLAIN: Confluent Cloud's API key and secret (Strimzi: `plain`)."""

    username: str
    password: str = field(repr=False)

    @property
    def principal(self) -> str:
        return f"User:{self.username}"


@dataclass(frozen=True, slots=True)
class TlsCredential:
    """A client certificate and its key, PEM (Strimzi: KafkaUser authentication `tls`)."""

    certificate_pem: str = field(repr=False)
    key_pem: str = field(repr=False)
    username: str = ""

    @property
    def principal(self) -> str:
        return f"User:CN={self.username}" if self.username else "User:CN=?"


Credential = ScramCredential | PlainCredential | TlsCredential


@dataclass(frozen=True, slots=True)
class ClusterAccess:
    """Everything a Kafka client needs; host names are verified. `ca_pem` is empty where a public CA signed
    the brokers' certificates.
    """

    bootstrap_servers: str
    ca_pem: str = field(repr=False)
    credential: Credential
    alias: str = "?"

    def client_config(self) -> dict[str, Any]:
        """librdkafka's settings. It verifies the broker's host name by itself (`https` is its default)."""
        config: dict[str, Any] = {"bootstrap.servers": self.bootstrap_servers}
        config |= {"ssl.ca.pem": self.ca_pem} if self.ca_pem else {"ssl.ca.location": PUBLIC_CAS}
        match self.credential:
            case ScramCredential(username, password, mechanism):
                config |= _sasl(mechanism, username, password)
            case PlainCredential(username, password):
                config |= _sasl("PLAIN", username, password)
            case TlsCredential(certificate_pem, key_pem):
                config |= {
                    "security.protocol": "SSL",
                    "ssl.certificate.pem": certificate_pem,
                    "ssl.key.pem": key_pem,
                }
        return config

    def describe(self) -> str:
        """Who logs in where, for messages."""
        return f"{self.alias} at {self.bootstrap_servers} as {self.credential.principal}"


def _sasl(mechanism: str, username: str, password: str) -> dict[str, str]:
    return {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": mechanism,
        "sasl.username": username,
        "sasl.password": password,
    }
