"""Verification logs in with what the stack deployed: the Secrets that the KafkaMirrorMaker2 names."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from mirror.clients.access import PlainCredential, ScramCredential, TlsCredential
from mirror.estate import deployed
from mirror.estate.deployed import DeployedMirror, read_deployed
from mirror.problems import CouldNotRun, NotThere
from tests.unit.support.made_up import settings
from tests.unit.support.pki import Issued, issue

PASSWORD = "5up3rs3cr3t"
RESOURCE: dict[str, Any] = {
    "spec": {
        "target": {
            "alias": "west",
            "bootstrapServers": "west:9093",
            "tls": {"trustedCertificates": [{"secretName": "west-cluster-ca-cert", "pattern": "*.crt"}]},
        },
        "mirrors": [
            {
                "source": {
                    "alias": "east",
                    "bootstrapServers": "east:9094",
                    "tls": {"trustedCertificates": [{"secretName": "copied-ca", "pattern": "*.crt"}]},
                    "authentication": {
                        "type": "scram-sha-512",
                        "username": "mirror-source",
                        "passwordSecret": {"secretName": "copied-user", "password": "password"},
                    },
                }
            }
        ],
    }
}


class Target:
    """The target's Kubernetes, with what a deployment leaves there."""

    where = "https://west"

    def __init__(self) -> None:
        self.ca = issue("ca", days=36_500)
        self.verifier = issue("east-to-west-verifier", self.ca, days=36_500)
        self.resource: dict[str, Any] | None = copy.deepcopy(RESOURCE)
        self.secrets: dict[str, dict[str, bytes]] = {
            "west-cluster-ca-cert": {"ca.crt": self.ca.pem.encode(), "ca.password": b"x"},
            "copied-ca": {"ca.crt": self.ca.pem.encode(), "ca-old.crt": self.ca.pem.encode()},
            "copied-user": {"password": PASSWORD.encode()},
        }
        self.give(self.verifier)

    def give(self, verifier: Issued) -> None:
        self.secrets["east-to-west-verifier"] = {
            "user.crt": verifier.pem.encode(), "user.key": verifier.key_pem.encode(),
        }  # fmt: skip

    def strimzi(self, kind: str, namespace: str, name: str) -> dict[str, Any]:
        if self.resource is None:
            raise NotThere(f"reading {kind} {namespace}/{name}", "it does not exist", "x")
        return self.resource

    def secret(self, namespace: str, name: str) -> dict[str, bytes]:
        if name not in self.secrets:
            raise NotThere(f"reading Secret {namespace}/{name}", "it does not exist", "x")
        return self.secrets[name]


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Target:
    target = Target()
    monkeypatch.setattr(deployed, "connect", lambda side, root: target)
    return target


def read() -> DeployedMirror:
    return read_deployed(settings(), Path())


def message() -> str:
    with pytest.raises(CouldNotRun) as caught:
        read()
    assert PASSWORD not in str(caught.value)
    return str(caught.value)


def test_both_logins_come_from_the_targets_kubernetes(target: Target) -> None:
    found = read()
    assert found.source.bootstrap_servers == "east:9094"
    assert found.source.credential == ScramCredential("mirror-source", PASSWORD)
    assert found.source.ca_pem.count("BEGIN CERTIFICATE") == 2
    assert isinstance(found.target.credential, TlsCredential)
    assert found.target.credential.principal == "User:CN=east-to-west-verifier"
    assert PASSWORD not in repr(found)
    assert "PRIVATE KEY" not in repr(found)


def test_the_client_settings_verify_the_broker(target: Target) -> None:
    config = read().source.client_config()
    assert config["security.protocol"] == "SASL_SSL"
    assert config["sasl.mechanism"] == "SCRAM-SHA-512"
    assert "ssl.endpoint.identification.algorithm" not in config  # librdkafka's default is https
    assert "enable.ssl.certificate.verification" not in config  # and true


def test_without_tls_and_a_login_nothing_is_read(target: Target) -> None:
    assert target.resource is not None
    source = target.resource["spec"]["mirrors"][0]["source"]
    del source["tls"]
    del target.secrets["copied-ca"]
    assert read().source.client_config()["security.protocol"] == "SASL_PLAINTEXT"
    del source["authentication"]
    del target.secrets["copied-user"]
    config = read().source.client_config()
    assert config == {"bootstrap.servers": "east:9094", "security.protocol": "PLAINTEXT"}


