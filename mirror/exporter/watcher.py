"""Looks again and again in a thread of its own, and keeps what the last look saw.

A scrape never looks: it reads what is kept here. What a look saw is withdrawn when the next one cannot be
taken, and when none has ended for so long that old figures would be taken for fresh.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from manifests.monitoring import metrics
from mirror.exporter.samples import Samples
from mirror.problems import CouldNotRun, one_line

STALE_LOOKS = 3
"""Figures are withdrawn when no look has ended for so many intervals, or times what the last one took."""
HUNG_SECONDS = 900.0
"""The exporter is not well when no look has ended for so long; Kafka's own time-outs are shorter."""
_STOP_SECONDS = 10.0


class WatchClock(Protocol):
    """The module `time`, or a test's."""

    def time(self) -> float: ...

    def monotonic(self) -> float: ...


@dataclass(frozen=True, slots=True)
class _Ended:
    """A look that has ended, at `at` of the monotonic clock; without samples where it could not be taken."""

    at: float
    seconds: float
    samples: Samples | None


class Watcher:
    """One mirror. `look` takes a look and translates it; `say` tells people what keeps it from that."""

    def __init__(
        self,
        mirror: str,
        look: Callable[[], Samples],
        every: float,
        *,
        say: Callable[[str], None],
        clock: WatchClock = time,
    ) -> None:
        self.mirror = mirror
        self._take = look
        self._every = every
        self._say = say
        self._clock = clock
        self._began = clock.monotonic()
        self._lock = threading.Lock()
        self._last: _Ended | None = None
        self._last_success: float | None = None
        self._looks = self._failures = 0
        self._reason = ""
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"look {mirror}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> bool:
        """Ends after the look under way. False where that takes too long: the process ends without it."""
        self._ends.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)
        return not self._thread.is_alive()

    @property
    def well(self) -> bool:
        """Whether looks end, with whatever result: a cluster that is away does not make it unwell."""
        with self._lock:
            since = self._began if self._last is None else self._last.at
            seconds = 0.0 if self._last is None else self._last.seconds
        limit = max(HUNG_SECONDS, STALE_LOOKS * max(self._every, seconds))
        return self._thread.is_alive() and self._clock.monotonic() - since < limit

    def samples(self) -> Samples:
        """All that may be said now."""
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
        return found | (seen or {})

    def _fresh(self, last: _Ended) -> bool:
        return self._clock.monotonic() - last.at < STALE_LOOKS * max(self._every, last.seconds)

    def _run(self) -> None:
        while not self._ends.is_set():
            began = self._clock.monotonic()
            self.look()
            self._ends.wait(max(0.0, began + self._every - self._clock.monotonic()))

    def look(self) -> None:
        """One look; whatever happens to it is kept, and nothing is raised."""
        at, began = self._clock.time(), self._clock.monotonic()
        samples: Samples | None = None
        reason = ""
        try:
            samples = self._take()
        except CouldNotRun as error:
            reason = one_line(f"{error.tried}: {error.happened}")
        except Exception as error:
            reason = f"an error in region-mirror itself ({type(error).__name__}: {one_line(error)})"
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
            self._say(f"{self.mirror}: could not look: {reason}" if reason else f"{self.mirror}: looks again")
        self._reason = reason
