"""The connectors' configuration is what Strimzi's own operator sent to Connect."""

import json
from typing import Any

import pytest

from lab.operator.failures import Failure
from lab.operator.mirror_maker2.connectors import Connector, desired_connectors
from lab.operator.mirror_maker2.names import Names

NAMES = Names("mm2", "dr")
SOURCE, CHECKPOINT = "src->tgt.MirrorSourceConnector", "src->tgt.MirrorCheckpointConnector"


def by_name(resource: dict[str, Any]) -> dict[str, Connector]:
    return {connector.name: connector for connector in desired_connectors(resource["spec"], NAMES)}


def test_observed_creations(resource: dict[str, Any], rest_calls: list[str]) -> None:
    posted = [json.loads(line.split(" ", 2)[2]) for line in rest_calls if line.startswith("POST ")]
    connectors = by_name(resource)
    assert {body["name"] for body in posted} == connectors.keys()
    for body in posted:
        assert connectors[body["name"]].creation == body


def test_what_connect_would_answer_is_taken_as_equal(resource: dict[str, Any]) -> None:
    source = by_name(resource)[SOURCE]
    assert source.expected["tasks.max"] == "3"
    assert source.expected["name"] == SOURCE
    assert source.expected["connector.class"] == "org.apache.kafka.connect.mirror.MirrorSourceConnector"


def test_only_named_connectors_exist(resource: dict[str, Any]) -> None:
    mirror = resource["spec"]["mirrors"][0]
    del mirror["checkpointConnector"]
    mirror["sourceConnector"] = {}
    assert list(by_name(resource)) == [SOURCE]
    resource["spec"]["mirrors"] = []
    assert by_name(resource) == {}


def test_patterns_win_over_connector_config_which_wins_over_cluster_config(resource: dict[str, Any]) -> None:
    mirror = resource["spec"]["mirrors"][0]
    mirror["source"]["config"] = {"bootstrap.servers": "elsewhere:1", "max.poll.records": 5000}
    mirror["sourceConnector"]["config"] |= {"topics": "lost", "source.cluster.alias": "other"}
    mirror["topicsExcludePattern"] = "secret.*"
    mirror["groupsExcludePattern"] = "g"
    config = by_name(resource)[SOURCE].config
    assert config["source.cluster.bootstrap.servers"] == "elsewhere:1"
    assert config["source.cluster.max.poll.records"] == "5000"
    assert config["source.cluster.alias"] == "other"
    assert (config["topics"], config["topics.exclude"]) == ("orders.*,payments", "secret.*")
    assert config["groups.exclude"] == "g"


def test_without_authentication_and_tls(resource: dict[str, Any]) -> None:
    source = resource["spec"]["mirrors"][0]["source"]
    del source["tls"], source["authentication"]
    config = by_name(resource)[CHECKPOINT].config
    assert config["source.cluster.security.protocol"] == "PLAINTEXT"
    assert not [key for key in config if key.startswith(("source.cluster.ssl", "source.cluster.sasl"))]


def test_tls_without_certificates_trusts_the_jvms(resource: dict[str, Any]) -> None:
    resource["spec"]["mirrors"][0]["source"]["tls"] = {}
    config = by_name(resource)[SOURCE].config
    assert config["source.cluster.security.protocol"] == "SASL_SSL"
    assert "source.cluster.ssl.truststore.certificates" not in config


def test_null_in_a_clusters_config_fails_as_java_does(resource: dict[str, Any]) -> None:
    resource["spec"]["mirrors"][0]["source"]["config"] = {"a": None}
    with pytest.raises(Failure) as failure:
        by_name(resource)
    assert failure.value.reason == "NullPointerException"


def test_custom_authentication_passes_only_its_prefixes(resource: dict[str, Any]) -> None:
    resource["spec"]["mirrors"][0]["source"]["authentication"] = {
        "type": "custom",
        "sasl": True,
        "config": {"sasl.mechanism": "OAUTHBEARER", "client.id": "no"},
    }
    config = by_name(resource)[SOURCE].config
    assert config["source.cluster.sasl.mechanism"] == "OAUTHBEARER"
    assert config["source.cluster.security.protocol"] == "SASL_SSL"
    assert "source.cluster.client.id" not in config
