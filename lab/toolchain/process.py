"""Commands of the set-up, each in a process group of its own, all ended when the set-up ends."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_GRACE = 5.0  # seconds between asking a group to end and killing it
_TAIL = 15  # log lines shown with a failure


class StepFailed(Exception):
    """A command of a step failed: which, how it ended, its last lines and where the rest is."""

    def __init__(self, command: str, code: int, tail: Sequence[str], log: Path) -> None:
        super().__init__(f"{command} ended with {code}")
        self.command = command
        self.code = code
        self.tail = tuple(tail)
        self.log = log


class Stopped(Exception):
    """The set-up is being ended; no command is started any more."""


class Children:
    """The commands that run now. Used from the steps' threads and the main thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def run(self, command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], log: Path) -> None:
        """Runs a command to its end with its output appended to `log`.

        Raises `StepFailed` when it fails, `Stopped` when `stop` was called meanwhile.
        """
        text = shlex.join(str(part) for part in command)
        with open(log, "ab") as output:
            output.write(f"$ {text}\n".encode())
            output.flush()
            with self._lock:
                if self._stopped:
                    raise Stopped
                child = subprocess.Popen(
                    [str(part) for part in command],
                    cwd=cwd,
                    env=dict(env),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C reaches only us, and ends the whole group through `stop`
                )
                self._running.add(child)
            try:
                code = child.wait()
            finally:
                with self._lock:
                    self._running.discard(child)
        if self._stopped:
            raise Stopped
        if code:
            raise StepFailed(text, code, last_lines(log, _TAIL), log)

    def stop(self) -> None:
        """Ends every command with all that it started; returns when they are gone."""
        with self._lock:
            self._stopped = True
            children = list(self._running)
        for child in children:
            _signal(child, signal.SIGTERM)
        deadline = time.monotonic() + _GRACE
        for child in children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, deadline - time.monotonic()))
        for child in children:
            # The group may outlive its first process, so it is killed in any case.
            _signal(child, signal.SIGKILL)
            child.wait()


def last_lines(log: Path, count: int) -> list[str]:
    """The last lines of a log that say something; empty when there is no log."""
    try:
        with open(log, "rb") as handle:
            handle.seek(0, os.SEEK_END)
            handle.seek(max(0, handle.tell() - 16384))
            lines = handle.read().decode(errors="replace").splitlines()
    except OSError:
        return []
    return [line.rstrip() for line in lines if line.strip()][-count:]


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)
