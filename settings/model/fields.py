"""How a setting is described, once for all sections."""

from __future__ import annotations

from dataclasses import field
from typing import Any


def meta(doc: str, **rule: Any) -> dict[str, Any]:
    """Describe a setting and what has to be true of it."""
    return {"doc": doc, **rule}


def interval(default: int, doc: str) -> int:
    """A number of seconds, at most a day."""
    value: int = field(default=default, metadata=meta(doc, minimum=1, maximum=86_400))
    return value
