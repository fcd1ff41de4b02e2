"""Waits for a supervised process to be of use, and says what it said when it never is."""

import time
from collections import deque
from collections.abc import Callable

import psutil

from lab.errors import LabError
from lab.files import read_json
from lab.layout import Lab
from lab.processes import ProcessSpec, digest_of, find

DEADLINE_SECONDS = 120.0
"""A loaded machine takes four times as long as a quiet one, where everything is ready in ten seconds."""

_LOOK_SECONDS = 0.15
_HOPELESS_RESTARTS = 6
_LAST_LINES = 15


def wait_ready(
    lab: Lab, spec: ProcessSpec, unready: Callable[[], str | None], deadline_seconds: float = DEADLINE_SECONDS
) -> None:
    """Wait until the process runs as declared and `unready` finds nothing amiss.

    Raises `LabError` with the log's last lines when the deadline passes, or when it keeps ending by itself.
    """
    until = time.monotonic() + deadline_seconds
    restarts = _restarts(lab, spec.name)
    process: psutil.Process | None = None
    while True:
        if process is None or not process.is_running():
            process = find(lab, spec.name)
        if process is None:
            reason: str | None = "it does not run"
        elif digest_of(process) != spec.digest:
            reason, process = "it still runs as it was declared before", None
        else:
            reason = unready()
        if reason is None:
            return
        if time.monotonic() > until:
            raise LabError(_message(lab, spec.name, f"is not ready after {deadline_seconds:.0f} s: {reason}"))
        if _restarts(lab, spec.name) - restarts >= _HOPELESS_RESTARTS:
            raise LabError(_message(lab, spec.name, f"ends by itself again and again; {reason}"))
        time.sleep(_LOOK_SECONDS)


def wait_gone(lab: Lab, name: str, deadline_seconds: float = DEADLINE_SECONDS) -> None:
    """Wait until a withdrawn process has ended. Raises `LabError` when the deadline passes."""
    until = time.monotonic() + deadline_seconds
    while find(lab, name) is not None:
        if time.monotonic() > until:
            raise LabError(_message(lab, name, f"still runs after {deadline_seconds:.0f} s"))
        time.sleep(_LOOK_SECONDS)


def last_lines(lab: Lab, name: str) -> str:
    """The end of a process's log, indented; empty when there is none."""
    try:
        with lab.log(name).open(errors="replace") as log:
            return "".join(f"    {line.rstrip()[:240]}\n" for line in deque(log, _LAST_LINES))
    except FileNotFoundError:
        return ""


def _message(lab: Lab, name: str, what: str) -> str:
    lines = last_lines(lab, name)
    return f"{name} {what}\n  its log: {lab.log(name)}\n{lines or '    (empty)'}".rstrip()


def _restarts(lab: Lab, name: str) -> int:
    record = read_json(lab.run / f"{name}.json")
    return int(record.get("restarts", 0)) if isinstance(record, dict) else 0
