"""The section `workers` from the fields of a KafkaMirrorMaker2 about its pods. Pure."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

_REPLICAS = 3
"""Strimzi's default in v1beta2; v1 requires the field."""
_POD = {
    "affinity": "affinity",
    "topologySpreadConstraints": "topology_spread_constraints",
    "tolerations": "tolerations",
}
_METRICS = {"jmxPrometheusExporter": "jmx-exporter", "strimziMetricsReporter": "strimzi-reporter"}


def workers(pods: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings; a field without a setting is reported as a difference."""
    logging, rack = pods.get("logging") or {}, pods.get("rack") or {}
    replicas = pods.get("replicas")
    section: dict[str, Any] = {
        "replicas": _REPLICAS if replicas is None else replicas,
        "version": None if pods.get("version") is None else str(pods["version"]),
        "image": pods.get("image"),
        "resources": pods.get("resources"),
        "jvm_options": pods.get("jvmOptions"),
        "rack_topology_key": rack.get("topologyKey"),
        "loggers": logging.get("loggers") if logging.get("type") == "inline" else None,
        "metrics": _METRICS.get(str((pods.get("metricsConfig") or {}).get("type"))),
        "tracing": "opentelemetry" if (pods.get("tracing") or {}).get("type") == "opentelemetry" else None,
        **_template(pods.get("template") or {}),
    }
    return {key: value for key, value in section.items() if value not in (None, {}, [])}


def _template(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template, with the parts that have a setting of their own there."""
    template: dict[str, Any] = copy.deepcopy(dict(given))
    pod = template.get("pod") or {}
    found = {setting: pod.pop(field) for field, setting in _POD.items() if field in pod}
    budget = template.get("podDisruptionBudget") or {}
    if "maxUnavailable" in budget:
        found["max_unavailable"] = budget.pop("maxUnavailable")
    return {**found, "template": {key: value for key, value in template.items() if value}}
