"""Several stacks at the same time, none longer than its limit, and one that fails hides no other."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from mirror.problems import CouldNotRun
from mirror.stacks.reading import AT_ONCE, ToRead, read_all
from mirror.stacks.rows import Live
from tests.unit.settings.sample import settings


def stacks(count: int) -> list[ToRead]:
    return [ToRead(f"s{number}", (settings(), settings()), Path()) for number in range(count)]


def test_a_stack_that_does_not_answer_is_unknown_and_delays_no_other() -> None:
    released = threading.Event()

    def look(stack: ToRead, _: float) -> tuple[Live, ...]:
        if stack.stack == "s1":
            released.wait(30)
        return (Live(deployed=True),) * 2

    started = time.monotonic()
    one, two, three = read_all(stacks(3), 0.3, look)
    released.set()
    assert time.monotonic() - started < 5
    assert one == three == (Live(deployed=True), Live(deployed=True))
    assert two == (Live(unread=("no answer within 0.3 s",)),) * 2


def test_only_so_many_are_read_at_once() -> None:
    lock, now, most = threading.Lock(), 0, 0

    def look(_: ToRead, __: float) -> tuple[Live, ...]:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.02)
        with lock:
            now -= 1
        return (Live(deployed=False),) * 2

    assert len(read_all(stacks(3 * AT_ONCE), 10, look)) == 3 * AT_ONCE
    assert 1 < most <= AT_ONCE


@pytest.mark.parametrize("error", [CouldNotRun("reading west", "forbidden", "ask"), KeyError("x")])
def test_an_error_is_the_reason_of_that_stack_alone(error: Exception) -> None:
    def look(stack: ToRead, _: float) -> tuple[Live, ...]:
        if stack.stack == "s0":
            raise error
        return (Live(deployed=True),) * 2

    broken, fine = read_all(stacks(2), 10, look)
    assert broken[0].unread
    assert broken[0].deployed is None
    assert fine[0].deployed
