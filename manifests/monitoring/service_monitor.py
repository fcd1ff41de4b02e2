"""The Prometheus operator's ServiceMonitor for an exporter that runs in the target's namespace.

It selects Services by labels: whoever runs an exporter gives its Service these, and a port `metrics`.
"""

from __future__ import annotations

from typing import Any

from manifests.metadata import metadata
from settings.model import Settings
from settings.names import Names

PORT = "metrics"


def selected(settings: Settings) -> dict[str, str]:
    """The labels of the exporter's Service."""
    return {
        "app.kubernetes.io/name": "region-mirror",
        "app.kubernetes.io/component": "exporter",
        "app.kubernetes.io/instance": settings.mirror.name,
    }


def service_monitor(settings: Settings) -> dict[str, Any]:
    """Render the resource."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": metadata(settings, Names.of(settings).exporter, labels=settings.monitoring.labels),
        "spec": {
            "selector": {"matchLabels": selected(settings)},
            "endpoints": [{"port": PORT, "path": "/metrics"}],
        },
    }
