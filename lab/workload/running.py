"""What the running processes have in common: a clean end on SIGTERM, lines of progress, stale logins."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from types import FrameType

from confluent_kafka import KafkaError

STOP_SECONDS = 3.0
"""After SIGTERM a process of the workload is gone within this time, whatever the brokers do."""

PROGRESS_SECONDS = 30.0
LOGIN_PATIENCE_SECONDS = 15.0


def say(line: str) -> None:
    """One line for the log."""
    print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}", flush=True)


class Stopping(threading.Event):
    """Set when SIGTERM or SIGINT has arrived. The process is ended by force if it then takes too long."""

    def listen(self) -> Stopping:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._arrived)
        return self

    def _arrived(self, number: int, _: FrameType | None) -> None:
        if not self.is_set():
            self.set()
            guard = threading.Timer(STOP_SECONDS - 0.2, _end_by_force)
            guard.daemon = True
            guard.start()


def _end_by_force() -> None:
    say("did not end in time (do the brokers answer?): ended by force; Kafka aborts what was open")
    os._exit(1)


class Progress:
    """Says every 30 s what has happened."""

    def __init__(self) -> None:
        self._next = time.monotonic() + PROGRESS_SECONDS

    def due(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + PROGRESS_SECONDS
        return True


class Logins:
    """Notices when brokers keep refusing a login: only a new process reads the Secret again."""

    def __init__(self) -> None:
        self._refused_since: float | None = None
        self._reason = ""

    def error(self, error: KafkaError) -> None:
        """librdkafka's error callback."""
        if error.code() == KafkaError._AUTHENTICATION:
            self._refused_since = self._refused_since or time.monotonic()
            self._reason = error.str()

    def worked(self) -> None:
        self._refused_since = None

    def check(self) -> None:
        """End the process when logins have been refused for a while; the supervisor starts it again."""
        if self._refused_since and time.monotonic() - self._refused_since > LOGIN_PATIENCE_SECONDS:
            say(
                f"login refused for {LOGIN_PATIENCE_SECONDS:.0f} s ({self._reason}): "
                "ending, to start again with the Secret as it is now"
            )
            sys.exit(1)
