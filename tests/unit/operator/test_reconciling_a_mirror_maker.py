"""One reconciliation of a KafkaMirrorMaker2 from its resource to its status."""

from typing import Any

import pytest

from lab.operator.mirror_maker2.names import Names
from tests.unit.operator.mirror_maker_world import World, world_of


@pytest.fixture
def world(resource: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> World:
    return world_of(resource, monkeypatch)


def test_ready_with_everything_made(world: World) -> None:
    world.reconcile()
    assert world.reason == ("Ready", None, None)
    assert [status["name"] for status in world.status["connectors"]] == sorted(world.connect.connectors)
    assert {kind for kind, _ in world.kube.writes} == {
        "ServiceAccount",
        "Role",
        "RoleBinding",
        "NetworkPolicy",
        "Service",
        "Secret",
        "ConfigMap",
        "PodDisruptionBudget",
    }
    trusted = world.kube.secret("mm2", "dr-connect-tls-trusted-certs")
    assert trusted is not None
    assert trusted.keys() == {"ca.crt", "tgt-ca.crt", "src-ca.crt"}


def test_a_second_time_writes_neither_status_nor_secret(world: World) -> None:
    world.reconcile()
    world.kube.statuses.clear()
    world.kube.writes.clear()
    world.reconcile()
    assert world.kube.statuses == []
    assert "Secret" not in {kind for kind, _ in world.kube.writes}


def test_an_absent_secret_stops_before_connect_and_empties_the_connectors(world: World) -> None:
    world.reconcile()
    world.kube.delete("Secret", "mm2", "mm2-src-user")
    world.connect.calls.clear()
    world.reconcile()
    message = "Secret mm2-src-user not found in namespace mm2"
    assert world.reason == ("NotReady", "InvalidConfigurationException", message)
    assert "connectors" not in world.status
    assert world.status["url"]
    assert world.connect.calls == []


def test_trust_is_looked_at_before_authentication(world: World) -> None:
    world.kube.delete("Secret", "mm2", "mm2-src-user")
    world.kube.delete("Secret", "mm2", "src-cluster-ca-cert")
    world.reconcile()
    assert world.reason[2] == "Secret src-cluster-ca-cert not found in namespace mm2"


def test_unknown_fields_are_warned_of(world: World, resource: dict[str, Any]) -> None:
    resource["spec"]["target"]["authentication"]["username"] = "u"
    world.kube.add(resource)
    world.reconcile()
    assert [(c["type"], c.get("reason")) for c in world.status["conditions"]] == [
        ("Ready", None),
        ("Warning", "UnknownFields"),
    ]


def test_without_replicas_connect_is_left_alone(world: World, resource: dict[str, Any]) -> None:
    resource["spec"]["replicas"] = 0
    world.kube.add(resource)
    world.reconcile()
    assert world.reason == ("Ready", None, None)
    assert world.connect.calls == []
    assert not {"url", "connectors"} & world.status.keys()


def test_paused_nothing_is_done(world: World, resource: dict[str, Any]) -> None:
    world.reconcile()
    paused = world.kube.resources["KafkaMirrorMaker2", "dr"]
    paused["metadata"] |= {"generation": 2, "annotations": {"strimzi.io/pause-reconciliation": "true"}}
    world.connect.calls.clear()
    world.reconcile()
    assert world.reason == ("ReconciliationPaused", None, None)
    assert world.status["observedGeneration"] == 1
    assert world.status["replicas"] == 0
    assert not {"url", "connectors"} & world.status.keys()
    assert world.connect.calls == []


@pytest.mark.parametrize("gone", [True, False])
def test_deletion_withdraws_the_workers_and_says_nothing_to_connect(world: World, gone: bool) -> None:
    world.reconcile()
    if gone:
        world.kube.delete("KafkaMirrorMaker2", "mm2", "dr")
    else:
        world.kube.resources["KafkaMirrorMaker2", "dr"]["metadata"]["deletionTimestamp"] = "now"
    world.connect.calls.clear()
    world.kube.writes.clear()
    world.reconcile()
    assert world.workers.withdrawn == [Names("mm2", "dr")]
    assert world.connect.calls == []
    assert world.kube.writes == []


def test_a_refused_resource_touches_nothing(world: World, resource: dict[str, Any]) -> None:
    resource["spec"]["version"] = "3.9.0"
    world.kube.add(resource)
    world.reconcile()
    assert world.reason[:2] == ("NotReady", "InvalidResourceException")
    assert world.kube.writes == []
    assert world.workers.desired == []


def test_without_tls_and_authentication_what_they_needed_goes(world: World, resource: dict[str, Any]) -> None:
    world.reconcile()
    for cluster in (resource["spec"]["target"], resource["spec"]["mirrors"][0]["source"]):
        del cluster["tls"], cluster["authentication"]
    world.kube.add(resource)
    world.reconcile()
    assert world.kube.secret("mm2", "dr-connect-tls-trusted-certs") is None
    assert ("Role", "dr-mirrormaker2") not in world.kube.resources
    assert ("RoleBinding", "dr-mirrormaker2-role") not in world.kube.resources
