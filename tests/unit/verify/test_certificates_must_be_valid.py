"""certificates-valid: what is trusted, in use and presented; real handshakes with a TLS server."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from mirror.clients.access import ClusterAccess, ScramCredential
from mirror.clients.sides import Sides
from mirror.problems import CouldNotRead
from mirror.verify.checks.certificates_valid import judge
from mirror.verify.reading.certificates import certificates
from mirror.verify.reading.copied_users import copied_users
from mirror.verify.reading.handshakes import Broker, present
from mirror.verify.reading.look import Look, Session, resource, sides
from mirror.verify.report import CheckResult
from mirror.verify.values.certificate import Client, Presented, Trust
from tests.unit.settings.sample import settings
from tests.unit.support.pki import NOW, Issued, issue

MARGIN = timedelta(days=14)
CA = issue("cluster-ca v0")
TRUST = Trust("east", "CA certificates of east", CA.pem)


def verdict(*presented: Presented, clients: tuple[Client, ...] = (), trust: Trust = TRUST) -> CheckResult:
    return judge([trust], clients, presented, margin=MARGIN, now=NOW)


def shown(certificate: Issued | None, problem: str | None = None) -> Presented:
    return Presented("east", 1, "kafka-1:9094", certificate.certificate if certificate else None, problem)


def test_good_certificates_pass_and_the_first_to_end_is_told() -> None:
    result = verdict(shown(issue("kafka-1", CA, days=40)), clients=(Client("user a", issue("a", CA).pem),))
    assert result.passed
    assert result.summary == "3 certificates, 1 of them of brokers, are trusted; the first expires in 40 days"
    subjects = [one["subject"] for one in result.facts["certificates"]]
    assert subjects == ["CN=cluster-ca v0", "CN=a", "CN=kafka-1"]


@pytest.mark.parametrize("days", [5, -2])
def test_one_that_ends_within_the_margin_is_named_with_the_days_left(days: int) -> None:
    [broker] = verdict(shown(issue("kafka-1", CA, days=days))).findings
    [client] = verdict(clients=(Client("user a", issue("a", CA, days=days).pem, "renew it"),)).findings
    [ca] = verdict(trust=Trust("east", "CA of east", issue("ca", days=days).pem)).findings
    assert (broker.subject, client.subject) == ("broker 1 of east at kafka-1:9094", "user a")
    assert client.remedy == "renew it"
    for finding in (broker, client, ca):
        assert ("in 5 days" if days > 0 else "expired on") in finding.message


def test_a_wrong_host_and_a_stranger_are_told_apart() -> None:
    certificate = issue("elsewhere", CA)
    [host] = verdict(
        shown(certificate, "Hostname mismatch, certificate is not valid for 'kafka-1'.")
    ).findings
    [stranger] = verdict(shown(certificate, "self-signed certificate")).findings
    assert "CN=elsewhere" in host.message
    assert "advertisedHost" in host.remedy
    assert "cluster-ca-cert" in stranger.remedy


def test_what_could_not_be_seen_or_read_is_a_finding_with_its_reason() -> None:
    unseen = Presented("east", 1, "kafka-1:9094", unseen="Connection refused")
    unread = Client("user a", unread="forbidden", remedy="allow it")
    messages = [finding.message for finding in verdict(unseen, clients=(unread, Client("b", "x"))).findings]
    assert any("Connection refused" in message for message in messages)
    assert any("forbidden" in message for message in messages)
    assert "it is not a PEM certificate" in messages


def test_the_remedies_of_what_is_not_trusted_or_not_seen() -> None:
    unseen = Presented("east", 1, "kafka-1:9094", unseen="Connection refused")
    [finding] = verdict(unseen).findings
    assert finding.subject == "broker 1 of east at kafka-1:9094"
    assert finding.message == "no certificate was received: Connection refused"
    assert finding.remedy.startswith("check that the broker runs, the address that it advertises")
    [finding] = verdict(clients=(Client("user a", unread="forbidden", remedy="allow it"),)).findings
    assert (finding.subject, finding.remedy) == ("user a", "allow it")
    assert finding.message == "its certificate could not be read: forbidden"
    [finding] = verdict(clients=(Client("user a", "x", "copy it again"),)).findings
    assert (finding.subject, finding.remedy) == ("user a", "copy it again")
    [finding] = verdict(shown(issue("kafka-1", CA, days=5))).findings
    assert finding.remedy.startswith("renew it: Strimzi does so by itself")


def test_a_handshake_that_fails_is_named_with_the_subject_where_one_was_seen() -> None:
    address = "IP address mismatch, certificate is not valid for '10.0.0.1'."
    [finding] = verdict(shown(issue("kafka-1", CA), address)).findings
    assert finding.subject == "broker 1 of east at kafka-1:9094"
    assert finding.message == f"the TLS handshake fails: {address} (its subject is CN=kafka-1)"
    assert "advertisedHost" in finding.remedy
    [finding] = verdict(shown(None, "unexpected eof")).findings
    assert finding.message == "the TLS handshake fails: unexpected eof"
    late = issue("kafka-1", CA, days=-2)
    [finding] = verdict(shown(late, "certificate has EXPIRED")).findings
    assert "expired on" in finding.message, "once, with its date"
    dated, handshake = verdict(shown(late, "self-signed certificate")).findings
    assert "expired on" in dated.message
    assert handshake.message.startswith("the TLS handshake fails: self-signed certificate")
    [finding] = verdict(shown(issue("kafka-1", CA), "certificate has expired")).findings
    assert finding.message.startswith("the TLS handshake fails"), "another one of its chain"


def test_the_facts_hold_each_certificate_and_the_summary_counts_what_could_not_be_read() -> None:
    unread = (Client("user a", unread="forbidden"), Client("user b", "x"), Client("c", issue("c", CA).pem))
    seen = (shown(issue("kafka-1", CA, days=40)), Presented("east", 2, "kafka-2:9094", unseen="refused"))
    public = Trust("west", "public", "")
    result = judge([TRUST, public], unread, seen, margin=MARGIN, now=NOW)
    assert result.name == "certificates-valid"
    assert result.summary == "3 of 6 certificates are invalid, expire soon or could not be read"
    assert result.facts["margin_days"] == 14
    ca, of_system, client, broker = result.facts["certificates"]
    assert of_system == {"what": "trusted CAs of west", "subject": "the public CAs of the system"}
    assert (ca["what"], client["what"], broker["what"]) == (
        "trusted CA of east",
        "c",
        "broker 1 of east at kafka-1:9094",
    )
    assert broker == {
        "what": "broker 1 of east at kafka-1:9094",
        "subject": "CN=kafka-1",
        "issuer": "CN=cluster-ca v0",
        "ends": (NOW + timedelta(days=40)).isoformat(timespec="seconds"),
        "days_left": 40,
    }
    nothing = judge([public], (), (), margin=MARGIN, now=NOW)
    assert nothing.passed
    assert nothing.summary == ("0 certificates, 0 of them of brokers, are trusted; none of them expires")


def test_during_a_renewal_one_trusted_ca_suffices() -> None:
    both = Trust("east", "CA", issue("old", days=-1).pem + CA.pem)
    assert verdict(trust=both).passed


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


def test_certificates_that_may_not_be_read_are_reported_as_left_out() -> None:
    broker = shown(issue("kafka-1", CA, days=40))
    result = judge([TRUST], (), [broker], margin=MARGIN, now=NOW, without_copied_users=True)
    assert result.passed
    assert result.summary.endswith("; certificates of copied users were not read")


def test_a_connection_without_tls_is_reported() -> None:
    result = judge([], (), [], margin=MARGIN, now=NOW, without_tls=["east"])
    assert result.passed
    assert result.summary.endswith("; the connection to east has no TLS")


def test_without_permission_no_secret_of_a_copied_user_is_read() -> None:
    """The part of the copied users is never asked for."""
    declared = settings(target__authentication="scram-sha-512")
    look = Look(Session(declared, Path(), ExitStack(), copied_users=False), [certificates])
    look.give(copied_users, CouldNotRead("reading a Secret", "read", "do not"))
    access = ClusterAccess("east:1", CA.pem, ScramCredential("reader", "x"), "east")
    look.give(
        sides,
        cast(
            Sides,
            SimpleNamespace(
                source=SimpleNamespace(alias="east", access=access, nodes=list),
                target=SimpleNamespace(alias="west", access=access, nodes=list),
                together=lambda one, other: (one(), other()),
            ),
        ),
    )
    nothing: Mapping[str, Any] = {}
    look.give(resource, nothing)
    found = look.of(certificates)
    assert found.without_copied_users
    assert not [one for one in found.clients if one.subject == "copied users"]
