"""The KafkaMirrorMaker2 that is declared when nobody says otherwise loses nothing."""

from __future__ import annotations

from typing import Any

import pytest

from manifests.strimzi.connectors import (
    checkpoint_connector_config,
    source_connector_config,
    worker_config,
)
from manifests.strimzi.mirror_maker2 import mirror_maker2
from tests.program.sample import estate
from tests.unit.settings.sample import settings


def body(**changes: object) -> dict[str, Any]:
    given = settings(**changes)
    spec: dict[str, Any] = mirror_maker2(given, estate(given))["spec"]
    return spec


def test_records_arrive_exactly_once() -> None:
    assert worker_config(settings())["exactly.once.source.support"] == "enabled"
    source = source_connector_config(settings())
    assert source["exactly.once.support"] == "required"
    assert source["source.consumer.isolation.level"] == "read_committed"
    assert source["producer.override.acks"] == "all"


def test_at_least_once_still_reads_only_what_is_committed() -> None:
    given = settings(mirror__exactly_once=False)
    assert "exactly.once.source.support" not in worker_config(given)
    source = source_connector_config(given)
    assert "exactly.once.support" not in source
    assert source["source.consumer.isolation.level"] == "read_committed"
    assert source["producer.override.acks"] == "all"


def test_group_offsets_are_synchronized() -> None:
    assert checkpoint_connector_config(settings())["sync.group.offsets.enabled"] == "true"


def test_a_partitions_first_offset_sync_outlives_its_first_transaction() -> None:
    # OffsetSyncWriter keeps one pending sync a partition. A record that asks for the next one before ten are
    # acknowledged replaces the first, and groups that stand before it are not translated at all.
    config = source_connector_config(settings())
    assert int(config["offset.lag.max"]) >= int(config["source.consumer.max.poll.records"])


def test_reading_creates_no_topic_on_the_source() -> None:
    """A consumer asks for a topic that was deleted, and brokers create it (findings/mm2-brings-*.sh)."""
    assert source_connector_config(settings())["source.consumer.allow.auto.create.topics"] == "false"


def test_acls_are_never_synchronized() -> None:
    assert source_connector_config(settings())["sync.topic.acls.enabled"] == "false"


def test_nothing_is_mirrored_that_no_pattern_asks_for() -> None:
    assert source_connector_config(settings())["heartbeats.replication.enabled"] == "false"


def test_replication_factors_are_the_brokers_unless_set() -> None:
    configs = (
        worker_config(settings()),
        source_connector_config(settings()),
        checkpoint_connector_config(settings()),
    )
    factors = {
        key: value for config in configs for key, value in config.items() if "replication.factor" in key
    }
    assert len(factors) == 6
    assert set(factors.values()) == {"-1"}
    assert source_connector_config(settings(mirror__replication_factor=3))["replication.factor"] == "3"


def test_the_workers_configuration_cannot_replace_a_connectors_connection() -> None:
    # Strimzi hands it to the connectors as target.cluster.*, unfiltered.
    derived = ("bootstrap.servers", "security.", "sasl.", "ssl.", "alias", "producer.", "consumer.", "admin.")
    assert not [key for key in worker_config(settings()) if key.startswith(derived)]


def test_every_configuration_value_is_text() -> None:
    for config in (worker_config, source_connector_config, checkpoint_connector_config):
        assert all(isinstance(value, str) for value in config(settings()).values())


def test_failed_tasks_are_restarted() -> None:
    (mirror,) = body()["mirrors"]
    for connector in ("sourceConnector", "checkpointConnector"):
        assert mirror[connector]["autoRestart"] == {"enabled": True}


@pytest.mark.parametrize("state", ["running", "paused", "stopped"])
def test_both_connectors_take_the_state(state: str) -> None:
    (mirror,) = body(mirror__state=state)["mirrors"]
    assert mirror["sourceConnector"]["state"] == mirror["checkpointConnector"]["state"] == state


def test_trust_is_explicit_and_survives_a_renewal() -> None:
    spec = body()
    assert spec["target"]["tls"]["trustedCertificates"] == [
        {"secretName": "west-cluster-ca-cert", "pattern": "*.crt"}
    ]
    assert spec["mirrors"][0]["source"]["tls"]["trustedCertificates"] == [
        {"secretName": "east-to-west-east-cluster-ca-cert", "pattern": "*.crt"}
    ]


def test_logins_are_those_of_the_settings() -> None:
    spec = body()
    assert spec["target"]["authentication"] == {
        "type": "tls",
        "certificateAndKey": {"secretName": "east-to-west", "certificate": "user.crt", "key": "user.key"},
    }
    assert spec["mirrors"][0]["source"]["authentication"] == {
        "type": "scram-sha-512",
        "username": "mirror-source",
        "passwordSecret": {"secretName": "east-to-west-east-user", "password": "password"},
    }


def test_patterns_are_complete_lists() -> None:
    (mirror,) = body(mirror__topics=["a", "b.*"], mirror__topics_exclude=["b-tmp"])["mirrors"]
    assert mirror["topicsPattern"] == "a,b.*"
    assert mirror["topicsExcludePattern"] == r"mm2.*\.internal,.*\.replica,__.*,b-tmp"
    assert mirror["groupsPattern"] == ".*"
    assert mirror["groupsExcludePattern"] == "console-consumer-.*,connect-.*,__.*"
