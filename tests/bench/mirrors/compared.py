"""Deploys variants of a mirror in turns, measures each, and prints the tables."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from lab.layout import Lab
from tests.bench.mirrors.copying import Copied, Copy
from tests.bench.mirrors.deployed import deployed
from tests.bench.mirrors.variants import Variant


@dataclass(frozen=True)
class Measured:
    """One round of one variant; `latencies` in milliseconds."""

    copied: Copied
    latencies: Sequence[float]


Compared = Mapping[str, Sequence[Measured]]
"""Rounds by name of the variant; the first one is the reference."""


def compare(
    lab: Lab,
    variants: Sequence[Variant],
    rounds: int,
    records: int,
    warm_up: int,
    *,
    seconds: float,
    single: int,
) -> Compared:
    """Measure all variants in each round, so that a busy minute affects all of them."""
    taken: dict[str, list[Measured]] = {variant.name: [] for variant in variants}
    for number in range(rounds):
        for variant in variants:
            measured = measure(lab, variant, records, warm_up, seconds=seconds, single=single)
            taken[variant.name].append(measured)
            Console(stderr=True).print(
                f"round {number + 1}, {variant.name}: {measured.copied.rate:,.0f} records/s, "
                f"load {measured.copied.load:.0f}"
            )
    return taken


def measure(
    lab: Lab, variant: Variant, records: int, warm_up: int, *, seconds: float, single: int
) -> Measured:
    """Copy a topic of its own with a mirror of the variant. Without single records the copy is not waited for
    to its end.
    """
    with deployed(lab, variant, records) as mirror:
        copy = Copy(mirror)
        copy.wait()
        copied = copy.rate(records, warm_up, seconds)
        if single:
            copy.complete(records)
        return Measured(copied, copy.latencies(single) if single else ())


def show(title: str, compared: Compared) -> None:
    """Print the rates beside the reference, the latencies, and what a record costs."""
    table = Table(title=title, title_justify="left")
    for column in ("mirror", "records/s", "ratio", "single record: median ms", "95 % ms", "load"):
        table.add_column(column, justify="left" if column == "mirror" else "right")
    reference = _rate(next(iter(compared.values())))
    for name, rounds in compared.items():
        single = [taken for one in rounds for taken in one.latencies]
        table.add_row(
            name,
            " and ".join(f"{one.copied.rate:,.0f}" for one in rounds),
            f"{_rate(rounds) / reference:.2f}",
            f"{statistics.median(single):.0f}" if single else "-",
            f"{statistics.quantiles(single, n=20)[-1]:.0f}" if single else "-",
            " and ".join(f"{one.copied.load:.0f}" for one in rounds),
        )
    Console(width=160).print(table, _costs(compared))


def _rate(rounds: Sequence[Measured]) -> float:
    return statistics.fmean(one.copied.rate for one in rounds)


def _costs(compared: Compared) -> Table:
    """CPU microseconds per record, by process and kind of thread."""
    table = Table(title="CPU microseconds per record", title_justify="left")
    for column in ("process", "threads", *compared):
        table.add_column(column, justify="left" if column in ("process", "threads") else "right")
    used = {name: _microseconds(rounds) for name, rounds in compared.items()}
    for process, threads in sorted({key for one in used.values() for key in one}):
        values = [one.get((process, threads), 0.0) for one in used.values()]
        if max(values) >= 1:
            table.add_row(process, threads, *(f"{value:,.0f}" for value in values))
    table.add_section()
    table.add_row("together", "", *(f"{sum(one.values()):,.0f}" for one in used.values()))
    busy = [sum(one.values()) * _rate(compared[name]) / 1e6 for name, one in used.items()]
    table.add_row("cores in use", "", *(f"{cores:.1f}" for cores in busy))
    return table


def _microseconds(rounds: Sequence[Measured]) -> dict[tuple[str, str], float]:
    records = sum(one.copied.records for one in rounds)
    used: dict[tuple[str, str], float] = defaultdict(float)
    for one in rounds:
        for key, seconds in one.copied.cpu.grouped().items():
            used[key] += seconds / records * 1e6
    return used
