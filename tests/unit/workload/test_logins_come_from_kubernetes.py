"""Clients log in with what Kubernetes holds: the source's password, the certificate of where it is used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab.layout import Lab
from lab.workload import connection
from lab.workload.connection import connect
from mirror.clients.kubernetes import Kubernetes
from mirror.problems import CouldNotRun, NotThere

LISTENERS = [
    {"name": "scram", "bootstrapServers": "localhost:1"},
    {"name": "mtls", "bootstrapServers": "localhost:2"},
]


class FakeKubernetes:
    """Two regions' Secrets; each region's Kafka has the listeners above."""

    def __init__(
        self, region: str, secrets: dict[str, dict[str, str]], listeners: list[dict[str, str]]
    ) -> None:
        ca = {"ca.crt": f"{region} CA", "ca-2020.crt": f"{region} older CA", "ca.password": "no certificate"}
        self.region = region
        self.secrets = {f"{region}-cluster-ca-cert": ca, **secrets}
        self.listeners = listeners

    def secret(self, namespace: str, name: str) -> dict[str, bytes]:
        if name not in self.secrets:
            raise NotThere(f"reading Secret {namespace}/{name}", "it does not exist", "create it")
        return {key: value.encode() for key, value in self.secrets[name].items()}

    def strimzi(self, kind: str, namespace: str, name: str) -> dict[str, Any]:
        assert (kind, name) == ("Kafka", self.region)
        return {"status": {"listeners": self.listeners}}


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    made = Lab(tmp_path)
    east = {
        "orders-consumer": {"password": "of east"},
        "customers-producer": {"user.crt": "east crt", "user.key": "east key"},
        "empty": {},
    }
    west = {"customers-producer": {"user.crt": "west crt", "user.key": "west key"}}
    apis = {
        "east": FakeKubernetes("east", east, LISTENERS),
        "west": FakeKubernetes("west", west, LISTENERS[1:]),
    }
    for region in apis:
        made.kubeconfig(region).parent.mkdir(parents=True)
        made.kubeconfig(region).touch()
    monkeypatch.setattr(
        Kubernetes, "connect", lambda kubeconfig, _: apis[kubeconfig.parent.name], raising=True
    )
    return made


def test_a_password_user_logs_in_at_the_scram_listener(lab: Lab) -> None:
    config = connect(lab, "east").config("orders-consumer")
    assert config["bootstrap.servers"] == "localhost:1"
    assert config["sasl.username"] == "orders-consumer"
    assert config["sasl.password"] == "of east"


def test_every_certificate_of_the_clusters_ca_is_trusted(lab: Lab) -> None:
    assert connect(lab, "east").config("orders-consumer")["ssl.ca.pem"] == "east older CA\neast CA"


def test_a_certificate_is_the_one_of_the_region_it_is_used_in(lab: Lab) -> None:
    config = connect(lab, "west").config("customers-producer")
    assert config["bootstrap.servers"] == "localhost:2"
    assert config["ssl.certificate.pem"] == "west crt"
    assert config["ssl.ca.pem"] == "west older CA\nwest CA"


def test_a_password_is_productions_own_in_every_region(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "SCRAM_LISTENER", "mtls")
    assert connect(lab, "west").config("orders-consumer")["sasl.password"] == "of east"


@pytest.mark.parametrize(
    ("region", "user", "told"),
    [
        ("west", "orders-consumer", "listener scram of Kafka cluster west"),
        ("east", "nobody", "Secret kafka/nobody"),
        ("east", "empty", "neither `password` nor 'user.crt'"),
    ],
)
def test_what_is_missing_is_named(lab: Lab, region: str, user: str, told: str) -> None:
    with pytest.raises(CouldNotRun, match=told):
        connect(lab, region).config(user)


def test_an_unknown_region_is_named() -> None:
    with pytest.raises(CouldNotRun, match="nowhere"):
        connect(Lab(Path("/nowhere")), "nowhere")


def test_without_a_lab_the_way_out_is_to_start_it(tmp_path: Path) -> None:
    with pytest.raises(CouldNotRun, match="python -m lab up"):
        connect(Lab(tmp_path), "east").config("orders-consumer")
