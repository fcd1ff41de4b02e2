"""The Prometheus operator's ServiceMonitor for an exporter that runs in the target's namespace.

It selects Services by `SELECTED`; who runs the exporter gives its Service these labels and a port `metrics`.
"""

from __future__ import annotations

from typing import Any

from manifests.metadata import metadata
from settings.model import Settings
from settings.names import Names

SELECTED = {"app.kubernetes.io/name": "region-mirror", "app.kubernetes.io/component": "exporter"}
PORT = "metrics"


def service_monitor(settings: Settings) -> dict[str, Any]:
    """Render the resource."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": metadata(settings, Names.of(settings).exporter, labels=settings.monitoring.labels),
        "spec": {
            "selector": {"matchLabels": {**SELECTED, "app.kubernetes.io/instance": settings.mirror.name}},
            "endpoints": [{"port": PORT, "path": "/metrics"}],
        },
    }
