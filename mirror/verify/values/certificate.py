"""The certificates that are trusted, in use, and presented by brokers."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509


@dataclass(frozen=True, slots=True)
class Trust:
    """The CA certificates by which one cluster's brokers are trusted; without PEM: the public CAs."""

    alias: str
    subject: str
    pem: str


@dataclass(frozen=True, slots=True)
class Client:
    """A client certificate that is in use (`remedy`: how it is renewed), or why it could not be read."""

    subject: str
    pem: str = ""
    remedy: str = ""
    unread: str | None = None


@dataclass(frozen=True, slots=True)
class Presented:
    """What one broker showed. `problem` is OpenSSL's word where it is not trusted or the host name differs,
    `unseen` why there was no handshake."""

    alias: str
    broker: int
    address: str
    certificate: x509.Certificate | None = None
    problem: str | None = None
    unseen: str | None = None

    @property
    def subject(self) -> str:
        """The broker, as findings name it."""
        return f"broker {self.broker} of {self.alias} at {self.address}"
