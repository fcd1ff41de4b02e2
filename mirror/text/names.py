"""Names in a sentence: the first few of many."""

from __future__ import annotations

from collections.abc import Sequence

FEW = 5


def few(names: Sequence[str], most: int = FEW, between: str = ", ") -> str:
    """`a, b and 3 more`: the first `most` names, and how many are left out."""
    more = len(names) - most
    return between.join(names[:most]) + (f" and {more:,} more" if more > 0 else "")
