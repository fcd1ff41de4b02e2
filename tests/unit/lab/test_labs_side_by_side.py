"""How many labs the tests bring up on a machine, and which file is run first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.support.side_by_side import GIBIBYTE, LONGEST_FIRST, labs_at_once, own_folder, place_in_order

LAB_TESTS = Path(__file__).parents[2] / "lab"


@pytest.mark.parametrize(
    ("cores", "gibibytes", "labs"),
    [(2, 20, 2), (1, 20, 1), (2, 7, 1), (2, 1, 1), (8, 64, 4), (8, 12, 3)],
)
def test_cores_and_memory_decide(cores: int, gibibytes: int, labs: int) -> None:
    assert labs_at_once(cores, gibibytes * GIBIBYTE) == labs


def test_the_longest_files_exist_and_are_first() -> None:
    assert all((LAB_TESTS / file).is_file() for file in LONGEST_FIRST)
    files = ["test_cannot_run.py", *reversed(LONGEST_FIRST), "test_check_lag.py"]
    assert sorted(files, key=place_in_order) == [*LONGEST_FIRST, "test_cannot_run.py", "test_check_lag.py"]


def test_each_process_has_a_lab_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    assert own_folder(Path("/checkout/.lab-test")) == Path("/checkout/.lab-test")
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw1")
    assert own_folder(Path("/checkout/.lab-test")) == Path("/checkout/.lab-test-gw1")
