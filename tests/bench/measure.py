"""How the bench measures, and how it prints what it measured."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

from rich.console import Console
from rich.table import Table


def seconds(act: Callable[[], object], rounds: int) -> list[float]:
    """Wall seconds of each round."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return taken


def side_by_side(acts: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Wall seconds of each act and round; the acts take turns, so that a busy minute hits all of them."""
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(rounds):
        for name, act in acts.items():
            taken[name] += seconds(act, 1)
    return taken


def show(title: str, reference: str, rows: Mapping[str, Sequence[float]]) -> None:
    """Print medians, spreads and the ratio of each row to the row `reference`."""
    table = Table(title=title, title_justify="left")
    for column in ("what", "seconds", "spread", "ratio"):
        table.add_column(column, justify="left" if column == "what" else "right")
    base = statistics.median(rows[reference])
    for what, taken in rows.items():
        middle = statistics.median(taken)
        name = f"{what} (reference)" if what == reference else what
        table.add_row(name, f"{middle:.2f}", f"{min(taken):.2f} to {max(taken):.2f}", f"{middle / base:.2f}")
    Console().print(table)
