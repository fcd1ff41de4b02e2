"""How the fields of all sections are described."""

from __future__ import annotations

from dataclasses import field
from typing import Any


def meta(doc: str, **rule: Any) -> dict[str, Any]:
    """Return a field's metadata: its description and its rules."""
    return {"doc": doc, **rule}


def interval(default: int, doc: str) -> int:
    """Make a field for an interval of 1 second to 1 day, in seconds."""
    value: int = field(default=default, metadata=meta(doc, minimum=1, maximum=86_400))
    return value
