"""Pulumi's wire format, in which every number is a float."""

from __future__ import annotations

from typing import Any


def whole_numbers(value: Any) -> Any:
    """Make whole numbers of the floats that are, however deep they lie."""
    if isinstance(value, dict):
        return {key: whole_numbers(part) for key, part in value.items()}
    if isinstance(value, list):
        return [whole_numbers(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
