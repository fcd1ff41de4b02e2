"""Waits for a condition, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable

_POLL_SECONDS = 0.5


def until(late: Callable[[], str], seconds: float, sleep: Callable[[float], None] = time.sleep) -> str:
    """Call `late` until it returns an empty text, or for so long. Return its last text: why it is not so."""
    deadline = time.monotonic() + seconds
    while (reason := late()) and time.monotonic() < deadline:
        sleep(_POLL_SECONDS)
    return reason
