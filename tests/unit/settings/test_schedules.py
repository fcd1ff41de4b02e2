"""A schedule is refused when a CronJob would refuse it, and not before."""

from __future__ import annotations

import pytest

from settings.cron import schedule


@pytest.mark.parametrize(
    "text",
    [
        "*/15 * * * *",
        "0 3 * * 1-5",
        "0,30 8-18/2 1 jan-mar,12 SUN",
        "  5   4 ? * *  ",
        "@hourly",
    ],
)
def test_sound_ones(text: str) -> None:
    assert schedule(text) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("* * * *", "five fields"),
        ("* * * * * *", "five fields"),
        ("60 * * * *", "minute"),
        ("* 24 * * *", "hour"),
        ("* * 0 * *", "day of the month"),
        ("* * * 13 *", "month"),
        ("* * * * 7", "day of the week"),
        ("*/0 * * * *", "minute"),
        ("5-1 * * * *", "minute"),
        ("a * * * *", "minute"),
        ("1, * * * *", "minute"),
        ("@every 5m", "five fields"),
        ("@often", "five fields"),
    ],
)
def test_broken_ones_say_what_is_wrong(text: str, named: str) -> None:
    verdict = schedule(text)
    assert verdict is not None
    assert named in verdict[0]
