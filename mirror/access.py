"""How to log in to a Kafka cluster. Secrets stay out of every repr, log and argument."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ScramCredential:
    """A SCRAM-SHA-512 user and its password (Strimzi: KafkaUser authentication `scram-sha-512`)."""

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


Credential = ScramCredential | TlsCredential


@dataclass(frozen=True, slots=True)
class ClusterAccess:
    """Everything a Kafka client needs; trust is always explicit (`ca_pem`), host names are verified."""

    bootstrap_servers: str
    ca_pem: str = field(repr=False)
    credential: Credential
    alias: str = "?"

    def client_config(self) -> dict[str, Any]:
        """librdkafka's settings. It verifies the broker's host name by itself (`https` is its default)."""
        config: dict[str, Any] = {
            "bootstrap.servers": self.bootstrap_servers,
            "ssl.ca.pem": self.ca_pem,
        }
        match self.credential:
            case ScramCredential(username, password):
                config |= {
                    "security.protocol": "SASL_SSL",
                    "sasl.mechanism": "SCRAM-SHA-512",
                    "sasl.username": username,
                    "sasl.password": password,
                }
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
