"""Section `monitoring`: what is declared for who watches the mirror."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from settings import rules
from settings.model.fields import meta

RUNBOOK_URL = "docs/alerts.md"


@dataclass(frozen=True, slots=True)
class MonitoringSettings:
    """Alerts and a dashboard on what `python -m mirror exporter` exports, made beside the mirror.

    The exporter itself is for you to run, or runs there with `exporter: true`: see
    [monitoring.md](monitoring.md).
    """

    enabled: bool = field(
        default=False,
        metadata=meta(
            "Declare a PrometheusRule and a ConfigMap with a Grafana dashboard. Needs the CRDs of the "
            "Prometheus operator (`monitoring.coreos.com/v1`) on the target's Kubernetes.",
        ),
    )
    labels: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta(
            "Labels of the PrometheusRule and the ServiceMonitor, by which your Prometheus selects them "
            "(`release: kube-prometheus-stack`).",
            key_rule=rules.label_key,
            rule=rules.label_value,
        ),
    )
    runbook_url: str = field(
        default=RUNBOOK_URL,
        metadata=meta(
            "The page that each alert's `runbook_url` leads to, followed by # and the alert's name: where "
            "you keep docs/alerts.md.",
            rule=rules.not_blank,
        ),
    )
    dashboard: bool = field(
        default=True,
        metadata=meta(
            'The dashboard: a ConfigMap that Grafana\'s sidecar finds by `grafana_dashboard: "1"`.'
        ),
    )
    exporter: bool = field(
        default=False,
        metadata=meta(
            "Run the exporter in the target's namespace: a Deployment of one pod, and a Service. Needs "
            "`verification.image`."
        ),
    )
    exporter_interval_seconds: int = field(
        default=60,
        metadata=meta("Seconds from one look of that exporter to the next.", minimum=5, maximum=86_400),
    )
    exporter_resources: Mapping[str, Any] = field(
        default_factory=dict,
        metadata=meta(
            "`requests` and `limits` of that exporter's container.", known=("requests", "limits", "claims")
        ),
    )
    service_monitor: bool = field(
        default=False,
        metadata=meta(
            "A ServiceMonitor for the exporter in the target's namespace: that of `exporter`, or your own."
        ),
    )
