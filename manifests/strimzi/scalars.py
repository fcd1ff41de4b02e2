"""Scalars of the stack file as the types that Strimzi's CRDs ask for.

YAML reads `TieredStopAtLevel: 4` as a number and `UseG1GC: true` as a boolean, but the CRDs want text there.
The API server would refuse them in words that do not name the setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEXT_MAPPINGS = frozenset({"-XX", "annotations", "labels", "matchLabels", "volumeAttributes"})
"""Mappings whose values are text, whatever the keys are."""
QUANTITIES = frozenset({"limits", "requests"})
"""Mappings whose values are whole numbers or text."""
BOOLEANS = frozenset(
    {
        *("allowPrivilegeEscalation", "enableServiceLinks", "gcLoggingEnabled", "hostProcess", "hostUsers"),
        *("optional", "privileged", "readOnly", "readOnlyRootFilesystem", "runAsNonRoot"),
    }
)
NUMBERS = frozenset(
    {
        *("defaultMode", "failureThreshold", "fsGroup", "initialDelaySeconds", "maxSkew", "maxUnavailable"),
        *("minDomains", "mode", "periodSeconds", "runAsGroup", "runAsUser", "successThreshold"),
        *(
            "supplementalGroups",
            "terminationGracePeriodSeconds",
            "timeoutSeconds",
            "tolerationSeconds",
            "weight",
        ),
    }
)
"""Fields of the pods, in any depth. Each field that is not listed is text."""


def typed(value: Any, key: str = "", within: str = "") -> Any:
    """Copy a value into lists, dicts and scalars of the CRD's types.

    `key`: the field of the value; `within`: the field that contains it. A scalar that does not have the form
    of its type is returned as it is, for the API server to refuse.
    """
    if isinstance(value, Mapping):
        return {name: typed(part, name, key) for name, part in value.items()}
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # Pulumi hands every number on as a float
    if isinstance(value, list | tuple):
        return [typed(part, key, within) for part in value]
    if within in TEXT_MAPPINGS:
        return _text(value)
    if within in QUANTITIES:
        return value if isinstance(value, int) and not isinstance(value, bool) else _text(value)
    if key in BOOLEANS:
        return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
    if key in NUMBERS:
        return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    return _text(value)


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value
