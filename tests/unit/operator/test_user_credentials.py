"""Passwords and certificates of KafkaUsers, and what is kept of those that exist."""

import datetime as dt
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)

from lab.operator.failures import Failure
from lab.operator.user import credentials
from lab.operator.user.model import User, user

Data = dict[str, bytes]


def declared(kind: str, **authentication: Any) -> User:
    return user(
        {
            "apiVersion": "kafka.strimzi.io/v1",
            "kind": "KafkaUser",
            "metadata": {"name": "u", "namespace": "kafka", "uid": "1"},
            "spec": {"authentication": {"type": kind, **authentication}},
        }
    )


def with_password() -> User:
    reference = {"valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    return declared("scram-sha-512", password=reference)


@pytest.fixture(scope="module")
def authority() -> tuple[Data, Data]:
    """The Secrets of the clients CA: certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "clients-ca")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + dt.timedelta(days=500))
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {"ca.crt": certificate}, {"ca.key": pem}


def test_a_given_password_is_taken() -> None:
    assert credentials.password(with_password(), {"k": b"given"}, {"password": b"old"}) == "given"


def test_a_password_that_exists_is_kept() -> None:
    assert credentials.password(declared("scram-sha-512"), None, {"password": b"old"}) == "old"


def test_a_new_password_is_long_and_another_each_time() -> None:
    made = {credentials.password(declared("scram-sha-512"), None, None) for _ in range(20)}
    assert len(made) == 20
    assert all(len(password) == 32 and password.isalnum() and password[0].isalpha() for password in made)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"other": b"x"}, "Secret s does not contain the key k with requested user password."),
        ({"k": b""}, "The requested user password is empty."),
    ],
)
def test_a_given_password_that_is_not_there(given: Data, message: str) -> None:
    with pytest.raises(Failure) as missing:
        credentials.password(with_password(), given, None)
    assert (missing.value.reason, missing.value.message) == ("InvalidResourceException", message)


def test_what_is_not_ascii_is_lost_as_with_strimzi() -> None:
    password = credentials.password(with_password(), {"k": "pässw".encode()}, None)
    assert credentials.scram_data(with_password(), password)["password"] == b"p??ssw"


def test_quotes_are_not_escaped() -> None:
    data = credentials.scram_data(with_password(), 'a"b')
    assert data["sasl.jaas.config"] == (
        b'org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="a"b";'
    )


def test_a_certificate_of_the_clients_authority(authority: tuple[Data, Data]) -> None:
    data = credentials.certificate_data(declared("tls"), *authority, None, renew=False)
    assert data.keys() == {"ca.crt", "user.crt", "user.key", "user.p12", "user.password"}
    certificate = x509.load_pem_x509_certificate(data["user.crt"])
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority[0]["ca.crt"]))
    assert certificate.subject.rfc4514_string() == "CN=u"
    key = load_pem_private_key(data["user.key"], None)
    assert data["user.key"].startswith(b"-----BEGIN PRIVATE KEY-----")
    assert key.public_key() == certificate.public_key()
    store = pkcs12.load_pkcs12(data["user.p12"], data["user.password"])
    assert store.cert is not None
    assert (store.cert.certificate, store.cert.friendly_name) == (certificate, b"u")


def test_a_users_certificate_and_store_are_as_strimzis(authority: tuple[Data, Data]) -> None:
    data = credentials.certificate_data(declared("tls"), *authority, None, renew=False)
    extensions = x509.load_pem_x509_certificate(data["user.crt"]).extensions
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert usage.value.key_encipherment
    assert not usage.value.key_cert_sign
    with pytest.raises(x509.ExtensionNotFound):
        extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    assert len(data["user.password"]) == 32


def test_a_good_certificate_is_kept(authority: tuple[Data, Data]) -> None:
    first = credentials.certificate_data(declared("tls"), *authority, None, renew=False)
    assert credentials.certificate_data(declared("tls"), *authority, first, renew=False) == first


def test_a_lost_store_is_made_anew_around_the_same_certificate(authority: tuple[Data, Data]) -> None:
    first = credentials.certificate_data(declared("tls"), *authority, None, renew=False)
    kept = {key: value for key, value in first.items() if key != "user.p12"}
    second = credentials.certificate_data(declared("tls"), *authority, kept, renew=False)
    assert second["user.crt"] == first["user.crt"]
    assert pkcs12.load_pkcs12(second["user.p12"], second["user.password"]).cert is not None


@pytest.mark.parametrize("why", ["asked for", "another authority", "near its end"])
def test_renewal(authority: tuple[Data, Data], why: str) -> None:
    short = declared("tls", validityDays=10, renewalDays=9 if why != "near its end" else 10)
    first = credentials.certificate_data(short, *authority, None, renew=False)
    current = first | ({"ca.crt": b"another"} if why == "another authority" else {})
    second = credentials.certificate_data(short, *authority, current, renew=why == "asked for")
    assert second["user.crt"] != first["user.crt"]
    assert second["ca.crt"] == authority[0]["ca.crt"]


def test_authorities_without_what_they_should_hold(authority: tuple[Data, Data]) -> None:
    with pytest.raises(Failure, match=r"The Clients CA Cert Secret is missing the ca\.crt file"):
        credentials.certificate_data(declared("tls"), {}, authority[1], None, renew=False)
    with pytest.raises(Failure, match=r"The Clients CA Key Secret is missing the ca\.key file"):
        credentials.certificate_data(declared("tls"), authority[0], {}, None, renew=False)
