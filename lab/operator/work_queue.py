"""A keyed work queue: a key is worked on by one thread at a time, and asked for twice is done once."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from lab.operator.kube import Unreachable

log = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS = 1.0
_LONGEST_RETRY_SECONDS = 10.0


class TryLater(Exception):
    """Something that has to be there is not there yet; the message says what."""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """One resource to reconcile."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


class WorkQueue:
    """Calls `reconcile(key)` for every key added, and again after a while when it failed."""

    def __init__(self, reconcile: Callable[[Key], None], threads: int) -> None:
        self._reconcile = reconcile
        self._changed = threading.Condition()
        self._due: dict[Key, float] = {}
        self._working: set[Key] = set()
        self._failures: dict[Key, int] = {}
        self._stopped = False
        self._threads = [
            threading.Thread(target=self._work, name=f"reconcile-{index}", daemon=True)
            for index in range(threads)
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def add(self, key: Key, after_seconds: float = 0.0) -> None:
        """Reconcile the key, at the earliest in `after_seconds`."""
        due = time.monotonic() + after_seconds
        with self._changed:
            self._due[key] = min(due, self._due.get(key, due))
            self._changed.notify()

    def stop(self) -> None:
        """Take up no more work. What is being done is left to end with the process: it can be done again."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _work(self) -> None:
        while (key := self._next()) is not None:
            failed = not self._attempt(key)
            with self._changed:
                self._working.discard(key)
                self._failures[key] = self._failures.get(key, 0) + 1 if failed else 0
                retries = self._failures[key]
                self._changed.notify()
            if failed:
                self.add(key, min(_FIRST_RETRY_SECONDS * 2 ** (retries - 1), _LONGEST_RETRY_SECONDS))

    def _next(self) -> Key | None:
        with self._changed:
            while not self._stopped:
                now = time.monotonic()
                ready = [(due, key) for key, due in self._due.items() if key not in self._working]
                if ready and min(ready)[0] <= now:
                    key = min(ready)[1]
                    del self._due[key]
                    self._working.add(key)
                    return key
                self._changed.wait(min(ready)[0] - now if ready else None)
            return None

    def _attempt(self, key: Key) -> bool:
        try:
            self._reconcile(key)
        except TryLater as problem:
            log.info("%s: %s; will try again", key, problem)
            return False
        except Unreachable as problem:
            log.warning("%s: the API server did not do it: %s; will try again", key, problem)
            return False
        except Exception:
            log.exception("%s: failed; will try again", key)
            return False
        return True