def test_before_the_first_deployment(target: Target) -> None:
    target.resource = None
    assert "deploy the stack (`pulumi up`)" in message()


def test_a_secret_that_is_gone(target: Target) -> None:
    del target.secrets["copied-user"]
    assert "reading Secret kafka/copied-user: it does not exist" in message()


def test_a_secret_without_its_key(target: Target) -> None:
    target.secrets["copied-user"] = {"pass": b"x"}
    assert "it has no password; it has: pass" in message()


def test_an_expired_client_certificate_is_said_before_a_broker_is_asked(target: Target) -> None:
    target.give(issue("east-to-west-verifier", target.ca, days=-700))
    text = message()
    assert "Secret kafka/east-to-west-verifier" in text
    assert "expired on" in text


def test_a_pattern_that_matches_no_certificate(target: Target) -> None:
    target.secrets["copied-ca"] = {"ca.pem": target.ca.pem.encode()}
    assert "no broker would be trusted" in message()


def test_a_mirror_from_somewhere_else(target: Target) -> None:
    assert target.resource is not None
    target.resource["spec"]["mirrors"][0]["source"]["alias"] = "north"
    assert "it mirrors from: north" in message()


def source_of(target: Target) -> dict[str, Any]:
    assert target.resource is not None
    found: dict[str, Any] = target.resource["spec"]["mirrors"][0]["source"]
    return found


@pytest.mark.parametrize(
    ("kind", "expected", "mechanism"),
    [
        ("plain", PlainCredential("mirror-source", PASSWORD), "PLAIN"),
        ("scram-sha-256", ScramCredential("mirror-source", PASSWORD, "SCRAM-SHA-256"), "SCRAM-SHA-256"),
    ],
)
def test_every_mechanism_that_the_mirror_knows(
    target: Target, kind: str, expected: object, mechanism: str
) -> None:
    source_of(target)["authentication"]["type"] = kind
    access = read().source
    assert access.credential == expected
    config = access.client_config()
    assert (config["sasl.mechanism"], config["security.protocol"]) == (mechanism, "SASL_SSL")
    assert PASSWORD not in repr(access)


def test_a_mechanism_that_nobody_knows(target: Target) -> None:
    source_of(target)["authentication"]["type"] = "oauth"
    assert "authentication type 'oauth' is not supported" in message()


def test_public_authorities(target: Target) -> None:
    """`tls: {}`: Strimzi then trusts what Java trusts, and so do we what the system does."""
    source_of(target)["tls"] = {}
    config = read().source.client_config()
    assert config["ssl.ca.location"] == "probe"
    assert "ssl.ca.pem" not in config


def test_a_resource_of_v1beta2(target: Target) -> None:
    assert target.resource is not None
    spec = target.resource["spec"]
    target.resource["spec"] = {
        "connectCluster": "west",
        "clusters": [source_of(target), spec["target"]],
        "mirrors": [{"sourceCluster": "east", "targetCluster": "west"}],
    }
    found = read()
    assert found.source.credential == ScramCredential("mirror-source", PASSWORD)
    assert (found.source.bootstrap_servers, found.target.bootstrap_servers) == ("east:9094", "west:9093")
    target.resource["spec"]["mirrors"] = [{"sourceCluster": "north"}]
    assert "it mirrors from: north" in message()


@pytest.mark.parametrize(("value", "expected"), [("", "none"), (" ", "none"), ("https", None), (None, None)])
def test_names_are_compared_as_mm2_compares_them(
    target: Target, value: str | None, expected: str | None
) -> None:
    """With the waiver `host-names-verified` MM2 mirrors from brokers whose certificate has another name. A
    verification that compared names would never pass."""
    assert target.resource is not None
    config = {} if value is None else {"ssl.endpoint.identification.algorithm": value}
    target.resource["spec"]["mirrors"][0]["source"]["config"] = config
    found = read()
    assert found.source.client_config().get("ssl.endpoint.identification.algorithm") == expected
    assert "ssl.endpoint.identification.algorithm" not in found.target.client_config()
    target.resource["spec"]["target"]["config"] = config
    assert read().target.client_config().get("ssl.endpoint.identification.algorithm") == expected
