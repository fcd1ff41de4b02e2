"""certificates-valid: what is trusted, in use and presented."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.clients.access import ClusterAccess, ScramCredential
from mirror.clients.sides import Sides
from mirror.problems import CouldNotRead
from mirror.verify.checks.certificates_valid import judge
from mirror.verify.reading.certificates import certificates
from mirror.verify.reading.copied_users import copied_users
from mirror.verify.reading.look import Look, Session, resource, sides
from mirror.verify.values.certificate import Client, Presented, Trust
from tests.unit.settings.sample import settings
from tests.unit.support.pki import NOW, issue
from tests.unit.verify.certificates import CA, MARGIN, TRUST, shown, verdict


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


def test_each_certificate_is_counted_once_whatever_is_beside_it() -> None:
    """The system's CAs have no file; a client's file may hold the CA's certificate as well."""
    good = shown(issue("kafka-1", CA, days=40))
    old, second = issue("old", days=-3), issue("new", days=5)
    trusts = [Trust("north", "CAs of north", ""), Trust("west", "CAs of west", old.pem + second.pem), TRUST]
    chain = Client("user a", issue("a", CA).pem + CA.pem)
    unread = Client("user b", unread="forbidden")
    result = judge(trusts, [chain, unread], [good], margin=MARGIN, now=NOW)
    assert [one["what"] for one in result.facts["certificates"]] == [
        "trusted CAs of north",
        "trusted CA of west",
        "trusted CA of west",
        "trusted CA of east",
        "user a",
        "broker 1 of east at kafka-1:9094",
    ]
    assert result.summary == "3 of 6 certificates are invalid, expire soon or could not be read"
    assert [one.subject for one in result.findings] == [
        "CAs of west, key certificate 1",
        "CAs of west, key certificate 2",
        "user b",
    ]


def test_what_was_not_read_on_purpose_is_said_behind_the_count() -> None:
    result = judge([TRUST], [], [], margin=MARGIN, now=NOW, without_copied_users=True, without_tls=["a", "b"])
    assert result.summary.startswith("1 certificate, 0 of them of brokers, are trusted; ")
    assert result.summary.endswith(
        "; certificates of copied users were not read; the connection to a has no TLS; the connection to b "
        "has no TLS"
    )
