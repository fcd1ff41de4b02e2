"""How a mirror is watched: the exporter's metrics, the alerts on them, and a dashboard. Pure."""

from __future__ import annotations

from typing import Any

from manifests.monitoring import dashboard
from manifests.monitoring.prometheus_rule import prometheus_rule
from manifests.monitoring.service_monitor import service_monitor
from settings.model import Settings


def monitoring(settings: Settings) -> tuple[dict[str, Any], ...]:
    """Render what `monitoring` asks for; nothing where it is not enabled."""
    wanted = settings.monitoring
    if not wanted.enabled:
        return ()
    found = [prometheus_rule(settings)]
    if wanted.dashboard:
        found.append(dashboard.config_map(settings))
    if wanted.service_monitor:
        found.append(service_monitor(settings))
    return tuple(found)
