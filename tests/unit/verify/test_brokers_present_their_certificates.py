"""certificates-valid: real handshakes with a TLS server that asks for a client certificate."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from mirror.verify.checks.certificates_valid import judge
from mirror.verify.reading.handshakes import Broker, present
from mirror.verify.values.certificate import Presented
from tests.unit.support.pki import Issued, issue
from tests.unit.verify.certificates import MARGIN


def serving(host: str, issuer: Issued, name: str = "broker", days: float = 90) -> Issued:
    """A server's certificate of today for a host name or an address."""
    template = issue(name)
    try:
        alternative: x509.GeneralName = x509.IPAddress(ip_address(host))
    except ValueError:
        alternative = x509.DNSName(host)
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(template.certificate.subject)
        .issuer_name(issuer.certificate.subject)
        .public_key(template.key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=2))
        .not_valid_after(today + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .sign(issuer.key, hashes.SHA256())
    )
    return Issued(certificate, template.key)


@pytest.fixture(scope="module")
def authority() -> Issued:
    """A CA of today: OpenSSL looks at the clock."""
    made = issue("today's ca")
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(made.certificate.subject)
        .issuer_name(made.certificate.subject)
        .public_key(made.key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=3))
        .not_valid_after(today + timedelta(days=90))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(made.key, hashes.SHA256())
    )
    return Issued(certificate, made.key)


@contextmanager
def server(certificate: Issued, folder: Path, *, asks_client: bool = True) -> Iterator[Broker]:
    """A TLS server as a broker with mTLS is one: it asks for a client certificate."""
    chain = folder / "server.pem"
    chain.write_text(certificate.key_pem + certificate.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    if asks_client:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=certificate.pem)
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield Broker("east", 1, "127.0.0.1", listening.getsockname()[1])
    finally:
        listening.close()


def test_a_handshake_shows_the_brokers_own_certificate(authority: Issued, tmp_path: Path) -> None:
    certificate = serving("127.0.0.1", authority)
    with server(certificate, tmp_path) as broker:
        [seen] = present([broker], authority.pem)
    assert seen == Presented("east", 1, broker.address, certificate.certificate)


def test_a_certificate_without_an_authority_key_identifier_is_trusted(
    authority: Issued, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strimzi's have none, and Python's default context refuses them from 3.13 on."""
    ordinary = ssl.create_default_context

    def strict(**given: str | None) -> ssl.SSLContext:
        context = ordinary(cadata=given["cadata"])
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    monkeypatch.setattr(ssl, "create_default_context", strict)
    certificate = serving("127.0.0.1", authority)
    with server(certificate, tmp_path) as broker:
        [seen] = present([broker], authority.pem)
    assert (seen.problem, seen.certificate) == (None, certificate.certificate)
    assert judge([], [], [seen], margin=MARGIN, now=datetime.now(UTC)).passed


def test_names_are_not_compared_where_the_mirror_compares_none(authority: Issued, tmp_path: Path) -> None:
    certificate = serving("kafka-1.example", authority)
    with server(certificate, tmp_path) as broker:
        [seen] = present([broker], authority.pem, host_names=False)
    assert (seen.problem, seen.certificate) == (None, certificate.certificate)


def test_a_handshake_with_the_wrong_host_says_so(authority: Issued, tmp_path: Path) -> None:
    certificate = serving("kafka-1.example", authority)
    with server(certificate, tmp_path) as broker:
        [seen] = present([broker], authority.pem)
    assert seen.certificate == certificate.certificate
    assert "mismatch" in str(seen.problem)
    [finding] = judge([], [], [seen], margin=MARGIN, now=datetime.now(UTC)).findings
    assert "advertisedHost" in finding.remedy


def test_a_handshake_with_a_stranger_and_an_expired_one_say_so(authority: Issued, tmp_path: Path) -> None:
    with server(serving("127.0.0.1", issue("somebody's ca")), tmp_path) as broker:
        [stranger] = present([broker], authority.pem)
    with server(serving("127.0.0.1", authority, days=-1), tmp_path) as broker:
        [expired] = present([broker], authority.pem)
    assert stranger.problem is not None
    [finding] = judge([], [], [expired], margin=MARGIN, now=datetime.now(UTC)).findings
    assert "expired on" in finding.message


def test_nobody_there_is_told(authority: Issued) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    [seen] = present([Broker("east", 1, "127.0.0.1", port)], authority.pem)
    assert "refused" in str(seen.unseen)
