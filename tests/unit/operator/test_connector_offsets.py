"""Listing, altering and resetting a connector's offsets by annotation."""

import json
from typing import Any

import pytest

from lab.operator.mirror_maker2.connect_rest import Connect
from lab.operator.mirror_maker2.connectors import desired_connectors
from lab.operator.mirror_maker2.names import Names
from lab.operator.mirror_maker2.offsets import Offsets
from tests.unit.operator.fake_connect import FakeConnect

SOURCE = "src->tgt.MirrorSourceConnector"
KEY = "src--tgt.MirrorSourceConnector.json"


class Cluster:
    """The ConfigMaps, and what was asked of the resource."""

    def __init__(self, **config_maps: Any) -> None:
        self.config_maps: dict[str, Any] = config_maps
        self.removed: list[str] = []

    @property
    def offsets(self) -> Offsets:
        def write(manifest: Any) -> None:
            self.config_maps[manifest["metadata"]["name"]] = manifest

        return Offsets(self.config_maps.get, write, self.removed.extend)


def manage(
    operation: str, resource: dict[str, Any], cluster: Cluster, fake: FakeConnect
) -> list[tuple[str, str]]:
    """The warnings, as reason and message."""
    resource["metadata"]["annotations"] = {
        "strimzi.io/connector-offsets": operation,
        "strimzi.io/mirrormaker-connector": SOURCE,
    }
    connectors = desired_connectors(resource["spec"], Names("mm2", "dr"))
    connector = next(c for c in connectors if c.name == SOURCE)
    fake.connectors[SOURCE] = {}
    connect = Connect(["http://connect"], transport=fake.transport)
    return [(w["reason"], w["message"]) for w in cluster.offsets.manage(connect, resource, connector)]


@pytest.fixture
def fake() -> FakeConnect:
    return FakeConnect()


def source(resource: dict[str, Any]) -> dict[str, Any]:
    connector: dict[str, Any] = resource["spec"]["mirrors"][0]["sourceConnector"]
    return connector


def test_list_keeps_what_else_is_in_the_config_map(resource: dict[str, Any], fake: FakeConnect) -> None:
    source(resource)["listOffsets"] = {"toConfigMap": {"name": "cm"}}
    cluster = Cluster(cm={"metadata": {"name": "cm"}, "data": {"other.json": "1"}})
    assert manage("list", resource, cluster, fake) == []
    stored = cluster.config_maps["cm"]
    assert stored["data"].keys() == {"other.json", KEY}
    assert json.loads(stored["data"][KEY]) == {"offsets": []}
    assert stored["metadata"]["ownerReferences"][0]["name"] == "dr"
    assert stored["metadata"]["labels"]["strimzi.io/component-type"] == "kafka-connector"
    assert cluster.removed == ["strimzi.io/connector-offsets", "strimzi.io/mirrormaker-connector"]


def test_list_needs_to_know_where_to(resource: dict[str, Any], fake: FakeConnect) -> None:
    cluster = Cluster()
    message = (
        "Failed to list the connector offsets due to missing property listOffsets in KafkaMirrorMaker2 CR."
    )
    assert manage("list", resource, cluster, fake) == [("ListOffsets", message)]
    assert cluster.removed == []


@pytest.mark.parametrize(("operation", "doing"), [("alter", "altering"), ("reset", "resetting")])
def test_only_a_stopped_connector(
    resource: dict[str, Any], fake: FakeConnect, operation: str, doing: str
) -> None:
    source(resource)["alterOffsets"] = {"fromConfigMap": {"name": "cm"}}
    cluster = Cluster(cm={"data": {KEY: "{}"}})
    warnings = manage(operation, resource, cluster, fake)
    reason = f"{operation.capitalize()}Offsets"
    message = f"Encountered error {doing} connector offsets. Connector is not in STOPPED state"
    assert warnings == [(reason, message)]


def test_alter_and_reset_a_stopped_connector(resource: dict[str, Any], fake: FakeConnect) -> None:
    fake.states[SOURCE] = "STOPPED"
    path = "/connectors/src%2D%3Etgt.MirrorSourceConnector/offsets"
    fake.answers["PATCH", path] = [(200, {"message": "done"})]
    fake.answers["DELETE", path] = [(200, {"message": "done"})]
    source(resource)["alterOffsets"] = {"fromConfigMap": {"name": "cm"}}
    cluster = Cluster(cm={"data": {KEY: '{"offsets": []}'}})
    assert manage("alter", resource, cluster, fake) == []
    assert manage("reset", resource, cluster, fake) == []
    assert [call.split()[0] for call in fake.calls] == ["GET", "PATCH", "GET", "DELETE"]


@pytest.mark.parametrize(
    ("config_maps", "message"),
    [
        ({}, "ConfigMap mm2/cm does not exist."),
        ({"cm": {"data": {}}}, f"Data field {KEY} is missing."),
        ({"cm": {"data": {KEY: "{"}}}, f"Failed to parse contents of {KEY} as JSON"),
    ],
)
def test_alter_from_what_is_not_there(
    resource: dict[str, Any], fake: FakeConnect, config_maps: dict[str, Any], message: str
) -> None:
    fake.states[SOURCE] = "STOPPED"
    source(resource)["alterOffsets"] = {"fromConfigMap": {"name": "cm"}}
    [(reason, text)] = manage("alter", resource, Cluster(**config_maps), fake)
    assert reason == "AlterOffsets"
    assert message in text
