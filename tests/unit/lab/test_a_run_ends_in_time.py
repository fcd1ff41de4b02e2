"""A run of the lab's tests that must end at a fixed time skips what it cannot start, and stops what hangs."""

from __future__ import annotations

import math

import pytest

from tests.lab.support.time_left import ROOM_SECONDS, limit_seconds, may_start

END = 10_000.0


@pytest.mark.parametrize(
    ("now", "starts"),
    [
        pytest.param(END - ROOM_SECONDS, True, id="just in time"),
        pytest.param(END - ROOM_SECONDS + 1, False, id="a second late"),
        pytest.param(END + 1, False, id="after the end"),
    ],
)
def test_a_test_starts_only_with_room_to_end(now: float, starts: bool) -> None:
    assert may_start(now, END) is starts


def test_without_an_end_every_test_starts_with_its_own_limit() -> None:
    assert may_start(END, math.inf)
    assert limit_seconds(1200.0, END, math.inf) == 1200.0


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        pytest.param(5000.0, 1200.0, id="its own limit"),
        pytest.param(400.0, 400.0, id="what is left"),
        pytest.param(0.0, 1.0, id="never 0, which would be no limit"),
        pytest.param(-50.0, 1.0, id="nor less"),
    ],
)
def test_a_test_has_no_more_time_than_the_run(left: float, expected: float) -> None:
    assert limit_seconds(1200.0, END - left, END) == expected
