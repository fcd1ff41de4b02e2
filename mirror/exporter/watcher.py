"""Observes one mirror periodically in a thread of its own, and keeps the samples of the last look.

A scrape never contacts a cluster: it reads the kept samples. They are withdrawn if the next look fails, and
if no look has finished for so long that old values would look current.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from manifests.monitoring import metrics
from mirror.exporter.samples import Samples
from mirror.text.failures import reason_of

STALE_LOOKS = 3
"""Samples are withdrawn after this many intervals (or durations of the last look) without a finished look."""
HUNG_SECONDS = 900.0
"""`/healthz` fails after so long without a finished look; Kafka's own timeouts are shorter."""
_STOP_SECONDS = 10.0


class WatchClock(Protocol):
    """The module `time`, or a test's."""

    def time(self) -> float:
        """Return seconds since the epoch."""
        ...

    def monotonic(self) -> float:
        """Return seconds of a clock that never goes back."""
        ...


@dataclass(frozen=True, slots=True)
class _Ended:
    """A finished look. `at`: on the monotonic clock. `samples`: None if the look failed."""

    at: float
    seconds: float
    samples: Samples | None


class Watcher:
    """Watches one mirror. `look` returns samples of one observation; `say` prints failures and recovery;
    `more` returns samples that no failed look withdraws, and `well` tells whether what makes them is."""

    def __init__(
        self,
        mirror: str,
        look: Callable[[], Samples],
        every: float,
        *,
        say: Callable[[str], None],
        clock: WatchClock = time,
        more: Callable[[], Samples] = dict,
        well: Callable[[], bool] = lambda: True,
    ) -> None:
        self.mirror = mirror
        self._take = look
        self._every = every
        self._say = say
        self._clock = clock
        self._more = more
        self._others_well = well
        self._began = clock.monotonic()
        self._lock = threading.Lock()
        self._last: _Ended | None = None
        self._last_success: float | None = None
        self._looks = self._failures = 0
        self._reason = ""
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"look {mirror}", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> bool:
        """Stop after the current look. Return False if that takes longer than 10 seconds."""
        self._ends.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)
        return not self._thread.is_alive()

    @property
    def well(self) -> bool:
        """Whether looks finish, successfully or not: an unreachable cluster does not count."""
        with self._lock:
            since = self._began if self._last is None else self._last.at
            seconds = 0.0 if self._last is None else self._last.seconds
        limit = max(HUNG_SECONDS, STALE_LOOKS * max(self._every, seconds))
        looks = self._thread.is_alive() and self._clock.monotonic() - since < limit
        return looks and self._others_well()

    def samples(self) -> Samples:
        """Return the samples that are valid now."""
        with self._lock:
            last, success, looks, failures = self._last, self._last_success, self._looks, self._failures
        fresh = last is not None and self._fresh(last)
        seen = last.samples if last is not None and fresh else None
        found: Samples = {
            metrics.LOOK_SUCCESS: {(): float(seen is not None)},
            metrics.LOOK_INTERVAL: {(): self._every},
            metrics.LOOKS: {(): float(looks)},
            metrics.LOOK_FAILURES: {(): float(failures)},
        }
        if last is not None:
            found[metrics.LOOK_DURATION] = {(): last.seconds}
        if success is not None:
            found[metrics.LOOK_LAST_SUCCESS] = {(): success}
        return found | self._more() | (seen or {})

    def _fresh(self, last: _Ended) -> bool:
        return self._clock.monotonic() - last.at < STALE_LOOKS * max(self._every, last.seconds)

    def _run(self) -> None:
        while not self._ends.is_set():
            began = self._clock.monotonic()
            self.look()
            self._ends.wait(max(0.0, began + self._every - self._clock.monotonic()))

    def look(self) -> None:
        """Look once and keep the result; a failure is kept and printed, not raised."""
        at, began = self._clock.time(), self._clock.monotonic()
        samples: Samples | None = None
        reason = ""
        try:
            samples = self._take()
        except Exception as error:
            reason = reason_of(error)
        ended = self._clock.monotonic()
        with self._lock:
            self._last = _Ended(ended, ended - began, samples)
            self._looks += 1
            if samples is None:
                self._failures += 1
            else:
                self._last_success = at
        self._tell(reason)

    def _tell(self, reason: str) -> None:
        if reason != self._reason:
            self._say(
                f"{self.mirror}: look failed: {reason}" if reason else f"{self.mirror}: looks succeed again"
            )
        self._reason = reason
