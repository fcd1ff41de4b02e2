"""A stack's raw settings, as a stack file gives them: small, sound, and changed in one place by each test."""

from __future__ import annotations

import copy
from typing import Any

from settings.load import load
from settings.model import Settings

_RAW: dict[str, dict[str, Any]] = {
    "source": {
        "alias": "east",
        "cluster": "east",
        "namespace": "kafka",
        "kubeconfig": ".lab/east/kubeconfig",
        "listener": "scram",
        "user": "mirror-source",
    },
    "target": {
        "alias": "west",
        "cluster": "west",
        "namespace": "kafka",
        "kubeconfig": ".lab/west/kubeconfig",
        "listener": "mtls",
        "authentication": "tls",
    },
    "mirror": {"name": "east-to-west", "topics": ["orders", "payments"]},
    "workers": {},
    "users": {"copy": ["orders-consumer", "orders-producer"]},
    "verification": {},
    "monitoring": {},
    "cutover": {},
}


def raw(**changes: object) -> dict[str, Any]:
    """Return sound raw settings, some changed: `raw(workers__replicas=3)`; None leaves the setting out."""
    result = copy.deepcopy(_RAW)
    for path, value in changes.items():
        section, _, key = path.partition("__")
        if value is None:
            result[section].pop(key, None)
        else:
            result[section][key] = value
    return result


def settings(**changes: object) -> Settings:
    """Return the loaded settings."""
    return load(raw(**changes))
