"""Which failed tests CI runs a second time."""

from __future__ import annotations

import math

import pytest

from tests.again import MOST, REASON_LINES, files_again

KILLS = "tests/lab/test_survives_kills.py::test_the_mirror_goes_on[west-operator]"
MOVES = "tests/lab/test_cutover.py::test_it_moves_everything_exactly"
UNIT = "tests/unit/test_names.py::test_one"


@pytest.mark.parametrize(
    ("failed", "left", "said"),
    [
        pytest.param([], math.inf, "ended for another reason", id="nothing noted"),
        pytest.param(
            [f"tests/lab/test_a.py::test_{number}" for number in range(MOST + 1)],
            math.inf,
            "12 tests failed, more than 11: they are not run again\n  tests/lab/test_a.py::test_0\n",
            id="too many",
        ),
        pytest.param(
            [KILLS], 200.0, f"200 s are left, too few to run 1 files of lab tests again\n  {KILLS}", id="late"
        ),
    ],
)
def test_these_failures_stand(failed: list[str], left: float, said: str) -> None:
    files, why = files_again(dict.fromkeys(failed, True), left)
    assert files == []
    assert said in why


def test_the_files_of_few_failures_run_again_as_a_whole() -> None:
    other = MOVES.replace("test_it_moves", "test_run_again")
    files, why = files_again(dict.fromkeys([MOVES, other, KILLS], True), 700.0)
    assert files == ["tests/lab/test_cutover.py", "tests/lab/test_survives_kills.py"]
    assert why.splitlines() == ["run again:", f"  {MOVES}", f"  {other}", f"  {KILLS}"]


def test_what_a_test_said_stands_below_its_name() -> None:
    said = "AssertionError: waited 180 s for a proven mirror\n\n" + "\n".join(f"line {n}" for n in range(99))
    _, why = files_again({KILLS: True, MOVES: True}, 700.0, {KILLS: said, "another run's": "no"})
    assert why.splitlines()[:5] == [
        "run again:",
        f"  {MOVES}",
        f"  {KILLS}",
        "    AssertionError: waited 180 s for a proven mirror",
        "    line 0",
    ]
    assert len(why.splitlines()) == 3 + REASON_LINES


def test_a_test_without_a_lab_needs_no_time_of_one() -> None:
    files, _ = files_again({UNIT: True}, 10.0)
    assert files == ["tests/unit/test_names.py"]
