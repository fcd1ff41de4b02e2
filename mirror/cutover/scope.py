"""The topics and groups of a move in parts."""

from __future__ import annotations

from collections.abc import Sequence

from settings.patterns import matches


def in_scope(patterns: Sequence[str], name: str) -> bool:
    """Tell whether a topic or group is moved: no pattern means all."""
    return not patterns or matches(patterns, name)
