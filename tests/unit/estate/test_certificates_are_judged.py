"""Certificates: expiry against the margin, keys that do not fit, chains that lead elsewhere, CA renewals."""

from __future__ import annotations

from datetime import timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mirror.estate.certificates import common_name, judge_client, judge_trust, leads_to, pkcs8
from mirror.problems import Finding
from tests.unit.support.pki import NOW, Issued, issue

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
    assert "no broker would be trusted" in trust()[0].message
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


def test_one_broken_key_beside_a_good_one_is_a_finding() -> None:
    """Strimzi refuses the whole KafkaMirrorMaker2 for it."""
    [finding] = trust(ca=CA.pem, more="garbage")
    assert "not a PEM certificate" in finding.message


def test_strimzis_clients_ca_is_no_trust_for_brokers() -> None:
    [finding] = trust(ca=issue("clients-ca v3").pem)
    assert "signs the certificates of users, not of brokers" in finding.message
    assert "<cluster>-cluster-ca-cert" in finding.remedy


def test_an_intermediate_that_expires_is_found() -> None:
    middle = issue("middle", CA, days=5)
    leaf = issue("mirror-source", middle)
    [finding] = judge_client(
        leaf.pem + middle.pem, leaf.key_pem, "Secret kafka/u", margin=MARGIN, clients_ca_pem=CA.pem, now=NOW
    )
    assert finding.subject == "Secret kafka/u, certificate 2 of user.crt"


def test_a_key_with_a_passphrase() -> None:
    locked = USER.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"x"),
    )
    [finding] = client(USER, locked.decode())
    assert "it is protected by a passphrase" in finding.message
    assert "openssl pkcs8" in finding.remedy


def test_rsa_keys_of_openssl_become_pkcs8() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    pkcs1 = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    assert "BEGIN RSA PRIVATE KEY" in pkcs1
    converted = pkcs8(pkcs1)
    assert converted.startswith("-----BEGIN PRIVATE KEY-----\n")
    again = serialization.load_pem_private_key(converted.encode(), None)
    assert again.public_key() == key.public_key()


def test_a_key_is_read_whole_as_strimzi_reads_it() -> None:
    joined = CA.pem.rstrip() + CA.pem
    [finding] = trust(good=CA.pem, bad=joined)
    assert finding.subject == "Secret kafka/x, key bad.crt"
    assert finding.message.startswith("block 1 has no END line of its own. Strimzi reads all certificates")
    [with_key] = trust(ca=CA.pem + USER.key_pem)
    assert with_key.message.startswith("block 2, ")
    assert "is not a certificate that can be read" in with_key.message
    assert trust(ca=f"subject=CN = cluster-ca\n{CA.pem}\n") == []
