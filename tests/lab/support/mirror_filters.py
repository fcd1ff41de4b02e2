"""Questions to MM2's own filters and replication policies (`MirrorFilters.java`), of drawn names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

Ask = Callable[[list[str]], list[str]]


def hexed(text: str) -> str:
    return text.encode().hex()


def drawn(count: int, *strategies: st.SearchStrategy[Any]) -> list[tuple[Any, ...]]:
    """As many examples as asked for, so that one Java process can answer them all."""
    found: list[tuple[Any, ...]] = []

    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.tuples(*strategies))
    def collect(example: tuple[Any, ...]) -> None:
        found.append(example)

    collect()
    return found
