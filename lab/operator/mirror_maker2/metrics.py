"""`spec.metricsConfig` (JmxPrometheusExporterModel, StrimziMetricsReporterModel and ...Config).

The lab's workers run Strimzi's own reporter, or the agent of the JMX exporter. They share one machine, so
each listens on a port of its own (`in_the_lab`, `agent`).
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from lab.operator.failures import invalid_configuration, invalid_resource
from lab.toolchain.maven import AGENTS

PORT = 9404
CONFIG_KEY = "metrics-config.json"
"""The key of the workers' ConfigMap that holds the JMX exporter's rules."""
REPORTERS = "metric.reporters"
_AGENT = "jmx_prometheus_javaagent-1.0.1.jar"
_JMX, _STRIMZI = "jmxPrometheusExporter", "strimziMetricsReporter"
_CLASSES = {
    _JMX: "org.apache.kafka.common.metrics.JmxReporter",
    _STRIMZI: "io.strimzi.kafka.metrics.prometheus.ClientMetricsReporter",
}
_PREFIX = "prometheus.metrics.reporter"
_ALLOWED = (
    "kafka_admin_client_admin_client_metrics_connection_count",
    "kafka_connect_connect_coordinator_metrics.*",
    "kafka_connect_connector_metrics.*",
    "kafka_connect_connector_task_metrics.*",
    "kafka_connect_connect_worker_metrics_.*",
    "kafka_connect_connect_worker_rebalance.*",
    "kafka_connect_task_error_metrics.*",
    "kafka_consumer_consumer_coordinator_metrics.*",
    "kafka_consumer_consumer_fetch_manager_metrics.*",
    "kafka_consumer_consumer_metrics.*",
    "kafka_producer_producer_metrics.*",
    "kafka_producer_producer_node_metrics_incoming_byte",
    "kafka_producer_producer_topic.*",
    "kafka_connect_mirror_mirrorcheckpointconnector.*",
    "kafka_connect_mirror_mirrorsourceconnector.*",
)
"""DEFAULT_METRICS_ALLOW_LIST of KafkaConnectCluster and KafkaMirrorMaker2Cluster."""


def validate(spec: Mapping[str, Any]) -> None:
    """Raise the InvalidResourceException of a `metricsConfig` that makes no sense."""
    given = spec.get("metricsConfig") or {}
    if given.get("type") == _JMX:
        errors = _errors_of_exporter(given)
    elif given.get("type") == _STRIMZI:
        errors = _errors_of_reporter(given)
    else:
        return
    if errors:
        raise invalid_resource(f"Metrics configuration is invalid: [{', '.join(errors)}]")


def reporter(spec: Mapping[str, Any]) -> str | None:
    """The class that Strimzi adds to the workers' metric reporters; None without `metricsConfig`."""
    return _CLASSES.get((spec.get("metricsConfig") or {}).get("type", ""))


def listener_properties(spec: Mapping[str, Any]) -> dict[str, str]:
    """The workers' properties of Strimzi's reporter, without client prefix; empty for other reporters."""
    if reporter(spec) != _CLASSES[_STRIMZI]:
        return {}
    allowed = (spec["metricsConfig"].get("values") or {}).get("allowList")
    return {
        f"{_PREFIX}.listener.enable": "true",
        f"{_PREFIX}.listener": f"http://:{PORT}",
        f"{_PREFIX}.allowlist": ",".join(_ALLOWED if allowed is None else allowed),
    }


def connector_properties(spec: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, str]:
    """What Strimzi's reporter adds to a connector with this `config`; empty for the JMX exporter.

    Where `config` names Strimzi's reporter already, the other reporters beside it are lost, as in
    KafkaMirrorMaker2Connectors.prepareMirrorMaker2ConnectorConfig.
    """
    if (own := reporter(spec)) != _CLASSES[_STRIMZI]:
        return {}
    existing = config.get(REPORTERS)
    keeps = existing is not None and own not in str(existing)
    return {REPORTERS: f"{existing},{own}" if keeps else own, f"{_PREFIX}.listener.enable": "false"}


def exporter_rules(spec: Mapping[str, Any]) -> tuple[str, str] | None:
    """The name of the ConfigMap with the JMX exporter's rules, and its key; None for other reporters."""
    if reporter(spec) != _CLASSES[_JMX]:
        return None
    reference = spec["metricsConfig"]["valueFrom"]["configMapKeyRef"]
    return reference["name"], reference["key"]


def exporter_json(config_map: Mapping[str, Any] | None, name: str, key: str) -> str:
    """The rules as JSON. `config_map` is None where there is none of this `name`."""
    if config_map is None:
        raise invalid_configuration(f"ConfigMap {name} does not exist")
    text = (config_map.get("data") or {}).get(key)
    if text is None:
        raise invalid_configuration(f"ConfigMap {name} does not contain specified key {key}")
    try:
        return json.dumps(yaml.safe_load(text), separators=(",", ":"), ensure_ascii=False) if text else "{}"
    except yaml.YAMLError:
        raise invalid_configuration("Failed to parse metrics configuration") from None


def in_the_lab(properties: Mapping[str, str], port: int) -> dict[str, str]:
    """The listeners of Strimzi's reporter in a worker's properties, at a port of the worker's own."""
    return {key: f"http://127.0.0.1:{port}" for key in properties if key.endswith(f"{_PREFIX}.listener")}


def agent(libs: Path, rules: Path, port: str) -> str:
    """The JVM's option that starts the JMX exporter (kafka_connect_run.sh in Strimzi's image)."""
    return f"-javaagent:{libs / AGENTS / _AGENT}=127.0.0.1:{port}:{rules}"


def _errors_of_exporter(given: Mapping[str, Any]) -> list[str]:
    reference = (given.get("valueFrom") or {}).get("configMapKeyRef")
    if reference is None:
        return ["ConfigMap reference is missing"]
    needed = {
        "name": "Name of the ConfigMap with metrics configuration is missing",
        "key": "The key under which the metrics configuration is stored in the ConfigMap is missing",
    }
    return [message for field, message in needed.items() if not reference.get(field)]


def _errors_of_reporter(given: Mapping[str, Any]) -> list[str]:
    allowed = (given.get("values") or {}).get("allowList")
    if allowed is None:
        return []
    errors = [] if allowed else ["Allowlist should contain at least one element"]
    for pattern in allowed:
        try:
            re.compile(pattern)
        except re.error as error:
            errors.append(f"Invalid regex: {pattern}, {error.msg}")
    return errors
