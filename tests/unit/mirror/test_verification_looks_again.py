"""verify(): looks until it is proven or the deadline has come; what cannot be looked at is said soon."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mirror import verification
from mirror.observe.model import Topic, TopicPartition
from mirror.observe.observer import Observation
from mirror.problems import CouldNotConnect, CouldNotRead, CouldNotRun
from mirror.report import CHECKS, CheckResult, Finding, Report
from mirror.verification import judge, verify
from tests.unit.mirror.made_up import NOW, settings

STACK = settings()
REFUSED = CouldNotConnect("connecting", "refused", "wait")


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

            def look(self, names: object, looks: int) -> Report:
                step = left.pop(0) if len(left) > 1 else left[0]
                if isinstance(step, CouldNotRun):
                    raise step
                return report(step, looks)

        monkeypatch.setattr(verification, "_Session", Session)
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


ORDERS = {"orders": Topic("orders", 2, 1)}


def judged(seen: Observation, *names: str) -> dict[str, CheckResult]:
    return {one.name: one for one in judge(STACK, names or CHECKS, {}, seen, NOW)}


def test_a_part_that_could_not_be_read_fails_its_checks_and_no_other() -> None:
    reason = CouldNotRead("reading positions", "no such topic", "look at the worker")
    results = judged(Observation(ORDERS, ORDERS, {"orders": "orders"}, lags=reason, tails=reason))
    assert results["lag"].findings[0].message == "reading positions: no such topic"
    assert not results["tail-matches"].passed
    assert results["topics-present"].passed
    assert results["groups-translated"].passed


def test_an_error_in_a_check_is_a_failure_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> CheckResult:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(verification.lag, "judge", broken)
    results = judged(Observation(ORDERS, ORDERS, {"orders": "orders"}))
    assert not results["lag"].passed
    assert "ZeroDivisionError: oops" in results["lag"].findings[0].message
    assert results["tail-matches"].passed


def test_an_absent_topic_is_one_finding_of_topics_present() -> None:
    absent = (TopicPartition("orders", 0), TopicPartition("orders", 1))
    seen = Observation(ORDERS, {}, {"orders": "orders"}, absent)
    results = judged(seen)
    assert not results["topics-present"].passed
    assert results["tail-matches"].passed
    assert "not looked at: 2 partitions" in results["tail-matches"].summary
    assert not judged(seen, "tail-matches")["tail-matches"].passed
