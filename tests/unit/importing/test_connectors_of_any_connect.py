"""MM2's connectors in a Connect that runs others, too: `import` saw no mirror in their file."""

from __future__ import annotations

import json

import pytest

from mirror.importing.convert import convert
from mirror.importing.found import from_properties, resource_in
from mirror.importing.imported import Imported
from mirror.importing.sections import Where
from mirror.problems import CouldNotRun

SOURCE = """
apiVersion: kafka.strimzi.io/v1
kind: KafkaConnector
metadata: {name: mm2-source, namespace: streams, labels: {strimzi.io/cluster: connect}}
spec:
  class: org.apache.kafka.connect.mirror.MirrorSourceConnector
  tasksMax: 4
  state: paused
  config:
    source.cluster.alias: east
    target.cluster.alias: west
    source.cluster.bootstrap.servers: east:9093
    source.cluster.security.protocol: SASL_SSL
    source.cluster.sasl.mechanism: SCRAM-SHA-512
    source.cluster.sasl.jaas.config: x.ScramLoginModule required username="mm2" password="5ecr3t";
    target.cluster.bootstrap.servers: west-kafka-bootstrap:9093
    topics: orders.*
    replication.factor: 3
    replication.policy.class: org.apache.kafka.connect.mirror.IdentityReplicationPolicy
    producer.override.linger.ms: 100
    value.converter: org.apache.kafka.connect.json.JsonConverter
"""
CHECKPOINTS = """
---
apiVersion: kafka.strimzi.io/v1
kind: KafkaConnector
metadata: {name: mm2-checkpoints, namespace: streams}
spec:
  class: MirrorCheckpointConnector
  tasksMax: 1
  config:
    {source.cluster.alias: east, target.cluster.alias: west, groups: "billing.*",
     emit.checkpoints.interval.seconds: 20,
     replication.policy.class: org.apache.kafka.connect.mirror.IdentityReplicationPolicy}
"""


def imported(text: str, name: str = "") -> Imported:
    assert resource_in(text, "f", name) is None
    return convert(from_properties(text, "f", "", "", name), Where("", "", ""), "f")


def test_both_connectors_become_one_mirror() -> None:
    found = imported(SOURCE + CHECKPOINTS)
    mirror = found.sections["mirror"]
    assert (mirror["topics"], mirror["groups"], mirror["replication_policy"]) == (
        ["orders.*"],
        ["billing.*"],
        "identity",
    )
    assert (mirror["tasks_max"], mirror.get("checkpoint_tasks_max", 1), mirror["state"]) == (4, 1, "paused")
    assert mirror["config"] == {"source_connector": {"producer.override.linger.ms": "100"}}
    assert found.sections["source"]["user"] == "mm2"
    assert found.sections["target"]["namespace"] == "streams"
    assert "take_over" not in mirror, "there is no KafkaMirrorMaker2 to take over"


def test_what_it_loses_is_named() -> None:
    found = imported(SOURCE + CHECKPOINTS)
    told = {one.key: one.why for one in found.differences if one.kind == "not kept"}
    assert "which is mm2-source here and A->B.MirrorSourceConnector with Strimzi's" in told["positions"]
    assert "records-unchanged" in told["value.converter"]
    assert "5ecr3t" not in json.dumps(found.to_json())


def test_without_a_checkpoint_connector_no_offset_is_translated() -> None:
    told = [one for one in imported(SOURCE).differences if one.key == "checkpointConnector"]
    assert [one.why for one in told] == [
        "the resource translates no offsets of groups; the stack file's mirror does"
    ]


CLASS = "org.apache.kafka.connect.mirror.MirrorSourceConnector"
CONFIG = {
    "connector.class": CLASS,
    "tasks.max": "2",
    "topics": "orders",
    "source.cluster.bootstrap.servers": "a:9092",
}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"name": "mm2", "config": CONFIG}),
        json.dumps([{"name": "mm2", "config": {**CONFIG, "topics": ["orders"]}}]),
        json.dumps({"mm2": {"info": {"name": "mm2", "config": CONFIG, "tasks": []}}}),
        "name=mm2\n" + "\n".join(f"{key}={value}" for key, value in CONFIG.items()),
        "name: mm2\n" + "\n".join(f"{key}: {value}" for key, value in CONFIG.items()),
    ],
    ids=["REST", "a list", "expand=info", "properties", "properties that are YAML, too"],
)
def test_configurations_of_connect_itself(text: str) -> None:
    """MM2's own defaults of the aliases are `source` and `target`."""
    found = imported(text)
    assert found.sections["source"]["alias"] == "source"
    assert found.sections["target"]["alias"] == "target"
    assert found.sections["mirror"]["topics"] == ["orders"]
    assert found.sections["mirror"]["tasks_max"] == 2


def test_two_of_one_flow_are_chosen_by_name() -> None:
    other = SOURCE.replace("mm2-source", "mm2-audit").replace("orders", "audit")
    text = f"{SOURCE}---{other}"
    with pytest.raises(CouldNotRun, match="mm2-source, mm2-audit mirror between the same aliases"):
        imported(text)
    assert imported(text, "mm2-audit").sections["mirror"]["topics"] == ["audit.*"]
    with pytest.raises(CouldNotRun, match="it has: mm2-source, mm2-audit"):
        imported(text, "mm2")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("MirrorSourceConnector", "MirrorCheckpointConnector", "no source connector"),
        ("target.cluster.alias: west", "target.cluster.alias: east", "have the same alias"),
        ("metadata: {name", "metadata: text # {name", r"mirror\.topics"),
    ],
)
def test_what_is_no_mirror_is_one_message(before: str, after: str, told: str) -> None:
    text = SOURCE.replace(before, after).replace("orders.*", '"["')
    with pytest.raises(CouldNotRun, match=told):
        imported(text)


def test_other_connectors_are_no_mirror() -> None:
    text = SOURCE.replace("connect.mirror.MirrorSourceConnector", "connect.file.FileStreamSourceConnector")
    with pytest.raises(CouldNotRun, match="the kinds in it: KafkaConnector"):
        resource_in(text, "f", "")
