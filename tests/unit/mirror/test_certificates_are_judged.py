"""Certificates: expiry against the margin, keys that do not fit, chains that lead elsewhere, CA renewals."""

from __future__ import annotations

from datetime import timedelta

from mirror.certificates import common_name, judge_client, judge_trust, leads_to
from mirror.report import Finding
from tests.unit.mirror.pki import NOW, Issued, issue

MARGIN = timedelta(days=14)
CA = issue("cluster-ca")
USER = issue("mirror-source", CA)


def trust(**pems: str) -> list[Finding]:
    return judge_trust(
        {f"{name}.crt": pem for name, pem in pems.items()}, "Secret kafka/x", margin=MARGIN, now=NOW
    )


def client(certificate: Issued, key_pem: str | None = None, ca: Issued = CA) -> list[Finding]:
    key = certificate.key_pem if key_pem is None else key_pem
    return judge_client(certificate.pem, key, "Secret kafka/u", margin=MARGIN, clients_ca_pem=ca.pem, now=NOW)


def test_a_good_authority_and_a_good_client_pass() -> None:
    assert trust(ca=CA.pem) == []
    assert client(USER) == []
    assert common_name(USER.certificate) == "mirror-source"


def test_expired_and_about_to_expire_are_told_apart() -> None:
    assert "expired on 2026-11-21" in trust(ca=issue("ca", days=-2).pem)[0].message
    [finding] = trust(ca=issue("ca", days=5).pem)
    assert "in 5 days; the margin is 14 days" in finding.message
    assert "force-renew" in finding.remedy


def test_a_certificate_of_the_future_is_a_matter_of_clocks() -> None:
    [finding] = trust(ca=issue("ca", starts=NOW + timedelta(days=1)).pem)
    assert "clock" in finding.remedy


def test_during_a_renewal_the_old_authority_may_have_expired() -> None:
    assert trust(**{"ca": CA.pem, "ca-2026-01-01T00-00-00Z": issue("old", days=-2).pem}) == []


def test_nothing_to_trust_is_a_finding() -> None:
    assert "nothing would be trusted" in trust()[0].message
    assert "not a PEM certificate" in trust(ca="garbage")[0].message


def test_a_key_of_another_certificate() -> None:
    assert [finding.message for finding in client(USER, issue("x").key_pem)] == [
        "user.key does not belong to user.crt"
    ]


def test_a_key_that_cannot_be_read() -> None:
    assert "not an unencrypted PEM key" in client(USER, "garbage")[0].message


def test_a_client_of_another_authority() -> None:
    assert "not signed by the clients CA" in client(USER, ca=issue("other"))[0].message
    assert not leads_to(USER.certificate, [issue("cluster-ca").certificate])
