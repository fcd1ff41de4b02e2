"""A credential in a Secret on the target that something else maintains: named, checked, never copied."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import NoEncryption, PrivateFormat

from manifests.declaration import CREDENTIALS_VERSION, Declaration
from mirror.estate import reading
from mirror.estate.findings import EstateError
from mirror.estate.reading import read_estate
from settings.model import CredentialSettings, SecretRefSettings, Settings, SourceAuthentication
from settings.model.secret import SecretText
from tests.unit.support.fake_kubernetes import FakeKubernetes, authority, two_regions
from tests.unit.support.made_up import settings
from tests.unit.support.pki import Issued, issue

CA = authority("brokers of east")
PASSWORD = "5up3rs3cr3tpassword"


@pytest.fixture(autouse=True)
def west(monkeypatch: pytest.MonkeyPatch) -> FakeKubernetes:
    side = two_regions(authority())["west"]
    side.secrets_there["east-login"] = {"password": PASSWORD.encode()}
    side.secrets_there["east-ca"] = {"ca.crt": CA.pem.encode(), "ca.key": b"not trusted"}
    monkeypatch.setattr(reading, "connect", lambda side_settings, root: side)
    return side


def stack(
    authentication: SourceAuthentication = "scram-sha-512",
    *,
    heartbeats: int = 0,
    ca: str | None = None,
    **reference: Any,
) -> Settings:
    given = SecretRefSettings(**{"name": "east-login", "ca_secret": None if ca else "east-ca", **reference})
    base = settings(heartbeats_interval_seconds=heartbeats)
    source = replace(
        base.source, credentials=CredentialSettings(secret_ref=given, ca=SecretText(ca) if ca else None),
        authentication=authentication, cluster=None, namespace=None, listener=None,
        bootstrap_servers="east.example.com:9094",
    )  # fmt: skip
    return replace(base, source=source)


def declared(given: Settings) -> Declaration:
    return Declaration.of(given, read_estate(given, None))  # type: ignore[arg-type]


def problems(given: Settings) -> list[str]:
    with pytest.raises(EstateError) as caught:
        read_estate(given, None)  # type: ignore[arg-type]
    assert PASSWORD not in str(caught.value)
    assert "PRIVATE KEY" not in str(caught.value)
    return [f"{one.subject}: {one.message}" for one in caught.value.findings]


def source_of(declaration: Declaration) -> dict[str, Any]:
    found: dict[str, Any] = declaration.mirror_maker2["spec"]["mirrors"][0]["source"]
    return found


def test_the_mirror_names_the_secrets_and_creates_none() -> None:
    found = declared(stack())
    assert [one["metadata"]["name"] for one in found.manifests if one["kind"] == "Secret"] == []
    assert source_of(found)["authentication"] == {
        "type": "scram-sha-512",
        "username": "mirror-source",
        "passwordSecret": {"secretName": "east-login", "password": "password"},
    }
    trusted = [{"secretName": "east-ca", "pattern": "*.crt"}]
    assert source_of(found)["tls"] == {"trustedCertificates": trusted}


def test_nothing_that_derives_from_the_credential_is_declared(west: FakeKubernetes) -> None:
    """A rotation needs no `pulumi up`, and the state holds nothing to try passwords against."""
    before = declared(stack())
    assert CREDENTIALS_VERSION not in before.mirror_maker2["metadata"]["annotations"]
    west.secrets_there["east-login"] = {"password": b"another"}
    after = declared(stack())
    assert (before.manifests, before.fingerprint) == (after.manifests, after.fingerprint)


def certificate(west: FakeKubernetes, key_format: PrivateFormat = PrivateFormat.PKCS8) -> Issued:
    """What cert-manager writes."""
    client = issue("mirror-source", CA, days=36_500)
    key = client.key.private_bytes(serialization.Encoding.PEM, key_format, NoEncryption())
    west.secrets_there["east-login"] = {
        "ca.crt": CA.pem.encode(), "tls.crt": client.pem.encode(), "tls.key": key,
    }  # fmt: skip
    return client


def test_a_certificate_of_cert_manager(west: FakeKubernetes) -> None:
    """One Secret holds both; its `tls.crt` is not trusted."""
    certificate(west)
    found = source_of(declared(stack("tls", ca_secret="east-login")))
    assert found["authentication"]["certificateAndKey"] == {
        "secretName": "east-login", "certificate": "tls.crt", "key": "tls.key",
    }  # fmt: skip
    trusted = [{"secretName": "east-login", "pattern": "ca.crt"}]
    assert found["tls"] == {"trustedCertificates": trusted}


def test_a_key_that_kafka_cannot_read(west: FakeKubernetes) -> None:
    certificate(west, PrivateFormat.TraditionalOpenSSL)
    assert problems(stack("tls")) == [
        "Secret kafka/east-login: tls.key is not PKCS#8, the only form of a private key that Kafka reads"
    ]


def test_a_key_of_another_certificate(west: FakeKubernetes) -> None:
    certificate(west)
    west.secrets_there["east-login"]["tls.key"] = issue("other", CA).key_pem.encode()
    assert problems(stack("tls")) == ["Secret kafka/east-login: tls.key does not belong to tls.crt"]


def test_keys_of_any_name(west: FakeKubernetes) -> None:
    west.secrets_there["east-login"] = {"mm2-login": PASSWORD.encode()}
    found = declared(stack(password_key="mm2-login", ca_pattern="ca.*t"))
    assert source_of(found)["authentication"]["passwordSecret"]["password"] == "mm2-login"
    assert source_of(found)["tls"]["trustedCertificates"][0]["pattern"] == "ca.*t"


def test_a_missing_secret_and_a_missing_key_are_found_in_the_preview(west: FakeKubernetes) -> None:
    assert problems(stack(name="nobody-made-it", password_key="pass")) == [
        "reading Secret kafka/nobody-made-it from https://west: it does not exist"
    ]
    assert problems(stack(password_key="pass", ca_secret="neither")) == [
        "reading Secret kafka/neither from https://west: it does not exist",
        "Secret kafka/east-login: it has no pass (source.credentials.secret_ref.password_key); "
        "it has: password",
    ]


def test_a_password_with_a_newline_is_not_what_the_source_knows(west: FakeKubernetes) -> None:
    west.secrets_there["east-login"]["password"] += b"\n"
    assert problems(stack()) == [
        "Secret kafka/east-login: password ends with a newline, which MM2 would use as a part of the password"
    ]


def test_a_pattern_that_matches_no_key() -> None:
    (found,) = problems(stack(ca_pattern="*.pem"))
    assert found.startswith("Secret kafka/east-ca: no key matches '*.pem'")
    assert "still report Ready" in found


def test_a_bundle_is_warned_of(west: FakeKubernetes) -> None:
    west.secrets_there["east-ca"] = {"ca.crt": (CA.pem + authority("next").pem).encode()}
    estate = read_estate(stack(), None)  # type: ignore[arg-type]
    assert any("ca.crt holds several certificates" in one for one in estate.warnings)
    assert list(estate.source.ca) == ["ca.crt"]


def test_a_public_text_may_be_the_ca() -> None:
    found = declared(stack(ca=CA.pem))
    assert [one["metadata"]["name"] for one in found.manifests if one["kind"] == "Secret"] == [
        "east-to-west-east-cluster-ca-cert"
    ]


def test_heartbeats_use_the_same_keys(west: FakeKubernetes) -> None:
    certificate(west)
    text = json.dumps(declared(stack("tls", heartbeats=5)).heartbeats)
    assert '"secretName": "east-login"' in text
    assert "${directory:/mnt/source-user:tls.key}" in text
    assert "${directory:/mnt/source-ca:ca.crt}" in text


def test_a_pod_may_read_the_secrets_that_are_named() -> None:
    given = stack()
    image = "registry.example.com/region-mirror:1"
    in_a_pod = replace(given, verification=replace(given.verification, runner="job", image=image))
    (role,) = [one for one in declared(in_a_pod).verification if one["kind"] == "Role"]
    (rule,) = [one for one in role["rules"] if one["resources"] == ["secrets"]]
    assert {"east-login", "east-ca"} <= set(rule["resourceNames"])
    assert not [name for name in rule["resourceNames"] if name.startswith("east-to-west-east-")]


@pytest.mark.parametrize(
    ("pem", "reason"),
    [
        (
            CA.pem + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "block 2, CERTIFICATE, is",
        ),
        (CA.pem.rstrip() + CA.pem, "block 1 has no END line of its own"),
    ],
)
def test_a_bundle_that_strimzi_cannot_read(west: FakeKubernetes, pem: str, reason: str) -> None:
    west.secrets_there["east-ca"] = {"ca.crt": pem.encode()}
    (found,) = problems(stack())
    assert found.startswith(f"Secret kafka/east-ca, key ca.crt: {reason}")
    assert "Strimzi reads all certificates of a key" in found
