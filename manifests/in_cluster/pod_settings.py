"""The settings of a pod beside the target, and the ConfigMap from which it reads them."""

from __future__ import annotations

from typing import Any

from settings.load import dump
from settings.model import Settings
from settings.model.verification import NOT_OF_THE_CHECKS
from settings.yaml_text import to_yaml

SETTINGS_FOLDER = "/etc/region-mirror"
_FILE = "Pulumi.mirror.yaml"
SETTINGS_PATH = f"{SETTINGS_FOLDER}/{_FILE}"
"""The path of the settings in the container."""


def in_cluster(settings: Settings) -> dict[str, Any]:
    """Return the settings of a pod. It uses its own account for the target's Kubernetes, and no kubeconfig of
    the machine that runs `pulumi up`. `dump` leaves out secrets.
    """
    plain = dump(settings)
    source, target = plain["source"], plain["target"]
    for side in (source, target):
        for key in ("kubeconfig", "context"):
            side.pop(key, None)
    if source.get("cluster"):
        # As for the stack, the source is not on the target's Kubernetes; the pod's account has no access to
        # it.
        source["context"] = "source"
    # All settings except those for pods, so that the checks have the same settings as elsewhere.
    for key in NOT_OF_THE_CHECKS:
        plain["verification"].pop(key, None)
    # The pod does not use alerts and dashboard: changing them must not change the pod's settings.
    plain.pop("monitoring", None)
    # Only a person who runs the command cutover uses these.
    plain.pop("cutover", None)
    return plain


def config_map_data(settings: Settings) -> dict[str, str]:
    """Render `data` of the ConfigMap: one file in the format of a stack file."""
    config = {f"region-mirror:{section}": values for section, values in in_cluster(settings).items()}
    return {_FILE: to_yaml({"config": config}, sort_keys=False)}
