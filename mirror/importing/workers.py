"""The section `workers` from the fields of a KafkaMirrorMaker2 about its pods. Pure."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from settings.loggers import without_defaults

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
    rack = pods.get("rack") or {}
    version = None if pods.get("version") is None else str(pods["version"])
    replicas = pods.get("replicas")
    section: dict[str, Any] = {
        "replicas": _REPLICAS if replicas is None else replicas,
        "version": version,
        "image": pods.get("image"),
        "resources": pods.get("resources"),
        "jvm_options": pods.get("jvmOptions"),
        "rack_topology_key": rack.get("topologyKey"),
        "loggers": _loggers(pods.get("logging") or {}, version),
        "metrics": _METRICS.get(str((pods.get("metricsConfig") or {}).get("type"))),
        "tracing": "opentelemetry" if (pods.get("tracing") or {}).get("type") == "opentelemetry" else None,
        **_template(pods.get("template") or {}),
    }
    return {key: value for key, value in section.items() if value not in (None, {}, [])}


def _loggers(logging: Mapping[str, Any], version: str | None) -> dict[str, Any] | None:
    """Return the inline loggers without those that every mirror gets; external ones have no setting."""
    if logging.get("type") != "inline":
        return None
    given = {key: str(value) for key, value in (logging.get("loggers") or {}).items()}
    return without_defaults(given, version)


def _template(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template, with the parts that have a setting of their own there."""
    template: dict[str, Any] = copy.deepcopy(dict(given))
    pod = template.get("pod") or {}
    found = {setting: pod.pop(field) for field, setting in _POD.items() if field in pod}
    budget = template.get("podDisruptionBudget") or {}
    if "maxUnavailable" in budget:
        found["max_unavailable"] = budget.pop("maxUnavailable")
    return {**found, "template": {key: value for key, value in template.items() if value}}
