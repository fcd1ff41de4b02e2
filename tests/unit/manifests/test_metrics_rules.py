"""The JMX exporter's rules name what MM2 and Connect report as Strimzi's dashboards ask for it."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from manifests.strimzi import metrics
from tests.unit.settings.sample import settings

SOURCE = "type=MirrorSourceConnector, source=east, target=west, topic=orders, partition=0"
CHECKPOINT = "type=MirrorCheckpointConnector, source=east, target=west, group=g, topic=orders, partition=0"
TASK = 'connector="east->west.MirrorSourceConnector", task=0'
FETCH = "type=consumer-fetch-manager-metrics, client-id=c"
CASES = {
    f"kafka.connect.mirror<{SOURCE}><>record-age-ms-avg": "mirror_mirrorsourceconnector_record_age_ms_avg",
    f"kafka.connect.mirror<{SOURCE}><>replication-latency-ms": (
        "mirror_mirrorsourceconnector_replication_latency_ms"
    ),
    f"kafka.connect.mirror<{CHECKPOINT}><>checkpoint-latency-ms": (
        "mirror_mirrorcheckpointconnector_checkpoint_latency_ms"
    ),
    f"kafka.connect<type=connector-task-metrics, {TASK}><>offset-commit-avg-time-ms": (
        "connector_task_offset_commit_avg_time_ms"
    ),
    f"kafka.connect<type=source-task-metrics, {TASK}><>source-record-active-count": (
        "source_task_source_record_active_count"
    ),
    f"kafka.connect<type=task-error-metrics, {TASK}><>total-record-failures": (
        "task_error_total_record_failures"
    ),
    "kafka.connect<type=connect-worker-metrics><>task-count": "worker_task_count",
    "kafka.connect<type=connect-worker-metrics><>connector-count": "worker_connector_count",
    "kafka.connect<type=connect-worker-rebalance-metrics><>rebalancing": "worker_rebalance_rebalancing",
    "kafka.connect<type=connect-coordinator-metrics, client-id=c><>assigned-tasks": (
        "coordinator_assigned_tasks"
    ),
    f"kafka.consumer<{FETCH}, topic=orders, partition=0><>records-lag": "fetch_manager_records_lag",
    f"kafka.consumer<{FETCH}, topic=orders><>bytes-consumed-total": "fetch_manager_bytes_consumed_total",
    "kafka.consumer<type=consumer-metrics, client-id=c><>incoming-byte-total": "incoming_byte_total",
    "kafka.producer<type=producer-metrics, client-id=c><>buffer-available-bytes": "buffer_available_bytes",
    "kafka.producer<type=producer-topic-metrics, client-id=c, topic=orders><>record-send-total": (
        "topic_record_send_total"
    ),
}
"""What the exporter's patterns are asked (`domain<properties><>attribute: value`), and the metric's name."""


def rules() -> list[dict[str, Any]]:
    manifest = metrics.config_map(settings(workers__metrics="jmx-exporter"))
    assert manifest is not None
    exporter = yaml.safe_load(manifest["data"][metrics.KEY])
    found: list[dict[str, Any]] = exporter["rules"]
    return found


def reported(bean: str, value: str = "1.0") -> tuple[str, dict[str, str], str] | None:
    """As `JmxCollector` does it: the first rule that matches anywhere names the metric and its labels."""
    for rule in rules():
        match = re.search(rule["pattern"], f"{bean}: {value}")
        if match:
            fill = lambda text: re.sub(r"\$(\d)", lambda at: match[int(at[1])], text)  # noqa: B023, E731
            labels = {key: fill(text) for key, text in rule.get("labels", {}).items()}
            return fill(rule["name"]).replace("-", "_"), labels, rule["type"]
    return None


@pytest.mark.parametrize("bean", CASES)
def test_metrics_are_named_as_on_strimzis_dashboards(bean: str) -> None:
    found = reported(bean)
    assert found is not None
    domain = bean.partition("<")[0].split(".")[1]
    assert found[0] == f"kafka_{domain}_{CASES[bean]}"


def test_a_partition_is_told_by_its_labels() -> None:
    found = reported(f"kafka.connect.mirror<{SOURCE}><>record-age-ms")
    assert found is not None
    assert found[1] == {"source": "east", "target": "west", "topic": "orders", "partition": "0"}


def test_a_tasks_state_is_a_label_and_its_connector_stands_without_quotes() -> None:
    found = reported(f"kafka.connect<type=connector-task-metrics, {TASK}><>status", "running")
    assert found == (
        "kafka_connect_connector_status",
        {"connector": "east->west.MirrorSourceConnector", "task": "0", "status": "running"},
        "GAUGE",
    )


def test_a_groups_name_may_have_a_comma() -> None:
    """JmxReporter writes the name in quotes then (`Sanitizer.jmxSanitize`)."""
    bean = f"kafka.connect.mirror<{CHECKPOINT}>".replace("group=g", 'group="team,billing"')
    found = reported(f"{bean}<>checkpoint-latency-ms-max")
    assert found is not None
    assert found[1]["group"] == "team,billing"


def test_kafka_before_4_names_no_source() -> None:
    bean = "kafka.connect.mirror<type=MirrorSourceConnector, target=west, topic=orders, partition=0>"
    found = reported(f"{bean}<>record-age-ms")
    assert found is not None
    assert found[:2] == (
        "kafka_connect_mirror_mirrorsourceconnector_record_age_ms",
        {"target": "west", "topic": "orders", "partition": "0"},
    )


def test_only_what_grows_is_a_counter() -> None:
    kinds = {
        name: found[2]
        for name in ("incoming-byte-total", "incoming-byte-rate")
        if (found := reported(f"kafka.consumer<type=consumer-metrics, client-id=c><>{name}"))
    }
    assert kinds == {"incoming-byte-total": "COUNTER", "incoming-byte-rate": "GAUGE"}


def test_brokers_and_jvm_are_not_reported() -> None:
    assert reported("kafka.server<type=BrokerTopicMetrics><>Count") is None


def test_the_reporter_collects_what_the_dashboard_asks_for() -> None:
    asked = (
        "kafka_connect_mirror_mirrorsourceconnector_record_age_ms_avg",
        "kafka_connect_mirror_mirrorcheckpointconnector_checkpoint_latency_ms",
        "kafka_connect_source_task_metrics_source_record_active_count",
        "kafka_connect_connect_worker_metrics_task_count",
        "kafka_connect_connect_worker_rebalance_metrics_rebalancing",
        "kafka_connect_connect_coordinator_metrics_assigned_tasks",
        "kafka_connect_connector_task_metrics_offset_commit_avg_time_ms",
        "kafka_consumer_consumer_fetch_manager_metrics_records_lag",
        "kafka_consumer_consumer_metrics_incoming_byte_total",
        "kafka_producer_producer_metrics_buffer_available_bytes",
    )
    for name in asked:
        assert any(re.fullmatch(pattern, name) for pattern in metrics.REPORTED), name


def test_there_are_no_rules_without_the_exporter() -> None:
    assert metrics.config_map(settings()) is None
    assert metrics.config_map(settings(workers__metrics="strimzi-reporter")) is None
