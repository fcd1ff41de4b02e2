"""Waits for a condition, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Protocol

_FIRST_PAUSE_SECONDS = 0.05
_GROWTH = 1.5
_POLL_SECONDS = 0.5


class Clock(Protocol):
    """The module `time`, or a test's."""

    def time(self) -> float:
        """Return seconds since the epoch."""
        ...

    def monotonic(self) -> float:
        """Return seconds of a clock that is never set back."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Wait that long."""
        ...


def pauses(longest: float) -> Iterator[float]:
    """Yield the seconds between two polls: short ones first, each half longer than the last, up to `longest`.

    What is done at once is noticed at once, and what takes long is not asked for all the time.
    """
    pause = min(_FIRST_PAUSE_SECONDS, longest)
    while True:
        yield pause
        pause = min(_GROWTH * pause, longest)


def until(late: Callable[[], str], seconds: float, sleep: Callable[[float], None] = time.sleep) -> str:
    """Call `late` until it returns an empty text, or for so long. Return its last text: why it is not so."""
    deadline, pause = time.monotonic() + seconds, pauses(_POLL_SECONDS)
    while (reason := late()) and time.monotonic() < deadline:
        sleep(next(pause))
    return reason
