"""Quantities of Kubernetes resources, such as `2Gi` of memory or `500m` of CPU."""

from __future__ import annotations

import math
import re

_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(m|k|[KMGTPE]i?)?")
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5, "e": 6}


def quantity(value: object) -> float | None:
    """Read a quantity; None if the value is none."""
    found = _QUANTITY.fullmatch(str(value))
    if value is None or not found:
        return None
    unit = found[2] or ""
    if unit == "m":  # thousandths, which Kubernetes allows for every resource
        return float(found[1]) / 1000
    base = 1024.0 if unit.endswith("i") else 1000.0
    power = _POWERS[unit.rstrip("i").lower()]
    return float(found[1]) * math.pow(base, power)
