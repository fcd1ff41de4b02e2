"""A lab's folder of its own for each test, and no process left of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from lab.files import write_json
from lab.layout import Lab
from lab.processes import find_all
from tests.unit.lab.support import Until, until_true


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    lab = Lab(tmp_path / "lab")
    write_json(lab.state_file, {})
    yield lab
    left = [process for processes in find_all(lab).values() for process in processes]
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=5)


@pytest.fixture
def until() -> Until:
    return until_true


@pytest.fixture
def pids(lab: Lab) -> Callable[[], dict[str, list[int]]]:
    """All processes of the lab that run now, by name."""
    return lambda: {name: [p.pid for p in processes] for name, processes in find_all(lab).items()}
