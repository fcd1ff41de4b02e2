"""A listener with `brokerCertChainAndKey` on either side: found before the TLS handshake, and supported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from manifests.strimzi.neutral import MirrorMaker2
from mirror.estate import reading
from mirror.estate.findings import EstateError
from mirror.estate.reading import read_estate
from settings.load import load
from settings.model import Settings
from settings.problems import SettingsError
from tests.unit.settings import sample
from tests.unit.support.fake_kubernetes import OPERATOR, FakeKubernetes, authority, two_regions
from tests.unit.support.made_up import settings
from tests.unit.support.pki import Issued, issue

CLUSTER, CORPORATE = authority(), authority("Corporate Root")
INTERMEDIATE = issue("Issuing CA", CORPORATE, days=36_500)
LISTENERS = {"east": ("scram", "scram-sha-512"), "west": ("mtls", "tls")}


@pytest.fixture
def sides(monkeypatch: pytest.MonkeyPatch) -> dict[str, FakeKubernetes]:
    both = two_regions(CLUSTER)
    monkeypatch.setattr(reading, "connect", lambda side, root: both[side.alias])
    for alias, side in both.items():
        shows(side, alias, CLUSTER.pem, own=False)
        side.secrets_there["corporate-ca"] = {"ca.crt": CORPORATE.pem.encode()}
    return both


def shows(side: FakeKubernetes, alias: str, *certificates: str, own: bool = True) -> None:
    """The listener that the mirror uses, as Strimzi describes it."""
    name, kind = LISTENERS[alias]
    secret = {"secretName": "public-cert", "certificate": "tls.crt", "key": "tls.key"}
    declared: dict[str, Any] = {
        "name": name,
        "port": 9093,
        "type": "internal",
        "tls": True,
        "authentication": {"type": kind},
        **({"configuration": {"brokerCertChainAndKey": secret}} if own else {}),
    }
    address = f"{alias}:9093"
    status = {"name": name, "bootstrapServers": address, "certificates": list(certificates)}
    side.resources["Kafka", alias] = {
        "spec": {"kafka": {"listeners": [declared], "authorization": {"type": "simple"}}, **OPERATOR},
        "status": {"listeners": [status]},
    }


def chain(issuer: Issued) -> str:
    leaf = issue("kafka.example.com", issuer, days=90)
    return leaf.pem + (issuer.pem if issuer is INTERMEDIATE else "")


def stack(side: str = "source", **changes: Any) -> Settings:
    given = settings()
    return replace(given, **{side: replace(getattr(given, side), **changes)})


def finding(given: Settings) -> tuple[str, str, str]:
    with pytest.raises(EstateError) as caught:
        read_estate(given, Path())
    (one,) = [one for one in caught.value.findings if one.subject.startswith("Kafka ")]
    return one.subject, one.message, one.remedy


def test_the_clusters_own_ca_is_trusted(sides: dict[str, FakeKubernetes]) -> None:
    read_estate(settings(), Path())


@pytest.mark.parametrize(("alias", "side"), [("east", "source"), ("west", "target")])
@pytest.mark.parametrize("issuer", [CORPORATE, INTERMEDIATE], ids=["root", "intermediate"])
def test_a_certificate_of_another_ca_is_found_with_the_way_out(
    sides: dict[str, FakeKubernetes], alias: str, side: str, issuer: Issued
) -> None:
    shows(sides[alias], alias, chain(issuer))
    subject, message, remedy = finding(settings())
    assert subject == f"Kafka kafka/{alias}"
    assert "signed by CN=Corporate Root" in message
    assert f"no certificate in Secret kafka/{alias}-cluster-ca-cert has signed it" in message
    assert remedy.startswith(f"set {side}.ca_secret to a Secret in namespace kafka")
    assert f"{side}.public_ca: true" in remedy


@pytest.mark.parametrize(("alias", "side"), [("east", "source"), ("west", "target")])
@pytest.mark.parametrize("issuer", [CORPORATE, INTERMEDIATE], ids=["root", "intermediate"])
def test_with_its_ca_it_is_trusted(
    sides: dict[str, FakeKubernetes], alias: str, side: str, issuer: Issued
) -> None:
    shows(sides[alias], alias, chain(issuer))
    given = stack(side, ca_secret="corporate-ca")
    found = read_estate(given, Path())
    assert getattr(found, side).ca == {"ca.crt": CORPORATE.pem}
    mirror = MirrorMaker2.of(given, found)
    names = {"source": "east-to-west-east-cluster-ca-cert", "target": "corporate-ca"}
    assert getattr(mirror, side).tls == {
        "trustedCertificates": [{"secretName": names[side], "pattern": "*.crt"}]
    }


@pytest.mark.parametrize(("alias", "side"), [("east", "source"), ("west", "target")])
def test_a_public_ca_is_trusted_by_java_and_the_system(
    sides: dict[str, FakeKubernetes], alias: str, side: str
) -> None:
    shows(sides[alias], alias, chain(CORPORATE))
    given = stack(side, public_ca=True)
    found = read_estate(given, Path())
    assert getattr(found, side).ca == {}
    assert getattr(MirrorMaker2.of(given, found), side).tls == {}


@pytest.mark.parametrize(("alias", "side"), [("east", "source"), ("west", "target")])
def test_a_public_ca_that_signs_nothing_here_is_found(
    sides: dict[str, FakeKubernetes], alias: str, side: str
) -> None:
    _, message, remedy = finding(stack(side, public_ca=True))
    assert "the cluster CA signs the certificates" in message
    assert remedy == f"remove {side}.public_ca"


def test_a_status_without_certificates_proves_nothing(sides: dict[str, FakeKubernetes]) -> None:
    shows(sides["west"], "west")
    read_estate(settings(), Path())


def test_a_missing_ca_secret_is_named(sides: dict[str, FakeKubernetes]) -> None:
    with pytest.raises(EstateError) as caught:
        read_estate(stack("source", ca_secret="nothing"), Path())
    (one,) = caught.value.findings
    assert "Secret kafka/nothing" in f"{one.subject} {one.message}"
    assert one.remedy.startswith("source.ca_secret must be a Secret")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"source__ca_secret": "x", "source__public_ca": True}, "source.public_ca.*together with source.ca_"),
        ({"target__ca_secret": "x", "target__public_ca": True}, "target.public_ca.*together with target.ca_"),
        ({"target__ca_secret": "No Name"}, "target.ca_secret.*must be the name of a Kubernetes resource"),
    ],
)
def test_two_trusts_are_refused(changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(SettingsError, match=rule):
        sample.settings(**changes)


@pytest.mark.parametrize(
    ("key", "value", "remedy"),
    [
        ("public_ca", True, "Set source.credentials.public_ca instead"),
        ("ca_secret", "x", "source.credentials.ca is the CA"),
    ],
)
def test_a_trust_without_effect_is_refused(key: str, value: Any, remedy: str) -> None:
    source = {
        "alias": "msk",
        "user": "mirror",
        "bootstrap_servers": "b:9096",
        "credentials": {"public_ca": True, "password": {"secure": "v1:x"}},
        key: value,
    }
    with pytest.raises(SettingsError, match=rf"source\.{key}.*has no effect.*{remedy}"):
        load({**sample.raw(users__copy=[]), "source": source})


@pytest.mark.parametrize("alias", ["east", "west"])
def test_a_cluster_ca_that_is_being_renewed_is_no_certificate_of_its_own(
    sides: dict[str, FakeKubernetes], alias: str
) -> None:
    shows(
        sides[alias], alias, authority("cluster-ca v0").pem, own=False
    )  # the Secret has the next one already
    read_estate(settings(), Path())


def test_another_ca_for_a_listener_of_the_cluster_ca_is_named_as_that(
    sides: dict[str, FakeKubernetes],
) -> None:
    subject, message, remedy = finding(stack(ca_secret="corporate-ca"))
    assert subject == "Kafka kafka/east"
    assert "shows a certificate of the cluster CA" in message
    assert remedy == "remove source.ca_secret"
