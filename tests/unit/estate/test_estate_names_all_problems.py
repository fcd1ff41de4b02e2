"""The estate is read whole before anything is said: one error names every problem, and shows no secret."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mirror.clients.kubernetes import Kubernetes
from mirror.estate import reading
from mirror.estate.credential_rules import judge_password
from mirror.estate.findings import EstateError
from mirror.estate.reading import read_estate
from mirror.problems import CouldNotConnect
from settings.model import Settings, UsersSettings
from tests.unit.support.fake_kubernetes import FakeKubernetes, kafka, two_regions
from tests.unit.support.made_up import settings
from tests.unit.support.pki import Issued, issue

SECRET = "5up3rs3cr3tpassword"


@pytest.fixture
def ca() -> Issued:
    return issue("ca", days=36_500)


@pytest.fixture
def sides(monkeypatch: pytest.MonkeyPatch, ca: Issued) -> dict[str, FakeKubernetes]:
    """Both regions as they must be."""
    both = two_regions(ca)
    east = both["east"]
    east.secrets_there["mirror-source"] = {"password": f"{SECRET}\n".encode(), "sasl.jaas.config": b"x"}
    east.resources[("KafkaUser", "billing")] = {
        "spec": {"authentication": {"type": "scram-sha-512"}}, "status": {"secret": "billing-credentials"},
    }  # fmt: skip
    east.secrets_there["billing-credentials"] = {"password": SECRET.encode()}
    east.resources[("KafkaUser", "audit")] = {"spec": {"authentication": {"type": "tls"}}}
    monkeypatch.setattr(reading, "connect", lambda side, root: both[side.alias])
    return both


@pytest.fixture
def stack() -> Settings:
    return replace(settings(), users=UsersSettings(copy=("billing", "audit")))


def problems(stack: Settings) -> list[str]:
    with pytest.raises(EstateError) as caught:
        read_estate(stack, Path())
    assert SECRET not in str(caught.value)
    return [f"{finding.subject}: {finding.message}" for finding in caught.value.findings]


def test_what_is_there_is_read(sides: dict[str, FakeKubernetes], stack: Settings, ca: Issued) -> None:
    found = read_estate(stack, Path())
    assert found.source.bootstrap_servers == "east:9094"
    assert found.target.bootstrap_servers == "west:9093"
    assert found.source.ca == {"ca.crt": ca.pem}
    assert found.source.user_secret == {"password": SECRET}
    assert [(user.name, user.password) for user in found.source.kafka_users] == [
        ("billing", SECRET),
        ("audit", None),
    ]
    assert SECRET not in repr(found)


def test_every_problem_is_named_at_once(sides: dict[str, FakeKubernetes], stack: Settings) -> None:
    east, west = sides["east"], sides["west"]
    del east.resources[("KafkaUser", "audit")]
    east.secrets_there["mirror-source"] = {"user.crt": b"x"}
    east.secrets_there["east-cluster-ca-cert"] = {"ca.p12": b"x"}
    west.resources[("Kafka", "west")] = kafka("external", "west:9093")
    text = "\n".join(problems(stack))
    assert "KafkaUser kafka/audit from https://east: it does not exist" in text
    assert "Secret kafka/mirror-source: it has no password; it has: user.crt" in text
    assert "it holds no certificate" in text
    assert "its status has no listener 'mtls'; it has: external" in text


def test_a_listener_without_an_address(sides: dict[str, FakeKubernetes], stack: Settings) -> None:
    sides["west"].resources[("Kafka", "west")] = kafka("mtls", None)
    assert problems(stack) == ["Kafka kafka/west: listener 'mtls' has no address in the status"]


def test_given_bootstrap_servers_need_no_listener(sides: dict[str, FakeKubernetes], stack: Settings) -> None:
    del sides["east"].resources[("Kafka", "east")]
    given = replace(stack, source=replace(stack.source, bootstrap_servers="given:9094"))
    assert read_estate(given, Path()).source.bootstrap_servers == "given:9094"


def test_a_region_that_does_not_answer_is_said_once(
    sides: dict[str, FakeKubernetes], stack: Settings
) -> None:
    sides["east"].dead = True
    assert problems(stack) == ["reaching https://east: no answer in time"]
    given = replace(stack, source=replace(stack.source, bootstrap_servers="given:9094"))
    assert problems(given) == ["reaching https://east: no answer in time"]


def test_an_expired_authority(sides: dict[str, FakeKubernetes], stack: Settings) -> None:
    sides["west"].secrets_there["west-cluster-ca-cert"] = {"ca.crt": issue("ca", days=-700).pem.encode()}
    [problem] = problems(stack)
    assert problem.startswith("Secret kafka/west-cluster-ca-cert, key ca.crt: the certificate expired")


def test_a_source_user_with_a_certificate(
    sides: dict[str, FakeKubernetes], stack: Settings, ca: Issued
) -> None:
    tls = replace(stack, source=replace(stack.source, authentication="tls"))
    user, other = issue("mirror-source", ca, days=36_500), issue("other", ca, days=36_500)
    sides["east"].secrets_there["mirror-source"] = {
        "user.crt": user.pem.encode(),
        "user.key": other.key_pem.encode(),
    }
    assert problems(tls) == ["Secret kafka/mirror-source: user.key does not belong to user.crt"]
    sides["east"].secrets_there["mirror-source"]["user.key"] = user.key_pem.encode()
    trimmed = {"user.crt": user.pem, "user.key": user.key_pem}
    assert read_estate(tls, Path()).source.user_secret == trimmed


@pytest.mark.parametrize("password", ["pässword", 'quo"te', "back\\slash", "tab\tbed", "broken\ufffd"])
def test_passwords_that_strimzi_garbles_are_refused(password: str) -> None:
    [finding] = judge_password(password, "Secret kafka/x")
    assert password not in finding.message + finding.remedy


def test_a_kubeconfig_that_is_not_there(stack: Settings, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("{contexts: [")
    source = replace(stack.source, kubeconfig="absent")
    target = replace(stack.target, kubeconfig="broken")
    with pytest.raises(EstateError) as caught:
        read_estate(replace(stack, source=source, target=target), tmp_path)
    assert [finding.subject for finding in caught.value.findings] == [
        f"reading {tmp_path / 'absent'}",
        f"reading {broken}",
    ]
    assert "there is no such file" in caught.value.findings[0].message


def test_an_api_that_nobody_serves(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        "{apiVersion: v1, kind: Config, current-context: c, "
        "contexts: [{name: c, context: {cluster: k, user: u}}], "
        "clusters: [{name: k, cluster: {server: 'http://127.0.0.1:1'}}], "
        "users: [{name: u, user: {token: t0k3n}}]}"
    )
    with pytest.raises(CouldNotConnect) as caught:
        Kubernetes.connect(kubeconfig).secret("kafka", "x")
    assert "reaching http://127.0.0.1:1 (context c" in str(caught.value)
    assert "t0k3n" not in str(caught.value)


def test_the_margin_is_the_stacks(sides: dict[str, FakeKubernetes], stack: Settings) -> None:
    """What matters is how long a certificate lasts from now on, so this one is made relative to now."""
    from datetime import UTC, datetime

    from tests.unit.support import pki

    ends = (datetime.now(UTC) - pki.NOW) / timedelta(days=1) + 20
    sides["west"].secrets_there["west-cluster-ca-cert"] = {"ca.crt": issue("ca", days=ends).pem.encode()}
    read_estate(stack, Path())
    strict = replace(stack, verification=replace(stack.verification, certificate_margin_days=30))
    assert "the margin is 30 days" in problems(strict)[0]
