"""What the experiments saw, kept until each right's own test asks for it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from tests.lab.rights.table import Key

_log = logging.getLogger(__name__)

Part = Literal["broken", "mended"]


@dataclass
class Outcomes:
    """Of one experiment: for each right, whether it broke as told, and whether it was mended."""

    _seen: dict[tuple[Key, Part], Exception | None] = field(default_factory=dict)

    @contextmanager
    def of(self, part: Part, *keys: Key) -> Iterator[None]:
        """Keep what fails herein for the rights' own tests, and let the experiment go on.

        Without a right it is about what lacks nothing: its failure ends the experiment.
        """
        try:
            yield
        except Exception as error:
            if not keys:
                raise
            _log.warning("not %s as told: %s: %s", part, _named(keys), str(error)[:500])
            for key in keys:
                self._seen[(key, part)] = self._seen.get((key, part)) or error
        else:
            if keys:
                _log.info("%s as told: %s", part, _named(keys))
            for key in keys:
                self._seen.setdefault((key, part), None)

    def judge(self, key: Key, part: Part) -> None:
        """Fail as the experiment did; AssertionError where it never came to this."""
        assert (key, part) in self._seen, f"the experiment never looked whether {key} is {part}"
        error = self._seen[(key, part)]
        if error is not None:
            raise error


class Experiments:
    """Runs some experiments at a time, in the order given, and says which right belongs to which."""

    def __init__(self, at_once: int) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="experiment")
        self._futures: dict[Key, Future[Outcomes]] = {}
        self.given_up = threading.Event()

    def add(self, experiment: Callable[[], Outcomes], *keys: Key) -> None:
        """Run it when its turn comes."""

        def run() -> Outcomes:
            assert not self.given_up.is_set(), "the run was ended before this experiment"
            began = time.monotonic()
            try:
                return experiment()
            finally:
                _log.info("%.0f s for %s", time.monotonic() - began, _named(keys))

        future = self._pool.submit(run)
        for key in keys:
            assert key not in self._futures, f"{key} belongs to two experiments"
            self._futures[key] = future

    @property
    def keys(self) -> set[Key]:
        """The rights that are tried."""
        return set(self._futures)

    def judge(self, key: Key, part: Part, seconds: float) -> None:
        """Wait for the right's experiment and fail as it did."""
        self._futures[key].result(seconds).judge(key, part)

    def close(self) -> None:
        """Start no more; those that run end with their workers."""
        self.given_up.set()
        self._pool.shutdown(wait=True, cancel_futures=True)


def _named(keys: Sequence[Key]) -> str:
    more = f" and {len(keys) - 1} more" if keys[1:] else ""
    return f"{keys[0][2]} on {keys[0][1]} of the {keys[0][0]} user{more}"
