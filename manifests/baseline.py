"""The ConfigMap in which the stack keeps what the source was when the mirror took its topics up."""

from __future__ import annotations

from typing import Any

from manifests.metadata import metadata
from settings.model import Settings
from settings.names import Names

KEY = "baseline"
"""The baseline itself, compressed."""
ABOUT = "about"
"""What it is, in one line."""


def config_map(settings: Settings) -> dict[str, Any]:
    """Render all of it but its content, which is read from the source when the stack is deployed."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(settings, Names.of(settings).baseline_config_map),
    }
