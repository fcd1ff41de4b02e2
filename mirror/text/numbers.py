"""Numbers as people write them, whatever Kubernetes or Pulumi made of them."""

from __future__ import annotations

from typing import Any


def whole_number(value: Any) -> Any:
    """Write 2.0 as 2: Pulumi hands every number on as a float."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def shown_number(value: Any) -> str:
    """Write a number as people do, whatever Kubernetes made of it."""
    whole = whole_number(value)
    return f"{whole:,}" if isinstance(whole, int | float) else str(whole)
