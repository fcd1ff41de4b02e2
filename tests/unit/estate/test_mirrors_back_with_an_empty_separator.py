"""KafkaMirrorMaker2 resources with an empty separator, as in Strimzi's own example from 0.20 to 0.33."""

from __future__ import annotations

from typing import Any

import pytest

from mirror.estate.loops import loops_back
from settings.replication_policy import is_cycle, topic_source, upstream_topic
from tests.unit.settings.sample import settings

IDENTITY = {"replication.policy.class": "org.apache.kafka.connect.mirror.IdentityReplicationPolicy"}


def old_mirror(**config: str) -> dict[str, Any]:
    """A mirror west -> east beside the source."""
    return {
        "apiVersion": "kafka.strimzi.io/v1beta2",
        "kind": "KafkaMirrorMaker2",
        "metadata": {"name": "old-mirror", "namespace": "kafka"},
        "spec": {
            "connectCluster": "east",
            "clusters": [
                {"alias": "west", "bootstrapServers": "west.example.com:9093"},
                {"alias": "east", "bootstrapServers": "east-kafka-bootstrap:9093"},
            ],
            "mirrors": [
                {
                    "sourceCluster": "west",
                    "targetCluster": "east",
                    "topicsPattern": ".*",
                    "sourceConnector": {"config": {"replication.policy.separator": "", **config}},
                }
            ],
        },
    }


@pytest.mark.parametrize("config", [{}, IDENTITY])
@pytest.mark.parametrize("topic", ["orders", "device-heartbeats"])
def test_the_loop_is_found(config: dict[str, str], topic: str) -> None:
    found, warnings = loops_back(
        settings(mirror__topics=[topic]), [old_mirror(**config)], frozenset(), frozenset()
    )
    assert warnings == []
    assert [one.subject for one in found] == ["KafkaMirrorMaker2 kafka/old-mirror beside the source"]


def test_java_splits_a_name_into_its_letters() -> None:
    assert topic_source("default", "", "east", "orders") == "o"
    assert upstream_topic("default", "", "east", "orders") == "rders"
    assert topic_source("default", "", "east", "o") is None
    assert not is_cycle("default", "", "east", "west", "westorders")
    assert is_cycle("default", "", "east", "e", "orders")
