"""A source outside Kubernetes offers the logins it stands for, to a user that may only read."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from lab.errors import LabError
from lab.files import write_json
from lab.layout import Lab
from lab.operator.properties import parse
from lab.outside import Source, source, source_up, users
from lab.outside.source import _LISTENERS, _shape
from lab.outside.tell import tell
from lab.region.broker import configuration

PORTS = {f"{name}-kafka-{port}": 1 for name, ports in _LISTENERS.items() for port in (*ports, "controller")}


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    write_json(tmp_path / "lab.json", {})
    (tmp_path / "north").mkdir()
    (tmp_path / "north" / "password").write_text("not-to-be-seen")
    return Lab(tmp_path)


def properties(lab: Lab, name: str) -> dict[str, str]:
    return parse(configuration(lab, name, PORTS, lab.root, _shape(lab, name)))


def test_north_takes_plain_and_both_scrams_over_tls(lab: Lab) -> None:
    found = properties(lab, "north")
    assert found["listener.name.sasl.sasl.enabled.mechanisms"] == "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512"
    protocols = dict(one.split(":") for one in found["listener.security.protocol.map"].split(","))
    assert protocols == {
        "SASL": "SASL_SSL",
        "MTLS": "SSL",
        "OAUTH": "SASL_SSL",
        "OPEN": "SASL_PLAINTEXT",
        "ANYBODY": "PLAINTEXT",
        "CONTROLLER": "SSL",
    }
    assert 'user_mirror="not-to-be-seen"' in found["listener.name.sasl.plain.sasl.jaas.config"]


def test_south_takes_client_certificates_alone(lab: Lab) -> None:
    found = properties(lab, "south")
    assert found["listener.security.protocol.map"] == "MTLS:SSL,CONTROLLER:SSL"
    assert found["listener.name.mtls.ssl.client.auth"] == "required"
    assert not [key for key in found if "sasl" in key.lower()]


def test_its_administrator_is_no_operator_of_strimzi(lab: Lab) -> None:
    assert properties(lab, "south")["super.users"] == "User:CN=south-kafka;User:CN=admin"


def test_the_password_stands_in_no_repr(lab: Lab) -> None:
    assert "not-to-be-seen" not in repr(_shape(lab, "north"))
    assert "hidden" not in repr(Source("n", "b", "u", "t", "ca", password="hidden", key="hidden"))


def test_its_user_writes_nowhere() -> None:
    rules = users._rules("north")
    assert {rule.operation for rule in rules} == {"Describe", "DescribeConfigs", "Read"}
    assert {rule.name for rule in rules if rule.resource_type == "topic"} == {"invoices"}


def test_an_unknown_one_and_one_that_does_not_run_are_refused(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(LabError, match="'nowhere' is no source outside Kubernetes; there are north, south"):
        source_up(lab, "nowhere")
    with pytest.raises(LabError, match="source-up north"):
        source(lab, "north")
    with pytest.raises(LabError, match="make lab-up"):
        source_up(Lab(tmp_path / "none"), "north")


def test_people_are_told_the_commands_and_no_secret(lab: Lab) -> None:
    console = Console(record=True, width=200)
    tell(Source("north", "localhost:1", "mirror", "invoices", "ca", password="hidden"), lab, console)
    said = console.export_text()
    assert "pulumi config set --secret --path region-mirror:source.credentials.password <" in said
    assert "bootstrap_servers: localhost:1" in said
    assert "hidden" not in said
