"""Metrics of the workers for Prometheus: Strimzi's own reporter, or the JMX exporter with its rules.

The metrics have the names that Strimzi's example dashboards query.
"""

from __future__ import annotations

from typing import Any

import yaml

from manifests.metadata import metadata
from settings.model import Settings
from settings.names import Names

KEY = "metrics-config.yaml"

REPORTED = (
    "kafka_connect_mirror_mirrorsourceconnector.*",
    "kafka_connect_mirror_mirrorcheckpointconnector.*",
    "kafka_connect_connector_metrics.*",
    "kafka_connect_connector_task_metrics.*",
    "kafka_connect_source_task_metrics.*",
    "kafka_connect_task_error_metrics.*",
    "kafka_connect_connect_worker_metrics.*",
    "kafka_connect_connect_worker_rebalance_metrics.*",
    "kafka_connect_connect_coordinator_metrics.*",
    "kafka_consumer_consumer_metrics.*",
    "kafka_consumer_consumer_fetch_manager_metrics.*",
    "kafka_producer_producer_metrics.*",
    "kafka_producer_producer_topic_metrics.*",
)
"""Metrics that Strimzi's reporter collects: regular expressions of whole names. Strimzi's default (1.2.0)
omits `source_task_metrics`, which count the records that are read and not yet written.
"""


_V = r'"?((?<=")[^"]+|[^,"]+)"?'
"""A property's value. Kafka's `JmxReporter` quotes the connectors' names, because of their `>`, and other
names with unusual characters. Quoted ones may have commas.
"""


def config(settings: Settings) -> dict[str, Any] | None:
    """Render `spec.metricsConfig`; None if metrics are disabled."""
    if settings.workers.metrics == "strimzi-reporter":
        return {"type": "strimziMetricsReporter", "values": {"allowList": list(REPORTED)}}
    if settings.workers.metrics == "jmx-exporter":
        reference = {"name": Names.of(settings).metrics_config_map, "key": KEY}
        return {"type": "jmxPrometheusExporter", "valueFrom": {"configMapKeyRef": reference}}
    return None


def config_map(settings: Settings) -> dict[str, Any] | None:
    """Render the ConfigMap with the JMX exporter's rules; None if it is not used."""
    if settings.workers.metrics != "jmx-exporter":
        return None
    exporter = {"lowercaseOutputName": True, "lowercaseOutputLabelNames": True, "rules": list(_rules())}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(settings, Names.of(settings).metrics_config_map),
        "data": {KEY: yaml.safe_dump(exporter, sort_keys=False, width=1000)},
    }


def _rules() -> tuple[dict[str, Any], ...]:
    """The JMX exporter's rules; the first one that matches `domain<properties><>attribute: value` is used."""
    return (
        # Record age, replication latency, records and bytes, by partition (MirrorSourceMetrics). Kafka before
        # 4.0 does not name the source.
        _mirror("MirrorSourceConnector", "source", "target", "topic", "partition"),
        _mirror("MirrorSourceConnector", "target", "topic", "partition"),
        # Latency of the checkpoints, by group and partition (MirrorCheckpointMetrics).
        _mirror("MirrorCheckpointConnector", "source", "target", "group", "topic", "partition"),
        # The state of each task.
        {
            "pattern": rf"kafka\.connect<type=connector-task-metrics, connector={_V}, task={_V}>"
            r"<>status: ([a-z-]+)",
            "name": "kafka_connect_connector_status",
            "value": 1,
            "labels": {"connector": "$1", "task": "$2", "status": "$3"},
            "type": "GAUGE",
        },
        # Tasks: commits, records that are read and not yet written, errors.
        *_kinds(
            r"kafka\.connect<type=(connector-task|source-task|task-error)-metrics, "
            rf"connector={_V}, task={_V}>",
            "kafka_connect_$1",
            {"connector": "$2", "task": "$3"},
            attribute=4,
        ),
        # Workers: number of connectors and tasks, rebalances.
        *_kinds(
            r"kafka\.connect<type=connect-(worker|worker-rebalance)-metrics>",
            "kafka_connect_$1",
            {},
            attribute=2,
        ),
        # Producers and consumers: lag by partition, rates by topic, other metrics by client.
        *_kinds(
            rf"kafka\.consumer<type=consumer-(fetch-manager)-metrics, client-id={_V}, topic={_V}, "
            rf"partition={_V}>",
            "kafka_consumer_$1",
            {"clientId": "$2", "topic": "$3", "partition": "$4"},
            attribute=5,
        ),
        *_kinds(
            r"kafka\.(consumer|producer)<type=(?:consumer-|producer-)(fetch-manager|topic)-metrics, "
            rf"client-id={_V}, topic={_V}>",
            "kafka_$1_$2",
            {"clientId": "$3", "topic": "$4"},
            attribute=5,
        ),
        *_kinds(
            rf"kafka\.(consumer|producer)<type=(?:consumer|producer)-metrics, client-id={_V}>",
            "kafka_$1",
            {"clientId": "$2"},
            attribute=3,
        ),
        *_kinds(
            rf"kafka\.connect<type=connect-(coordinator)-metrics, client-id={_V}>",
            "kafka_connect_$1",
            {"clientId": "$2"},
            attribute=3,
        ),
    )


def _mirror(connector: str, *tags: str) -> dict[str, Any]:
    properties = ", ".join(f"{tag}={_V}" for tag in tags)
    return {
        "pattern": rf"kafka\.connect\.mirror<type={connector}, {properties}><>([a-z-]+)",
        "name": f"kafka_connect_mirror_{connector.lower()}_${len(tags) + 1}",
        "labels": {tag: f"${index}" for index, tag in enumerate(tags, start=1)},
        "type": "GAUGE",
    }


def _kinds(pattern: str, name: str, labels: dict[str, str], *, attribute: int) -> tuple[dict[str, Any], ...]:
    """The two rules of one MBean: attributes that end in -total are counters, all others are gauges."""
    return tuple(
        {
            "pattern": f"{pattern}<>({suffix})",
            "name": f"{name}_${attribute}",
            **({"labels": dict(labels)} if labels else {}),
            "type": kind,
        }
        for suffix, kind in (("[a-z-]+-total", "COUNTER"), ("[a-z-]+", "GAUGE"))
    )
