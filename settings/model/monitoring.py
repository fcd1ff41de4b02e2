"""Section `monitoring`: alerts, dashboard and exporter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from settings.model.fields import meta
from settings.rules import kubernetes, text

RUNBOOK_URL = "docs/alerts.md"
EVERY_SECONDS = 60
OF_THE_EXPORTER = ("exporter_copied_users", "scrape_namespaces")
"""What the exporter's pod may read, and who may connect to it. Without the exporter they have no effect."""


@dataclass(frozen=True, slots=True)
class MonitoringSettings:
    """Alerts and a dashboard for the metrics of `region-mirror exporter`, deployed beside the mirror.

    Run the exporter yourself, or deploy it beside the mirror too with `exporter: true`: see
    [monitoring.md](monitoring.md).
    """

    enabled: bool = field(
        default=False,
        metadata=meta(
            "Declare a PrometheusRule and a ConfigMap with a Grafana dashboard. This needs the "
            "CRDs of the Prometheus operator (`monitoring.coreos.com/v1`) on the target's "
            "Kubernetes.",
        ),
    )
    labels: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta(
            "Labels of the PrometheusRule and the ServiceMonitor, by which your Prometheus "
            "selects them (`release: kube-prometheus-stack`).",
            key_rule=kubernetes.label_key,
            rule=kubernetes.label_value,
        ),
    )
    runbook_url: str = field(
        default=RUNBOOK_URL,
        metadata=meta(
            "URL of your copy of docs/alerts.md. Each alert's `runbook_url` is this URL, followed"
            " by # and the alert's name.",
            rule=text.not_blank,
        ),
    )
    dashboard: bool = field(
        default=True,
        metadata=meta(
            'Declare the dashboard: a ConfigMap with the label `grafana_dashboard: "1"`, by which'
            " Grafana's sidecar finds it."
        ),
    )
    failover_limit_records: int = field(
        default=100_000,
        metadata=meta(
            "Alert when a failover would miss more records than this, by the last look at the source.",
            minimum=1,
            maximum=1_000_000_000,
        ),
    )
    failover_limit_seconds: int = field(
        default=300,
        metadata=meta(
            "Alert when a failover would miss the records of more seconds than this. The source is looked at "
            "every 30 seconds.",
            minimum=60,
            maximum=86_400,
        ),
    )
    exporter: bool = field(
        default=False,
        metadata=meta(
            "Run the exporter in the target's namespace, as a Deployment with one pod and a "
            "Service. This needs `verification.image`."
        ),
    )
    exporter_interval_seconds: int = field(
        default=EVERY_SECONDS,
        metadata=meta(
            "Interval in seconds at which that exporter looks at the mirror. An alert waits for at "
            "least three looks: set it also for an exporter of your own with another `--every`.",
            minimum=5,
            maximum=86_400,
        ),
    )
    exporter_copied_users: bool = field(
        default=False,
        metadata=meta(
            "Let that exporter also run users-work, and look at the certificates of copied users. "
            "Its account may then read the password or private key of each copied user, and it "
            "logs in as each of them at each look. Without it, `region-mirror verify` and "
            "`verification.schedule` do both."
        ),
    )
    scrape_namespaces: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Namespaces of the target's Kubernetes whose pods may connect to that exporter, such "
            "as the namespace of Prometheus. A NetworkPolicy refuses all other pods, if the "
            "cluster's network plugin enforces NetworkPolicies. Empty: no NetworkPolicy.",
            rule=kubernetes.namespace,
        ),
    )
    exporter_resources: Mapping[str, Any] = field(
        default_factory=dict,
        metadata=meta(
            "Resource `requests` and `limits` of that exporter's container.",
            known=("requests", "limits", "claims"),
        ),
    )
    service_monitor: bool = field(
        default=False,
        metadata=meta(
            "Declare a ServiceMonitor for the exporter in the target's namespace, either the one "
            "that `exporter` runs or one of your own."
        ),
    )
