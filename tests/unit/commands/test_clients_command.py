"""`region-mirror clients`: which listener takes each copied user, and where its credential is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from manifests.metadata import MIRROR
from mirror.clients.kubernetes import Kubernetes
from tests.unit.support.command_line import Run, runner
from tests.unit.support.fake_kubernetes import FakeKubernetes

STACK = """
config:
  region-mirror:source: {alias: east, cluster: east, namespace: kafka, listener: scram, user: mirror-source}
  region-mirror:target: {alias: west, cluster: west, namespace: kafka, listener: mtls, authentication: tls}
  region-mirror:mirror: {name: east-to-west, topics: [orders]}
  region-mirror:users: {copy: [shop, app]}
"""


def user(name: str, kind: str, ready: str = "True", mirror: str = "east-to-west") -> dict[str, Any]:
    return {
        "metadata": {"name": name, "annotations": {MIRROR: mirror}},
        "spec": {"authentication": {"type": kind}},
        "status": {"conditions": [{"type": "Ready", "status": ready}], "secret": f"prefix-{name}"},
    }


def kafka(**listeners: str) -> dict[str, Any]:
    declared = [
        {"name": name, "tls": True, "type": "nodeport", "authentication": {"type": kind}}
        for name, kind in listeners.items()
    ]
    status = [{"name": name, "bootstrapServers": f"{name}.west:9094"} for name in listeners]
    return {"spec": {"kafka": {"listeners": declared}}, "status": {"listeners": status}}


@pytest.fixture
def west(monkeypatch: pytest.MonkeyPatch) -> FakeKubernetes:
    side = FakeKubernetes("west")
    monkeypatch.setattr(Kubernetes, "connect", lambda *_: side)
    side.resources[("Kafka", "west")] = kafka(mtls="tls", scram="scram-sha-512")
    side.resources[("KafkaUser", "shop")] = user("shop", "scram-sha-512")
    side.resources[("KafkaUser", "app")] = user("app", "tls")
    side.resources[("KafkaUser", "other")] = user("other", "tls", mirror="another")
    return side


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    file = tmp_path / "Pulumi.x.yaml"
    file.write_text(STACK)
    return runner(monkeypatch, "clients", "--config-file", file)


def test_users_without_a_listener_fail_and_say_what_to_do(
    west: FakeKubernetes, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    west.resources[("Kafka", "west")] = kafka(mtls="tls")
    assert run() == 1
    page = " ".join(capsys.readouterr().out.split())
    assert "user shop: no listener of Kafka kafka/west with TLS and an address takes scram-sha-512" in page
    assert "user app:" not in page


@pytest.mark.parametrize("form", ["json", "markdown", "table"])
def test_users_that_are_missing_or_not_ready_fail(
    west: FakeKubernetes, run: Run, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    del west.resources[("KafkaUser", "shop")]
    west.resources[("KafkaUser", "app")] = user("app", "tls", ready="False")
    assert run("-o", form) == 1
    page = " ".join(capsys.readouterr().out.split())
    assert "there is no KafkaUser kafka/shop of this mirror on the target" in page
    assert "its KafkaUser is not Ready" in page


def test_each_user_has_its_own_listener_and_no_secret_is_read(
    west: FakeKubernetes, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("-o", "json") == 0
    found = json.loads(capsys.readouterr().out)
    clients = found["clients"]
    assert set(clients) == {"shop", "app"}
    assert (clients["shop"]["listener"], clients["app"]["listener"]) == ("scram", "mtls")
    assert clients["shop"]["bootstrapServers"] == "scram.west:9094"
    assert clients["shop"]["secret"] == "kafka/prefix-shop"
    assert not [one for one in west.asked if "ecret" in one]


def test_the_table_names_secrets_and_their_keys(
    west: FakeKubernetes, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    assert run() == 0
    page = " ".join(capsys.readouterr().out.split())
    assert "kafka/prefix-shop: password, sasl.jaas.config" in page
    assert "kafka/west-cluster-ca-cert: *.crt" in page
    assert run("--markdown") == 0
    assert "| shop | scram.west:9094 | scram | SCRAM-SHA-512 |" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["json", "markdown", "table"])
def test_users_that_may_not_write_before_the_promotion_are_named(
    west: FakeKubernetes, run: Run, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    resource = {"type": "topic", "name": "orders"}
    allow = {"resource": resource, "operations": ["Read", "Write"]}
    deny = {"type": "deny", "resource": resource, "operations": ["Write"]}
    for name, acls in (("shop", [allow, deny]), ("app", [allow])):
        west.resources[("KafkaUser", name)]["spec"]["authorization"] = {"type": "simple", "acls": acls}
    assert run("-o", form) == 0
    out = capsys.readouterr().out
    if form == "json":
        clients = json.loads(out)["clients"]
        assert (clients["shop"]["writes"], clients["app"].get("writes")) == ("after the promotion", None)
    else:
        page = " ".join(out.replace("\\", "").split())
        assert "1 user may not write to mirrored topics of west before the promotion" in page
        assert "refuse): shop" in page
