"""Numbers as people write them: Kubernetes and Pulumi may return integers as floats."""

from __future__ import annotations

from typing import Any


def whole_number(value: Any) -> Any:
    """Write 2.0 as 2: Pulumi passes every number as a float."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def shown_number(value: Any) -> str:
    """Write a number with separators, and an integer that came as a float without its point."""
    whole = whole_number(value)
    return f"{whole:,}" if isinstance(whole, int | float) else str(whole)


def counted(count: int, noun: str) -> str:
    """`1 group`, `2,000 groups`: a number with its noun, which takes an s."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
