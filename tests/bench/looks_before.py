"""`python -m tests.bench looks-before`: `verify` beside the `verify` of an earlier commit, in turns.

Three scenes: 36 partitions and 4 groups, as the lab's production has; 1,000 partitions and 200 groups; and
(bench `looks-before-far`) the first again with a round trip of 80 ms between the runner (and the workers) and
the source. Both commits look at the same mirror, and each check must find the same.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from rich.console import Console

from lab.layout import PROJECT, Lab
from mirror.clients.access import HOST_NAMES
from tests.bench.measure import Cost, cost, show
from tests.bench.mirrors.long_way import impossible, long_way
from tests.bench.moved_logs import LARGE, SMALL, Size
from tests.bench.moved_mirror import Moving
from tests.bench.moving import moving

COMMIT = "0beb56c"
"""The commit before looks were made faster."""
ROUNDS = 5
ROUND_TRIP_MS, MBIT = 80, 1000
WRITING_SECONDS = 30.0
"""So long records are written before the first look, so that most partitions have some."""
_BY_NAMES = "certificates-valid"
"""The check that compares names at that commit, and so fails over the distance."""
_SHORT = Size({"a": 8, "b": 8}, 3)


@contextlib.contextmanager
def tree_of(commit: str) -> Iterator[Path | None]:
    """The files of a commit in a folder of their own; None where this clone does not have the commit."""
    with tempfile.TemporaryDirectory(prefix="commit-") as folder:
        archive = subprocess.run(
            ("git", "archive", "--format=tar", commit), cwd=PROJECT, capture_output=True, check=False
        )
        if archive.returncode:
            yield None
            return
        subprocess.run(("tar", "-x", "-C", folder), input=archive.stdout, check=True)
        yield Path(folder)


def without_names(tree: Path) -> None:
    """Let that commit compare no names of brokers, as the mirror over the distance."""
    file = tree / "mirror" / "access.py"
    login = '{"bootstrap.servers": self.bootstrap_servers'
    file.write_text(file.read_text().replace(login, f'{login}, "{HOST_NAMES}": "none"'))


def look(tree: Path, file: Path, found: dict[str, Mapping[str, bool]]) -> None:
    """Run `verify` of one tree; `found` gets whether each check passed. Raises RuntimeError."""
    ran = subprocess.run(
        (sys.executable, "-m", "mirror", "verify", "--json", "--config-file", str(file)),
        cwd=tree,
        env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode not in (0, 1):
        raise RuntimeError(f"verify ended with {ran.returncode}: {ran.stdout[-1000:]}{ran.stderr[-1000:]}")
    checks = json.loads(ran.stdout)["checks"]
    found[str(tree)] = {one["name"]: one["passed"] for one in checks}


def main(lab: Lab, short: bool = False) -> None:
    """Measure on the lab that runs, and print a table for each scene."""
    with tree_of(COMMIT) as before:
        if before is None:
            Console().print(f"looks-before is not measured here: this clone has no commit {COMMIT}")
            return
        for size in (_SHORT,) if short else (SMALL, LARGE):
            with moving(lab, "bench-look", size=size) as made:
                _measured(made, before, f"{size}", 1 if short else ROUNDS)


def far(lab: Lab, short: bool = False) -> None:
    """The same over a distance; alone: `python -m tests.bench looks-before-far`."""
    if reason := impossible():
        Console().print(f"looks over a distance are not measured here: {reason}")
        return
    with tree_of(COMMIT) as before:
        if before is None:
            Console().print(f"looks-before is not measured here: this clone has no commit {COMMIT}")
            return
        without_names(before)
        with (
            long_way(lab, ROUND_TRIP_MS, MBIT, {}) as distance,
            moving(lab, "bench-look", distance["mirror"], source=distance["source"]) as made,
        ):
            _measured(
                made, before, f"{SMALL}, {ROUND_TRIP_MS} ms to the source", 1 if short else ROUNDS, _BY_NAMES
            )


def _measured(made: Moving, before: Path, scene: str, rounds: int, but: str = "") -> None:
    with made.writing():
        time.sleep(WRITING_SECONDS if rounds > 1 else 1)
    made.proven()
    trees = {f"verify of {COMMIT}": before, "verify": PROJECT}
    found: dict[str, Mapping[str, bool]] = {}
    taken: dict[str, list[Cost]] = {name: [] for name in trees}
    for number in range(rounds + 1):
        for name, tree in trees.items():
            once = cost(partial(look, tree, made.file, found))
            if number:  # the first round compiles the modules
                taken[name].append(once)
    old, new = found[str(before)], found[str(PROJECT)]
    if differing := [one for one in old if one in new and old[one] != new[one] and one != but]:
        raise AssertionError(f"the two commits find different things: {', '.join(differing)}")
    show(f"{scene}; median of {rounds} rounds in turns", f"verify of {COMMIT}", taken)
