"""Waits poll for a condition with a deadline; nothing sleeps and hopes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal, TypeVar

from tests.lab.support.side_by_side import labs_running

T = TypeVar("T")


def until(
    what: str, condition: Callable[[], T | Literal[False] | None], *, seconds: float, every: float = 0.5
) -> T:
    """The first truthy answer of `condition`, asked every `every` seconds.

    Raises AssertionError that names `what` and the last answer when `seconds` have passed, times the number
    of labs that share the machine.
    """
    seconds *= labs_running()
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s for {what}; last answer: {answer!r}")
        time.sleep(every)
