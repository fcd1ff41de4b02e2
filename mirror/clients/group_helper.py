"""Sends requests about groups through a helper process that may crash.

librdkafka (2.16.0, the newest) ends its process in two requests that the verification needs:

- `AdminClient.list_consumer_group_offsets`, where a coordinator moved or is still loading
  (confluentinc/librdkafka#5040, #5315: `rd_kafka_handle_OffsetFetch` uses the consumer group of a client
  that has none);
- `AdminClient.list_groups`, on a connection whose broker stopped answering while the connection was open.

Both happen around the restart of a broker. Therefore a helper process sends these requests. If it crashes it
is started again, because the cause is temporary.

Requests and answers are lines of JSON on its stdin and stdout (`mirror.clients.group_server`). Credentials
are also sent on stdin, never in arguments or the environment. The helper exits when its stdin is closed, so
it exits with its parent.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from mirror.clients.access import ClusterAccess
from mirror.clients.msk_iam import portable
from mirror.problems import CouldNotRead

ANSWER_SECONDS = 40.0
# A coordinator that moved or is loading answers again within seconds.
ATTEMPTS = 8
PAUSE_SECONDS = 1.5
COMMAND = (sys.executable, "-m", "mirror.clients.group_server")
_PROJECT = Path(__file__).resolve().parent.parent.parent


class GroupHelper:
    """The helper process of one cluster, which is started on first use, or by `start`."""

    def __init__(self, access: ClusterAccess, command: Sequence[str] = COMMAND) -> None:
        self.access = access
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()
        self._closed = False

    def __enter__(self) -> GroupHelper:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the process before its first request: Python, imports and login take some tenths of a second.

        A process that cannot be started is reported by the first request.
        """
        with self._turn, contextlib.suppress(OSError):
            if self._process is None and not self._closed:
                self._start()

    def ask(self, request: object, reading: str) -> Any:
        """Return the answer to a request. `reading`: what it reads, for the message.

        Raises CouldNotRead where the helper crashes repeatedly, or was closed.
        """
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(PAUSE_SECONDS)
            with self._turn:
                answer = None if self._closed else self._ask(request)
            if answer is not None:
                return answer
            if self._closed:
                raise CouldNotRead(
                    f"reading {reading} on {self.access.describe()}",
                    "the connection was closed meanwhile, because something else could not be read",
                    "correct what could not be read, then try again",
                )
        raise CouldNotRead(
            f"reading {reading} on {self.access.describe()}",
            f"a broker restarted, or a coordinator moved or was loading, during {ATTEMPTS} attempts",
            "check the health of the brokers that lead __consumer_offsets, then try again",
        )

    def close(self) -> None:
        """Stop the helper process for good, also where another thread waits for its answer."""
        self._closed = True
        if (process := self._process) is not None:
            process.kill()  # whoever waits for its answer has the turn
        with self._turn:
            self._stop()

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()  # it only reads, and to close its client would take longer
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        process.wait()

    def _ask(self, request: object) -> Any:
        """The helper's answer; None where it crashed."""
        if self._process is not None and self._process.poll() is not None:
            self._stop()  # it exited because its last request got no answer
        process = self._process or self._start()
        line = b""
        try:
            _send(process, request)
            if process.stdout is not None:
                line = process.stdout.readline() if _ready(process.stdout, ANSWER_SECONDS) else b""
        except OSError:  # the helper has exited
            line = b""
        if not line.endswith(b"\n"):
            self._stop()
            return None
        return json.loads(line)

    def _start(self) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(filter(None, (str(_PROJECT), os.environ.get("PYTHONPATH"))))
        process = subprocess.Popen(  # noqa: S603 - a fixed command of this package
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
            # Ctrl-C must reach only the parent, which then stops the helper.
            start_new_session=True,
        )
        self._process = process
        if self._closed:  # meanwhile, by who has not seen it
            process.kill()
        with contextlib.suppress(OSError):  # _ask detects that it has exited
            _send(process, portable(self.access.client_config()))
        return process


def _ready(stream: IO[bytes], seconds: float) -> bool:
    """Whether the stream can be read within some seconds. `select.select` raises ValueError for a descriptor
    of 1,024 or more (`FD_SETSIZE`), which a process with many connections has.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        return bool(selector.select(seconds))


def _send(process: subprocess.Popen[bytes], message: object) -> None:
    if process.stdin is not None:
        process.stdin.write(json.dumps(message).encode() + b"\n")
        process.stdin.flush()
