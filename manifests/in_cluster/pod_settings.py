"""The settings as a pod beside the target needs them, and the ConfigMap from which it reads them."""

from __future__ import annotations

from typing import Any

import yaml

from settings.load import dump
from settings.model import Settings
from settings.model.verification import NOT_OF_THE_CHECKS

SETTINGS_FOLDER = "/etc/region-mirror"
_FILE = "Pulumi.mirror.yaml"
SETTINGS_PATH = f"{SETTINGS_FOLDER}/{_FILE}"
"""Where the settings are in the container."""


def in_cluster(settings: Settings) -> dict[str, Any]:
    """The settings as a pod needs them: its own account leads to the target's Kubernetes, and nothing of
    the machine that runs `pulumi up` matters there. Secrets are left out by `dump`.
    """
    plain = dump(settings)
    source, target = plain["source"], plain["target"]
    for side in (source, target):
        for key in ("kubeconfig", "context"):
            side.pop(key, None)
    if source.get("cluster"):
        # Another place than the target's, as it is for the stack; the pod's account does not lead there.
        source["context"] = "source"
    # All but how to run pods: what the checks are told here they are told there, new settings included.
    for key in NOT_OF_THE_CHECKS:
        plain["verification"].pop(key, None)
    # Alerts and a dashboard are declared, not looked at: changing them must not change what the pod is given.
    plain.pop("monitoring", None)
    return plain


def config_map_data(settings: Settings) -> dict[str, str]:
    """Render `data` of the ConfigMap: one file, as a stack's."""
    config = {f"region-mirror:{section}": values for section, values in in_cluster(settings).items()}
    return {_FILE: yaml.safe_dump({"config": config}, sort_keys=False)}
