"""Quantities of Kubernetes resources, such as `2Gi` of memory or `500m` of CPU."""

from __future__ import annotations

import re

# apimachinery, resource.ParseQuantity: binary and decimal suffixes, or an exponent.
_QUANTITY = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:([KMGTPE]i)|([numkMGTPE])|([eE][+-]?\d+))?")
_BINARY = {f"{unit}i": 1024.0**power for power, unit in enumerate("KMGTPE", start=1)}
_DECIMAL = {unit: 1000.0**power for power, unit in zip((-3, -2, -1, *range(1, 7)), "numkMGTPE", strict=True)}


def quantity(value: object) -> float | None:
    """Read a quantity; None if the value is none."""
    found = _QUANTITY.fullmatch(str(value))
    if not found:
        return None
    number, binary, decimal, exponent = found.groups(default="")
    factor: float = _BINARY.get(binary, 1.0) * _DECIMAL.get(decimal, 1.0)
    return float(number + exponent) * factor
