"""How long, for people: two units at most."""

from __future__ import annotations

from itertools import pairwise

_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def duration(seconds: float | None, unknown: str = "?") -> str:
    """`0.4 s`, `45 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`."""
    if seconds is None:
        return unknown
    if seconds < 10:
        return f"{max(0.0, seconds):.1f} s"
    whole = round(seconds)
    for (size, unit), (smaller, small) in pairwise(_UNITS):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size:,} {unit}" + (f" {rest} {small}" if rest else "")
    return f"{whole} s"
