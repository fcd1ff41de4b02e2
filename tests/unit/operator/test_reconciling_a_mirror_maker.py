"""One reconciliation of a KafkaMirrorMaker2 from its resource to its status."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from lab.operator.failures import Failure, timed_out
from lab.operator.mirror_maker2 import reconcile as module
from lab.operator.mirror_maker2.connect_rest import Connect
from lab.operator.mirror_maker2.names import Names
from lab.operator.mirror_maker2.reconcile import MirrorMaker2Operator
from lab.operator.mirror_maker2.workers import Desired
from tests.unit.operator.fake_connect import FakeConnect
from tests.unit.operator.fake_kubernetes import FakeKubernetes
from tests.unit.operator.test_secrets_of_a_mirror_maker import certificate


@dataclass
class FakeWorkers:
    operation_seconds: float = 5.0
    desired: list[Desired] = field(default_factory=list)
    withdrawn: list[Names] = field(default_factory=list)
    failure: Failure | None = None

    def reconcile(self, names: Names, desired: Desired, token: object) -> None:
        self.desired.append(desired)
        if self.failure is not None:
            raise self.failure

    def rest_urls(self, names: Names) -> list[str]:
        return ["http://worker"]

    def withdraw(self, names: Names) -> None:
        self.withdrawn.append(names)


@dataclass
class World:
    kube: FakeKubernetes
    workers: FakeWorkers
    connect: FakeConnect
    operator: MirrorMaker2Operator

    def reconcile(self) -> None:
        self.operator.reconcile("mm2", "dr")

    @property
    def status(self) -> Any:
        return self.kube.resources["KafkaMirrorMaker2", "dr"]["status"]

    @property
    def reason(self) -> tuple[str, str | None, str | None]:
        condition = self.status["conditions"][0]
        return condition["type"], condition.get("reason"), condition.get("message")


@pytest.fixture
def world(resource: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> World:
    kube, connect = FakeKubernetes(), FakeConnect()
    kube.add(resource)
    kube.add_secret("tgt-cluster-ca-cert", ca_crt=certificate("tgt"))
    kube.add_secret("src-cluster-ca-cert", ca_crt=certificate("src"))
    kube.add_secret("mm2-tgt-user", user_crt=b"c", user_key=b"k")
    kube.add_secret("mm2-src-user", password=b"p")
    monkeypatch.setattr(
        module, "Connect", lambda urls, seconds: Connect(urls, seconds, transport=connect.transport)
    )
    monkeypatch.setattr("lab.operator.mirror_maker2.connect_rest.time.sleep", lambda seconds: None)
    workers = FakeWorkers()
    api: Any = kube
    processes: Any = workers
    return World(kube, workers, connect, MirrorMaker2Operator(api, processes))


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


def test_a_conflict_that_never_settles_writes_no_status(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(10_000))
    monkeypatch.setattr("lab.operator.mirror_maker2.connect_rest.time.monotonic", lambda: next(clock))
    world.connect.answers["POST", "/connectors"] = [(409, {"message": "already exists"})] * 1000
    world.reconcile()
    assert world.kube.statuses == []


@pytest.fixture
def shared_alias(resource: dict[str, Any]) -> dict[str, Any]:
    """Two mirrors whose sources have one alias, and so connectors of one name."""
    first = resource["spec"]["mirrors"][0]
    second = {**first, "source": {**first["source"], "bootstrapServers": "elsewhere:9093"}}
    resource["spec"]["mirrors"].append(second)
    return resource


def test_a_shared_source_alias_is_refused_for_ever(
    world: World, shared_alias: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """KafkaConnectApiImpl.createConnector (1.2.0) repeats on 409; withLock of AbstractOperator never ends."""
    clock = iter(range(10_000))
    monkeypatch.setattr("lab.operator.mirror_maker2.connect_rest.time.monotonic", lambda: next(clock))
    world.kube.add(shared_alias)
    world.reconcile()
    assert world.connect.calls.count("POST /connectors") > 3
    created = dict(world.connect.connectors)
    del shared_alias["spec"]["mirrors"][1]
    world.kube.add(shared_alias)
    world.connect.calls.clear()
    world.reconcile()
    assert world.kube.statuses == []
    assert world.connect.calls == []
    assert world.connect.connectors == created


def test_a_locked_resource_can_be_deleted_and_made_again(
    world: World, shared_alias: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(10_000))
    monkeypatch.setattr("lab.operator.mirror_maker2.connect_rest.time.monotonic", lambda: next(clock))
    world.kube.add(shared_alias)
    world.reconcile()
    world.kube.delete("KafkaMirrorMaker2", "mm2", "dr")
    world.reconcile()
    assert world.workers.withdrawn == [Names("mm2", "dr")]
    world.connect.connectors.clear()
    del shared_alias["spec"]["mirrors"][1]
    world.kube.add(shared_alias)
    world.reconcile()
    assert world.reason == ("Ready", None, None)


def test_an_alias_that_is_shared_later_makes_the_sources_take_turns(
    world: World, resource: dict[str, Any]
) -> None:
    """The connector exists, so AbstractConnectOperator (1.2.0) never creates it: each pass replaces it."""
    world.reconcile()
    first = resource["spec"]["mirrors"][0]
    resource["spec"]["mirrors"].append(
        {**first, "source": {**first["source"], "bootstrapServers": "elsewhere:9093"}}
    )
    world.kube.add(resource)
    servers = []
    for _ in range(3):
        world.reconcile()
        [server] = {c["source.cluster.bootstrap.servers"] for c in world.connect.connectors.values()}
        servers.append(server)
        assert world.reason == ("Ready", None, None)
    assert servers == ["elsewhere:9093", first["source"]["bootstrapServers"], "elsewhere:9093"]
