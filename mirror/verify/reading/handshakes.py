"""What brokers present in a TLS handshake: one connection a broker, all at once, nothing sent after it.

No client certificate is offered: with TLS 1.3 the handshake ends, for the client, before the broker asks for
it, and so no key has to leave this process's memory.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from cryptography import x509

from mirror.clients.tls import trusting
from mirror.problems import one_line
from mirror.verify.values.certificate import Presented

CONNECT_SECONDS = 8.0
_AT_ONCE = 16


class Broker(NamedTuple):
    """Where a broker of a cluster says that it listens."""

    alias: str
    number: int
    host: str
    port: int

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"


def present(brokers: Iterable[Broker], ca_pem: str, *, host_names: bool = True) -> list[Presented]:
    """What each broker shows, judged by OpenSSL as Kafka's clients do: chain to the CA, dates, and the host
    name unless the mirror compares none.
    """
    wanted = list(brokers)
    if not wanted:
        return []
    with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="handshake") as pool:
        return list(pool.map(lambda one: _present(one, ca_pem, host_names), wanted))


def _present(broker: Broker, ca_pem: str, host_names: bool) -> Presented:
    try:
        context = trusting(ca_pem)
        context.check_hostname = host_names
        certificate = _shown(broker, context)
        return Presented(broker.alias, broker.number, broker.address, certificate)
    except ssl.SSLCertVerificationError as error:
        return _untrusted(broker, one_line(error.verify_message))
    except (OSError, ValueError) as error:
        return _unseen(broker, error)


def _untrusted(broker: Broker, problem: str) -> Presented:
    """Once more without trust, only to say whose certificate it is."""
    blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    try:
        certificate = _shown(broker, blind)
    except (OSError, ValueError):
        certificate = None
    return Presented(broker.alias, broker.number, broker.address, certificate, problem)


def _shown(broker: Broker, context: ssl.SSLContext) -> x509.Certificate:
    with (
        socket.create_connection((broker.host, broker.port), CONNECT_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=broker.host) as encrypted,
    ):
        der = encrypted.getpeercert(binary_form=True)
        if not der:
            raise ValueError("it presented no certificate")
        return x509.load_der_x509_certificate(der)


def _unseen(broker: Broker, error: Exception) -> Presented:
    reason = one_line(error) or type(error).__name__
    if isinstance(error, ssl.SSLError) and "alert" in reason.lower():
        reason += " (before TLS 1.3 a broker that asks for client certificates ends the handshake first)"
    return Presented(broker.alias, broker.number, broker.address, unseen=reason)
