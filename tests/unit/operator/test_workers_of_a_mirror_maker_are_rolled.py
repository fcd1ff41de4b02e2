"""Which changes of a KafkaMirrorMaker2 restart its workers, and which only configure its connectors."""

from typing import Any

import pytest

from lab.operator.failures import timed_out
from tests.unit.operator.mirror_maker_world import World, world_of


@pytest.fixture
def world(resource: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> World:
    return world_of(resource, monkeypatch)


def test_a_changed_password_changes_what_the_workers_shall_be(world: World) -> None:
    world.reconcile()
    world.kube.add_secret("mm2-src-user", password=b"another")
    world.reconcile()
    first, second = world.workers.desired
    assert first.authentication_hash != second.authentication_hash
    assert first.configuration_hash == second.configuration_hash


def test_a_connectors_configuration_does_not_roll_but_the_targets_does(
    world: World, resource: dict[str, Any]
) -> None:
    world.reconcile()
    resource["spec"]["mirrors"][0]["topicsPattern"] = "other"
    world.kube.add(resource)
    world.reconcile()
    resource["spec"]["target"]["config"]["offset.flush.interval.ms"] = 1000
    world.kube.add(resource)
    world.reconcile()
    hashes = [(d.configuration_hash, d.authentication_hash) for d in world.workers.desired]
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_mirror_that_comes_or_goes_changes_the_pods(world: World, resource: dict[str, Any]) -> None:
    """KafkaMirrorMaker2Cluster.getEnvVars (1.2.0): KAFKA_MIRRORMAKER_2_CLUSTERS lists the aliases."""
    world.reconcile()
    mirror = resource["spec"]["mirrors"][0]
    resource["spec"]["mirrors"].append({"source": {**mirror["source"], "alias": "other"}})
    world.kube.add(resource)
    world.reconcile()
    first, second = world.workers.desired
    assert (first.clusters, second.clusters) == ("tgt;src", "tgt;src;other")
    assert first.configuration_hash == second.configuration_hash


def test_workers_that_do_not_get_ready(world: World) -> None:
    world.workers.failure = timed_out(300, "Pods resource dr-mirrormaker2-0 in namespace mm2")
    world.reconcile()
    assert world.reason[:2] == ("NotReady", "StrimziTimeoutException")
    assert world.connect.calls == []


def test_strimzis_reporter_restarts_workers_and_is_put_into_every_connector(
    world: World, resource: dict[str, Any]
) -> None:
    world.reconcile()
    resource["spec"]["metricsConfig"] = {"type": "strimziMetricsReporter"}
    world.kube.add(resource)
    world.connect.calls.clear()
    world.reconcile()
    first, second = world.workers.desired
    assert first.configuration_hash != second.configuration_hash
    assert len([call for call in world.connect.calls if call.startswith("PUT ")]) == 2
    world.connect.calls.clear()
    world.reconcile()
    assert not [call for call in world.connect.calls if call.startswith("PUT ")]


def test_the_jmx_exporters_rules_are_in_the_workers_config_map(
    world: World, resource: dict[str, Any]
) -> None:
    reference = {"configMapKeyRef": {"name": "rules", "key": "k"}}
    resource["spec"]["metricsConfig"] = {"type": "jmxPrometheusExporter", "valueFrom": reference}
    world.kube.add(resource)
    world.reconcile()
    assert world.reason == ("NotReady", "InvalidConfigurationException", "ConfigMap rules does not exist")
    world.kube.add({"kind": "ConfigMap", "metadata": {"name": "rules"}, "data": {"k": "rules: []\n"}})
    world.reconcile()
    assert world.status["conditions"][0]["type"] == "Ready"
    data = world.kube.resources["ConfigMap", "dr-mirrormaker2-config"]["data"]
    assert data["metrics-config.json"] == '{"rules":[]}'
