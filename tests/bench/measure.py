"""How the bench measures, and how it prints what it measured."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Cost:
    """One round: wall seconds, and CPU seconds of this process and of the commands that it ran.

    CPU seconds say the same on a busy machine, on which wall seconds say little.
    """

    wall: float
    cpu: float


def cost(act: Callable[[], object]) -> Cost:
    """Measure one round."""
    start, before = time.perf_counter(), _cpu()
    act()
    return Cost(time.perf_counter() - start, _cpu() - before)


def costs(act: Callable[[], object], rounds: int) -> list[Cost]:
    """Measure some rounds."""
    return [cost(act) for _ in range(rounds)]


def side_by_side(acts: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[Cost]]:
    """Measure several acts, which take turns, so that a busy minute hits all of them."""
    taken: dict[str, list[Cost]] = {name: [] for name in acts}
    for _ in range(rounds):
        for name, act in acts.items():
            taken[name].append(cost(act))
    return taken


def show(title: str, reference: str, rows: Mapping[str, Sequence[Cost]]) -> None:
    """Print medians, spreads and the ratio of each row to the row `reference`."""
    table = Table(title=title, title_justify="left")
    for column in ("what", "seconds", "spread", "ratio", "CPU", "ratio"):
        table.add_column(column, justify="left" if column == "what" else "right")
    wall = statistics.median(one.wall for one in rows[reference])
    cpu = statistics.median(one.cpu for one in rows[reference])
    for what, taken in rows.items():
        seconds = [one.wall for one in taken]
        middle, used = statistics.median(seconds), statistics.median(one.cpu for one in taken)
        table.add_row(
            f"{what} (reference)" if what == reference else what,
            f"{middle:.2f}",
            f"{min(seconds):.2f} to {max(seconds):.2f}",
            f"{middle / wall:.2f}",
            f"{used:.2f}",
            f"{used / cpu:.2f}",
        )
    Console().print(table)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
