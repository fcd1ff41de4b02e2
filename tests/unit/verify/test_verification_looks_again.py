"""verify(): looks until it is proven or the deadline has come; what cannot be looked at is said soon."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mirror.problems import CouldNotConnect, CouldNotRun, Finding
from mirror.verify import run as verification
from mirror.verify.report import CheckResult, Report
from mirror.verify.run import verify
from tests.unit.support.made_up import NOW
from tests.unit.verify.looks import REFUSED, STACK


def report(passed: bool, look: int) -> Report:
    findings = [] if passed else [Finding("orders-0", "late", "wait")]
    return Report("m", "east", "west", datetime.now(UTC), 0.1, (CheckResult.of("lag", "s", findings),), look)


class Clock:
    """Time that only passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def time(self) -> float:
        return NOW


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(verification, "time", clock)
    return clock


Play = Callable[..., list[int]]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Play:
    """Plays a script of looks (True, False or an error each; the last one for ever), counts connections."""
    connections: list[int] = []

    def start(*script: bool | CouldNotRun) -> list[int]:
        left = list(script)

        class Session:
            def __init__(self, settings: object, root: Path, stack: ExitStack) -> None:
                connections.append(1)

        def look(session: object, names: object, looks: int) -> Report:
            step = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(step, CouldNotRun):
                raise step
            return report(step, looks)

        monkeypatch.setattr(verification, "Session", Session)
        monkeypatch.setattr(verification, "report_of", look)
        return connections

    return start


def run(**options: Any) -> Report:
    return verify(STACK, root=Path(), **options)


def test_one_look_without_a_deadline(play: Play) -> None:
    play(False, True)
    assert not run().passed


def test_the_first_proven_look_ends_it(play: Play) -> None:
    play(False, False, True, False)
    seen: list[int] = []
    result = run(deadline_seconds=60, progress=lambda one: seen.append(one.looks))
    assert result.passed
    assert seen == [1, 2, 3]


def test_the_deadline_ends_it_with_the_last_report(play: Play, clock: Clock) -> None:
    play(False)
    result = run(deadline_seconds=20)
    assert not result.passed
    assert clock.now <= 120.0


def test_without_a_deadline_a_refusal_is_said_at_once(play: Play, clock: Clock) -> None:
    play(REFUSED)
    with pytest.raises(CouldNotConnect):
        run()
    assert clock.now == 100.0


def test_a_refusal_from_the_start_is_said_soon_whatever_the_deadline(play: Play, clock: Clock) -> None:
    play(REFUSED)
    with pytest.raises(CouldNotConnect):
        run(deadline_seconds=600)
    assert clock.now <= 115.0


def test_a_broker_that_restarts_meanwhile_does_not_end_a_long_wait(play: Play) -> None:
    connections = play(False, *[REFUSED] * 12, True)
    assert run(deadline_seconds=600).passed
    assert len(connections) > 1


def test_an_unknown_check_is_refused() -> None:
    with pytest.raises(CouldNotRun) as caught:
        run(only={"lag", "speed"})
    assert "no check speed" in str(caught.value)
