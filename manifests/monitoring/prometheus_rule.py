"""The alerts as Prometheus' groups of rules, and as the Prometheus operator's PrometheusRule."""

from __future__ import annotations

from typing import Any

from manifests.metadata import metadata
from manifests.monitoring.alerts import Alert, alerts
from manifests.monitoring.metrics import MIRROR
from settings.model import Settings
from settings.model.monitoring import EVERY_SECONDS
from settings.names import Names


def groups(mirror: str, runbook_url: str, every: int = EVERY_SECONDS) -> dict[str, Any]:
    """Render a file of rules, as Prometheus itself reads it (`rule_files`). `every`: seconds between two
    looks of the exporter.
    """
    rules = [_rule(one, mirror, runbook_url) for one in alerts(mirror, every)]
    return {"groups": [{"name": f"region-mirror-{mirror}", "rules": rules}]}


def _rule(alert: Alert, mirror: str, runbook_url: str) -> dict[str, Any]:
    return {
        "alert": alert.name,
        "expr": alert.expression,
        "for": f"{alert.hold // 60}h" if alert.hold % 60 == 0 else f"{alert.hold}m",
        # What `absent` or an aggregation leaves of the labels is not enough to find the mirror by.
        "labels": {"severity": alert.severity, MIRROR: mirror},
        "annotations": {
            "summary": alert.summary,
            "description": alert.description,
            "runbook_url": f"{runbook_url}#{alert.anchor}",
        },
    }


def prometheus_rule(settings: Settings) -> dict[str, Any]:
    """Render the resource; `monitoring.labels` let a Prometheus select it (`spec.ruleSelector`)."""
    monitoring = settings.monitoring
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": metadata(settings, Names.of(settings).alerts, labels=monitoring.labels),
        "spec": groups(settings.mirror.name, monitoring.runbook_url, monitoring.exporter_interval_seconds),
    }
