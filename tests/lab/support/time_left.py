"""The time that a run of the lab's tests has: which test is not started any more, and when one is stopped.

CI ends a run at a fixed time, and then knows nothing of it: neither what failed, nor what hung.
"""

from __future__ import annotations

END_BY = "REGION_MIRROR_LAB_TESTS_END_BY"
"""A value of `time.monotonic()`, which no correction of the clock moves: tests that have not started
ROOM_SECONDS before are skipped and named; one that runs then is stopped, and fails with the place where it
waits.
"""

ROOM_SECONDS = 300.0
"""What a test may take on a slow machine, with the set-up before it and what comes after the last one."""


def may_start(now: float, end_by: float) -> bool:
    """Whether a test may start at `now`; `end_by` may be infinite."""
    return now + ROOM_SECONDS <= end_by


def limit_seconds(own: float, now: float, end_by: float) -> float:
    """The seconds after which a test that starts at `now` is stopped: its own limit, or what is left.

    A test is never given less than a second: pytest-timeout reads 0 as "no limit".
    """
    return max(1.0, min(own, end_by - now))
