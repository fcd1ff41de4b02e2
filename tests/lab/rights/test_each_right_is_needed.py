"""Remove any one right of the mirror's users and something breaks; give it back and it works again.

SLOW: real Connect workers, two at a time, some minutes in all. The experiments run beside each other from the
first test on; each test waits for its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.lab.rights import mirrored, running, starting, table, verified
from tests.lab.rights.bench import Bench, leftovers, sweep
from tests.lab.rights.outcomes import Experiments
from tests.lab.rights.table import ROWS, Row
from tests.lab.support.lab import Regions

AT_ONCE = 2
SECONDS = 1800.0
"""A test's turn may come late on a machine with other work."""

ROW = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.label)


@pytest.fixture(scope="module")
def experiments(regions: Regions, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Experiments]:
    """All experiments, running; nothing of them is left in the end, however they end."""
    sweep(regions)
    bench = Bench(regions, Path(tmp_path_factory.mktemp("rights")))
    made = Experiments(AT_ONCE)
    # The longest first; then in the order of the tests, so that each waits for little.
    made.add(partial(running.own_topics, bench), *_own_topics())
    for key in starting.own_keys():
        made.add(partial(starting.attempt, bench, key), key)
    made.add(partial(mirrored.attempt, bench), *mirrored.TAKEN.values(), *verified.KEYS)
    made.add(partial(running.at_the_source, bench), *_at_the_source())
    try:
        yield made
    finally:
        made.close()
        bench.close()
        assert not leftovers(regions)


@ROW
@pytest.mark.timeout(SECONDS)
def test_without_it_this_breaks(row: Row, experiments: Experiments) -> None:
    experiments.judge(row.key, "broken", SECONDS)


@ROW
@pytest.mark.timeout(SECONDS)
def test_with_it_again_everything_works(row: Row, experiments: Experiments) -> None:
    experiments.judge(row.key, "mended", SECONDS)


def test_no_right_is_left_out(experiments: Experiments) -> None:
    assert experiments.keys == set(table.BY_KEY)


def _own_topics() -> list[table.Key]:
    own: list[table.Key] = [
        ("mirror", topic, operation)
        for topic in (table.CHECKPOINTS, table.SYNCS)
        for operation in ("Create", "Read", "Write")
    ]
    return [*own, ("source", table.TOPICS, "DescribeConfigs")]


def _at_the_source() -> list[table.Key]:
    return [("source", table.SYNCS, operation) for operation in running.SYNCS]
