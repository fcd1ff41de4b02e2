"""Trusted certificates, and the hash that rolls the workers when a credential changes."""

import datetime as dt
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from lab.operator.failures import Failure
from lab.operator.mirror_maker2.secrets import authentication_hash, matches_glob, trusted_certificates

Secrets = dict[str, dict[str, bytes]]


def certificate(name: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture
def secrets() -> Secrets:
    return {
        "tgt-cluster-ca-cert": {
            "ca.crt": certificate("new"),
            "ca-2026.crt": certificate("old"),
            "ca.p12": b"-",
        },
        "src-cluster-ca-cert": {"ca.crt": certificate("src") + certificate("second, not looked at")},
        "mm2-tgt-user": {"user.crt": b"c", "user.key": b"k"},
        "mm2-src-user": {"password": b"p"},
    }


def clusters(resource: dict[str, Any]) -> list[dict[str, Any]]:
    return [resource["spec"]["target"], *(mirror["source"] for mirror in resource["spec"]["mirrors"])]


def hash_of(resource: dict[str, Any], secrets: Secrets) -> str:
    trusted = trusted_certificates(clusters(resource), "mm2", secrets.get)
    return authentication_hash(clusters(resource), trusted, "mm2", secrets.get)


def test_keys_for_target_and_source(resource: dict[str, Any], secrets: Secrets) -> None:
    data = trusted_certificates(clusters(resource), "mm2", secrets.get).data
    assert data.keys() == {"ca.crt", "tgt-ca.crt", "src-ca.crt"}
    assert data["ca.crt"] == data["tgt-ca.crt"]
    assert data["ca.crt"].count(b"BEGIN CERTIFICATE") == 2


def test_only_the_first_certificate_of_a_key_counts(resource: dict[str, Any], secrets: Secrets) -> None:
    data = trusted_certificates(clusters(resource), "mm2", secrets.get).data
    assert data["src-ca.crt"].count(b"BEGIN CERTIFICATE") == 1
    assert (
        data["src-ca.crt"] + b"\n" == secrets["src-cluster-ca-cert"]["ca.crt"][: len(data["src-ca.crt"]) + 1]
    )


def test_a_pattern_that_matches_nothing_is_empty_and_nobody_says_so(
    resource: dict[str, Any], secrets: Secrets
) -> None:
    resource["spec"]["target"]["tls"]["trustedCertificates"][0]["pattern"] = "*.pem"
    assert trusted_certificates(clusters(resource), "mm2", secrets.get).data["tgt-ca.crt"] == b""


def test_no_tls_no_certificates(resource: dict[str, Any], secrets: Secrets) -> None:
    for cluster in clusters(resource):
        del cluster["tls"]
    assert trusted_certificates(clusters(resource), "mm2", secrets.get).data == {}


def test_absent_secret(resource: dict[str, Any], secrets: Secrets) -> None:
    del secrets["src-cluster-ca-cert"]
    with pytest.raises(Failure) as missing:
        hash_of(resource, secrets)
    assert missing.value.reason == "InvalidConfigurationException"
    assert missing.value.message == "Secret src-cluster-ca-cert not found in namespace mm2"


def test_absent_key(resource: dict[str, Any], secrets: Secrets) -> None:
    secrets["mm2-tgt-user"] = {"user.p12": b""}
    with pytest.raises(Failure) as missing:
        hash_of(resource, secrets)
    assert (
        missing.value.message == "Items with key(s) [user.crt, user.key] are missing in Secret mm2-tgt-user"
    )


def test_no_certificate_in_the_key(resource: dict[str, Any], secrets: Secrets) -> None:
    secrets["src-cluster-ca-cert"]["ca.crt"] = b"nonsense"
    with pytest.raises(Failure) as broken:
        hash_of(resource, secrets)
    assert broken.value.reason == "RuntimeException"
    message = "Failed to load certificate from Secret src-cluster-ca-cert from namespace mm2"
    assert broken.value.message == message


@pytest.mark.parametrize(
    ("secret", "key"),
    [("mm2-src-user", "password"), ("mm2-tgt-user", "user.key"), ("mm2-tgt-user", "user.crt")],
)
def test_a_changed_credential_changes_the_hash(
    resource: dict[str, Any], secrets: Secrets, secret: str, key: str
) -> None:
    before = hash_of(resource, secrets)
    assert hash_of(resource, secrets) == before
    secrets[secret][key] += b"!"
    assert hash_of(resource, secrets) != before


def test_a_changed_authority_changes_the_hash(resource: dict[str, Any], secrets: Secrets) -> None:
    before = hash_of(resource, secrets)
    secrets["src-cluster-ca-cert"]["ca.crt"] = certificate("renewed")
    assert hash_of(resource, secrets) != before


def test_a_broken_second_certificate_fails(resource: dict[str, Any], secrets: Secrets) -> None:
    """CertificateUtils.x509Certificate (1.2.0) reads all certificates of the key and returns the first."""
    broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    secrets["src-cluster-ca-cert"]["ca.crt"] = certificate("src") + broken
    with pytest.raises(Failure) as failure:
        hash_of(resource, secrets)
    assert failure.value.reason == "RuntimeException"


def test_only_the_set_of_certificates_counts(resource: dict[str, Any], secrets: Secrets) -> None:
    """KafkaMirrorMaker2AssemblyOperator.tlsTrustedCertsSecret (1.2.0) collects certificates in a HashSet."""
    target, source = clusters(resource)
    target["tls"]["trustedCertificates"] = [
        {"secretName": "tgt-cluster-ca-cert", "certificate": key} for key in ("ca.crt", "ca-2026.crt")
    ]
    before = hash_of(resource, secrets)
    secrets["src-cluster-ca-cert"]["ca.crt"] += b"subject=a comment\n" + certificate("third")
    target["tls"]["trustedCertificates"].reverse()
    source["tls"]["trustedCertificates"] += target["tls"]["trustedCertificates"]
    assert hash_of(resource, secrets) == before
    source["tls"]["trustedCertificates"] = target["tls"]["trustedCertificates"]
    assert hash_of(resource, secrets) != before


def test_the_order_of_credentials_does_not_count(resource: dict[str, Any], secrets: Secrets) -> None:
    """KafkaMirrorMaker2AssemblyOperator.generateAuthHash (1.2.0) adds up the clusters' hash codes."""
    mirror = resource["spec"]["mirrors"][0]
    secrets["other-user"] = {"password": b"q"}
    other = {**mirror["source"], "alias": "other"}
    other["authentication"] = {
        **other["authentication"],
        "passwordSecret": {"secretName": "other-user", "password": "password"},
    }
    resource["spec"]["mirrors"] = [mirror, {"source": other}]
    before = hash_of(resource, secrets)
    resource["spec"]["mirrors"].reverse()
    assert hash_of(resource, secrets) == before
    secrets["other-user"] = {"password": b"r"}
    assert hash_of(resource, secrets) != before


@pytest.mark.parametrize(
    ("pattern", "key", "matches"),
    [
        ("*.crt", "ca.crt", True),
        ("*.crt", "ca.p12", False),
        ("ca{,-old}.crt", "ca-old.crt", True),
        ("ca{,-old}.crt", "ca.crt", True),
        ("ca-????.crt", "ca-2026.crt", True),
    ],
)
def test_globs(pattern: str, key: str, matches: bool) -> None:
    assert matches_glob(pattern, key) is matches
