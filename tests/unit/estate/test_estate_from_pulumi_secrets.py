"""Credentials as Pulumi secrets, for a source that is on no Kubernetes: MSK, Confluent Cloud, any Kafka."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import NoEncryption, PrivateFormat

from manifests.estate import Estate, SourceEstate
from mirror.estate import reading
from mirror.estate.findings import EstateError
from mirror.estate.reading import read_estate
from settings.model import CredentialSettings, Settings, SourceAuthentication
from settings.model.secret import SecretText
from tests.unit.support.fake_kubernetes import authority, two_regions
from tests.unit.support.made_up import settings
from tests.unit.support.pki import issue

CA = authority("Example Private CA")
SECRET = "5up3rs3cr3tpassword"


@pytest.fixture(autouse=True)
def west(monkeypatch: pytest.MonkeyPatch) -> None:
    side = two_regions(authority())["west"]
    monkeypatch.setattr(reading, "connect", lambda side_settings, root: side)


def stack(authentication: SourceAuthentication = "scram-sha-512", **given: Any) -> Settings:
    secret = {key: SecretText(value) for key, value in given.items() if isinstance(value, str)}
    credentials = CredentialSettings(**{**given, **secret})
    base = settings()
    source = replace(
        base.source, credentials=credentials, authentication=authentication, cluster=None, namespace=None,
        listener=None, bootstrap_servers="b-1.msk:9096",
    )  # fmt: skip
    return replace(base, source=source)


def source(given: Settings) -> SourceEstate:
    found: Estate = read_estate(given, None)  # type: ignore[arg-type]
    return found.source


def problems(given: Settings) -> list[str]:
    with pytest.raises(EstateError) as caught:
        read_estate(given, None)  # type: ignore[arg-type]
    assert SECRET not in str(caught.value)
    assert "PRIVATE KEY" not in str(caught.value)
    return [f"{one.subject}: {one.message}" for one in caught.value.findings]


@pytest.mark.parametrize("authentication", ["scram-sha-512", "scram-sha-256", "plain"])
def test_a_password_and_public_cas(authentication: SourceAuthentication) -> None:
    found = source(stack(authentication, public_ca=True, password=f"{SECRET}\n"))
    assert (found.ca, found.user_secret) == ({}, {"password": SECRET})
    assert found.bootstrap_servers == "b-1.msk:9096"


def test_a_bundle_of_authorities_is_split() -> None:
    other = authority("Next CA")
    found = source(stack(ca=CA.pem + other.pem, password=SECRET))
    assert found.ca == {"ca.crt": CA.pem, "ca-2.crt": other.pem}


def pem(key: Any, form: PrivateFormat, encryption: Any = None) -> str:
    encoded: bytes = key.private_bytes(serialization.Encoding.PEM, form, encryption or NoEncryption())
    return encoded.decode()


def test_a_certificate_with_its_intermediate() -> None:
    """AWS Private CA: the brokers know the root, the client brings the rest."""
    middle = issue("intermediate", CA, days=36_500)
    client = issue("mirror-source", middle, days=36_500)
    given = stack("tls", ca=CA.pem, certificate=client.pem + middle.pem, key=client.key_pem)
    assert source(given).user_secret == {"user.crt": client.pem + middle.pem, "user.key": client.key_pem}


def test_a_chain_in_the_wrong_order() -> None:
    middle = issue("intermediate", CA, days=36_500)
    client = issue("mirror-source", middle, days=36_500)
    given = stack("tls", ca=CA.pem, certificate=middle.pem + client.pem, key=client.key_pem)
    assert problems(given) == [
        "source.credentials: certificate 1 of source.credentials.certificate is not signed by certificate 2",
        "source.credentials: source.credentials.key does not belong to source.credentials.certificate",
    ]


def test_keys_become_what_kafka_reads() -> None:
    client = issue("mirror-source", CA, days=36_500)
    sec1 = pem(client.key, PrivateFormat.TraditionalOpenSSL)
    assert "BEGIN EC PRIVATE KEY" in sec1
    given = stack("tls", ca=CA.pem, certificate=client.pem, key="\ufeff" + sec1.replace("\n", "\r\n"))
    assert source(given).user_secret["user.key"] == client.key_pem


def test_an_encrypted_key_is_refused() -> None:
    client = issue("mirror-source", CA, days=36_500)
    locked = pem(client.key, PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x"))
    (said,) = problems(stack("tls", ca=CA.pem, certificate=client.pem, key=locked))
    assert "it is protected by a passphrase" in said


def test_two_problems_are_named_at_once() -> None:
    expired = issue("old CA", days=-800)
    said = problems(stack(ca=expired.pem, password="pässword"))
    assert "source.credentials.ca, key ca.crt: the certificate expired" in said[0]
    assert "not printable ASCII" in said[1]
    assert len(said) == 2


def test_a_ca_that_is_none() -> None:
    assert problems(stack(ca="garbage", password=SECRET)) == [
        "source.credentials.ca, key ca.crt: it is not a PEM certificate"
    ]


def test_outside_pulumi() -> None:
    hidden = SecretText()
    said = problems(stack(ca=hidden, password=hidden))
    assert [one.split(":")[0] for one in said] == [
        "reading source.credentials.ca",
        "reading source.credentials.password",
    ]
