"""The ConfigMap that keeps the last look that saw the source, for a failover (`mirror.last_look`)."""

from __future__ import annotations

from manifests.metadata import Manifest, metadata
from settings.model import Settings
from settings.names import Names


def last_look(settings: Settings) -> Manifest:
    """Render it without content, which `verify`, `status` and the exporter write. The stack creates it,
    because RBAC cannot limit the permission to create to one name.
    """
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(settings, Names.of(settings).last_look),
    }
