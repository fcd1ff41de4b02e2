"""What others can see of a region's processes is no secret, and what they can reach is the loopback."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.layout import Lab
from lab.processes import ProcessSpec
from lab.region import kafka, kubernetes, pki
from lab.region.broker import configuration
from lab.region.region import PORTS


@dataclass(frozen=True)
class Somewhere:
    """Programs that are never run."""

    java: Path = Path("/x/java")
    kafka_libs: Path = Path("/x/libs")
    crds: Path = Path("/x/crds")
    etcd: Path = Path("/x/etcd")
    kube_apiserver: Path = Path("/x/kube-apiserver")
    kube_controller_manager: Path = Path("/x/kube-controller-manager")


PORT_OF = {f"east-{name}": 20_000 + index for index, name in enumerate(PORTS)}


@pytest.fixture
def broker(lab: Lab) -> dict[str, str]:
    text = configuration(lab, "east", PORT_OF, lab.kafka("east") / "data")
    return dict(line.split("=", 1) for line in text.splitlines())


@pytest.fixture
def specs(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> list[ProcessSpec]:
    pki.create(lab.pki("east"), "east")
    monkeypatch.setattr(kafka, "_format", lambda *_: None)
    kafka.prepare(lab, "east", PORT_OF, Somewhere())
    kubernetes.prepare(lab, "east", PORT_OF)
    return [
        kafka.spec(lab, "east", Somewhere()),
        kubernetes.etcd(lab, "east", PORT_OF, Somewhere()),
        kubernetes.apiserver(lab, "east", PORT_OF, Somewhere()),
        kubernetes.controller_manager(lab, "east", Somewhere()),
    ]


def test_no_secret_is_in_arguments_or_environment(lab: Lab, specs: list[ProcessSpec]) -> None:
    secrets = {line for path in lab.pki("east").glob("*.key") for line in path.read_text().splitlines()[1:-1]}
    for spec in specs:
        visible = "\n".join([*spec.argv, *spec.env.values()])
        assert not any(secret in visible for secret in secrets), spec.name
        assert "password" not in visible.lower()


def test_files_with_keys_are_their_owners_alone(lab: Lab, specs: list[ProcessSpec]) -> None:
    assert lab.kubeconfig("east").stat().st_mode & 0o777 == 0o600
    assert (lab.kubernetes("east") / "controller-manager.kubeconfig").stat().st_mode & 0o777 == 0o600


def test_every_listener_is_on_the_loopback(broker: dict[str, str], specs: list[ProcessSpec]) -> None:
    assert set(re.findall(r"//([^:]+):", broker["listeners"])) == {"127.0.0.1"}
    etcd, apiserver, manager = (dict(flag.split("=", 1) for flag in spec.argv[1:]) for spec in specs[1:])
    assert etcd["--listen-client-urls"].startswith("https://127.0.0.1:")
    assert etcd["--listen-peer-urls"].startswith("https://127.0.0.1:")
    assert apiserver["--bind-address"] == "127.0.0.1"
    assert manager["--secure-port"] == "0"


def test_etcd_talks_to_holders_of_a_certificate_only(specs: list[ProcessSpec]) -> None:
    assert "--client-cert-auth=true" in specs[1].argv


def test_the_broker_authorizes_and_names_its_super_users(broker: dict[str, str]) -> None:
    assert broker["authorizer.class.name"].endswith("StandardAuthorizer")
    assert broker["super.users"] == "User:CN=east-kafka;User:CN=cluster-operator"
    assert broker["listener.name.mtls.ssl.client.auth"] == "required"
    assert "allow.everyone.if.no.acl.found" not in broker


def test_clients_are_sent_to_localhost_which_the_certificate_names(broker: dict[str, str]) -> None:
    assert set(re.findall(r"//([^:]+):", broker["advertised.listeners"])) == {"localhost"}


def test_another_configuration_makes_another_process(lab: Lab, specs: list[ProcessSpec]) -> None:
    moved = PORT_OF | {"east-kafka-mtls": 29_999}
    assert kafka.prepare(lab, "east", moved, Somewhere())
    assert kafka.spec(lab, "east", Somewhere()).digest != specs[0].digest
