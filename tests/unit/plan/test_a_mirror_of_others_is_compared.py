"""A deployed mirror that region-mirror did not write leaves out what has a default. The default counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mirror.plan.planned import Plan
from settings.model import Settings
from tests.unit.plan.made_up import plan
from tests.unit.settings.sample import settings

IDENTITY = "org.apache.kafka.connect.mirror.IdentityReplicationPolicy"
NAMES = {
    "mirror__group_id": "mirrormaker2-cluster",
    "mirror__configs_topic": "mirrormaker2-cluster-configs",
    "mirror__offsets_topic": "mirrormaker2-cluster-offsets",
    "mirror__status_topic": "mirrormaker2-cluster-status",
}


def theirs(config: Mapping[str, Any], **mirror: Any) -> dict[str, Any]:
    """A KafkaMirrorMaker2 of v1beta2 without names, as Strimzi's examples had it."""
    clusters = [
        {"alias": "east", "bootstrapServers": "e:9093"},
        {"alias": "west", "bootstrapServers": "w:9093"},
    ]
    flow = {
        "sourceCluster": "east",
        "targetCluster": "west",
        "topicsPattern": "orders",
        "sourceConnector": {"config": dict(config)},
        "checkpointConnector": {"config": dict(config)},
        **mirror,
    }
    return {
        "apiVersion": "kafka.strimzi.io/v1beta2",
        "kind": "KafkaMirrorMaker2",
        "metadata": {"name": "east-to-west", "namespace": "kafka"},
        "spec": {"replicas": 2, "connectCluster": "west", "clusters": clusters, "mirrors": [flow]},
    }


def planned(new: Settings, resource: dict[str, Any]) -> Plan:
    return plan(new, new, mirror_maker2=resource)


def test_other_names_of_connect_are_refused() -> None:
    """With other topics MM2 copies every record again. The plan compared the names with nothing."""
    found = planned(
        settings(mirror__replication_policy="identity"), theirs({"replication.policy.class": IDENTITY})
    )
    (reason,) = found.refused
    assert "mirror.offsets_topic: mirrormaker2-cluster-offsets -> __east-to-west-offset" in reason


def test_the_defaults_of_connect_are_kept() -> None:
    kept = settings(
        mirror__replication_policy="identity", mirror__offset_syncs_topic_location="source", **NAMES
    )
    assert planned(kept, theirs({"replication.policy.class": IDENTITY})).refused == ()


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({}, "mirror.replication_policy: default -> identity"),
        (
            {"replication.policy.class": "com.example.Own"},
            "mirror.replication_policy: com.example.Own -> identity",
        ),
        ({"replication.policy.class": IDENTITY}, "mirror.offset_syncs_topic_location: source -> target"),
        (
            {"replication.policy.class": IDENTITY, "replication.policy.separator": "-"},
            "mirror.replication_policy_separator: - -> .",
        ),
        ({"replication.policy.separator": ""}, "mirror.replication_policy_separator: (empty) -> ."),
    ],
)
def test_a_default_of_mm2_that_changes_is_refused(config: dict[str, Any], told: str) -> None:
    """Both policies in one mirror: neither the old nor the new topics are complete."""
    new = settings(
        mirror__replication_policy="identity", mirror__offset_syncs_topic_location="target", **NAMES
    )
    (reason,) = planned(new, theirs(config)).refused
    assert told in reason


@pytest.mark.parametrize(
    "java_class",
    [
        "io.strimzi.kafka.connect.mirror.IdentityReplicationPolicy",
        "com.amazonaws.kafka.samples.CustomMM2ReplicationPolicy",
    ],
)
def test_another_class_of_the_same_policy_is_no_change(java_class: str) -> None:
    """AWS' guide for MSK has a class of its own: import refused it, and no circle through it was seen."""
    former = {
        "replication.policy.class": java_class,
        "replication.policy.separator": "",
    }
    kept = settings(
        mirror__replication_policy="identity", mirror__offset_syncs_topic_location="source", **NAMES
    )
    assert planned(kept, theirs(former)).refused == ()


def test_topics_of_the_connectors_properties_are_mirrored_now() -> None:
    """Strimzi keeps the property without `topicsPattern`. The plan took the mirror for one of `.*`."""
    resource = theirs({"topics": "orders", "topics.exclude": "tmp-.*"})
    del resource["spec"]["mirrors"][0]["topicsPattern"]
    new = settings(mirror__topics=["orders", "payments"], mirror__replication_policy="default", **NAMES)
    found = planned(new, resource)
    assert [one.name for one in found.topics.entering] == ["payments"]


def test_a_heartbeat_connector_that_is_removed_is_named() -> None:
    """The plan said nothing of it, while `import` did."""
    found = planned(
        settings(), theirs({}, heartbeatConnector={"config": {"heartbeats.topic.replication.factor": 3}})
    )
    (one,) = [one for one in found.properties if one.key == "heartbeatConnector"]
    assert (one.where, one.after) == ("mirror", None)
    assert one.before == '{"config": {"heartbeats.topic.replication.factor": 3}}'


def test_tls_to_the_target_alone_is_a_change() -> None:
    """`tls: {}` trusts public CAs, and no `tls` is no TLS: the plan said nothing."""
    found = planned(settings(target__public_ca=True), theirs({}))
    assert [(one.before, one.after) for one in found.properties if one.key == "encryption"] == [
        ("none", "tls"),
        ("none", "tls"),
    ]
