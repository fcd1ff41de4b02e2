"""What the running processes have in common: a clean end on SIGTERM, lines of progress, lost brokers."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from typing import NoReturn

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
        """Take over the two signals; to be called from the main thread, before clients are made."""
        signals = {signal.SIGTERM, signal.SIGINT}
        # Not a handler: that would have to wait until the main thread comes back from librdkafka.
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        threading.Thread(target=self._wait, args=(signals,), name="signals", daemon=True).start()
        return self

    def _wait(self, signals: set[signal.Signals]) -> None:
        signal.sigwait(signals)
        self.set()
        time.sleep(STOP_SECONDS - 0.4)
        say("did not end in time (do the brokers answer?): ended by force; Kafka aborts what was open")
        end_now(1)


def end_now(code: int) -> NoReturn:
    """End without tidying up: librdkafka's destructors wait for brokers that may never answer."""
    sys.stdout.flush()
    os._exit(code)


class Progress:
    """Says every 30 s what has happened."""

    def __init__(self) -> None:
        self._next = time.monotonic() + PROGRESS_SECONDS

    def due(self) -> bool:
        """Whether the next line is due; at most every PROGRESS_SECONDS."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + PROGRESS_SECONDS
        return True


class Brokers:
    """How the brokers answer a process: says once when they stop and once when they are back.

    librdkafka repeats "connection refused" twenty times a second, so its own log is off (see connection.py).
    """

    def __init__(self) -> None:
        self._silent_since: float | None = None
        self._refused_since: float | None = None
        self._reason = ""

    def error(self, error: KafkaError) -> None:
        """librdkafka's error callback."""
        now = time.monotonic()
        if error.code() in (KafkaError._AUTHENTICATION, KafkaError._SSL):
            self._refused_since = self._refused_since or now
            self._reason = error.str()
        elif error.code() == KafkaError._ALL_BROKERS_DOWN and self._silent_since is None:
            self._silent_since = now
            say("the brokers do not answer: waiting")

    def answered(self) -> None:
        """Something was delivered or read."""
        self._refused_since = None
        if self._silent_since is not None:
            say(f"the brokers answer again, after {time.monotonic() - self._silent_since:.0f} s")
            self._silent_since = None

    def check(self) -> None:
        """End the process when logins, or the broker's certificate, stay refused: only a new one reads the
        Secrets again.
        """
        if self._refused_since and time.monotonic() - self._refused_since > LOGIN_PATIENCE_SECONDS:
            say(f"login refused for {LOGIN_PATIENCE_SECONDS:.0f} s ({self._reason}): ending")
            raise SystemExit(1)
