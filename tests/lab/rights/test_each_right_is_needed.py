"""Remove any one right of the mirror's users and something breaks; give it back and it works again.

SLOW: real Connect workers, three at a time, some minutes in all. The experiments run beside each other from
the first test on; each test waits for its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeGuard

import pytest

from tests.lab.rights import mirrored, running, starting, table, verified
from tests.lab.rights.bench import Bench, leftovers, sweep
from tests.lab.rights.outcomes import Experiments, Outcomes
from tests.lab.rights.table import ROWS, Row
from tests.lab.support.lab import Regions
from tests.lab.support.wait import until

AT_ONCE = 3
"""Two cores are enough: what is looked for is often that a worker waits."""
SECONDS = 1000.0
"""A test's turn may come late on a machine with other work."""

every_row = pytest.mark.parametrize("row", [pytest.param(row, id=row.label) for row in ROWS])


def plan(bench: Bench) -> list[tuple[Callable[[], Outcomes], frozenset[table.Key]]]:
    """Every experiment with the rights that it tries, the longest first."""
    return [
        (partial(running.own_topics, bench), running.OWN),
        (partial(mirrored.attempt, bench), frozenset(mirrored.TAKEN.values()) | verified.KEYS),
        (partial(running.at_the_source, bench), running.AT_THE_SOURCE),
        *((partial(starting.attempt, bench, key), frozenset({key})) for key in starting.own_keys()),
    ]


@pytest.fixture(scope="module")
def experiments(
    regions: Regions, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Experiments]:
    """The experiments of the rights that were asked for, running; nothing of them is left in the end, however
    they end.
    """
    sweep(regions)
    bench = Bench(regions, Path(tmp_path_factory.mktemp("rights")))
    rows = [item.callspec.params["row"] for item in request.session.items if _is_of_a_row(item)]
    asked = {row.key for row in rows if isinstance(row, Row)}
    made = Experiments(AT_ONCE)
    for experiment, keys in plan(bench):
        if keys & asked:
            made.add(experiment, *keys)
    try:
        yield made
    finally:
        made.close()
        bench.close()
        # A broker tells of a topic that is deleted until it has read the controller's record of that.
        until("nothing of the experiments to be left", lambda: not leftovers(regions), seconds=60)


@every_row
def test_without_it_this_breaks(row: Row, experiments: Experiments) -> None:
    experiments.judge(row.key, "broken", SECONDS)


@every_row
def test_with_it_again_everything_works(row: Row, experiments: Experiments) -> None:
    experiments.judge(row.key, "mended", SECONDS)


def test_no_right_is_left_out(regions: Regions, tmp_path: Path) -> None:
    tried = [key for _, keys in plan(Bench(regions, tmp_path)) for key in keys]
    assert sorted(tried) == sorted(table.BY_KEY)


def _is_of_a_row(item: pytest.Item) -> TypeGuard[pytest.Function]:
    if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return False
    # Tests elsewhere have rows of their own.
    return isinstance(item.callspec.params.get("row"), Row)
