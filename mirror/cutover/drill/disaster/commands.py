"""The operator's commands in the drill of the disaster: how they run, and what is judged of their reports."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mirror.cutover.drill.program import Program
from mirror.cutover.drill.run import READY_SECONDS
from mirror.exit_codes import PROVEN
from mirror.problems import CouldNotRun, one_line

LOOKS = 4
"""Looks of `status --watch` before the kill: the rate of the traffic is known from two of them."""
_LAST_CHARACTERS = 1_000


def run_command(argv: Sequence[str], folder: Path, fine: Sequence[int] = (PROVEN,)) -> str:
    """Run a command, and return its output. `fine`: exit codes that are no failure. Raises CouldNotRun."""
    done = subprocess.run(  # noqa: S603 - argv of this program, no shell
        list(argv), cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode not in fine:
        told = (done.stderr or done.stdout)[-_LAST_CHARACTERS:]
        raise CouldNotRun(
            f"running {' '.join(argv)}",
            f"it ended with {done.returncode}: {one_line(told)}",
            "see its message",
        )
    return done.stdout


class Watch:
    """Somebody watches the mirror, as the exporter does: a last look is some seconds old at most."""

    def __init__(self, argv: Sequence[str], folder: Path) -> None:
        self._looks = 0
        self._process = subprocess.Popen(list(argv), cwd=folder, stdout=subprocess.PIPE, text=True)  # noqa: S603
        self._thread = threading.Thread(target=self._listen, name="watch", daemon=True)
        self._thread.start()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._thread.join()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def wait(self, load: Program) -> None:
        """Wait for the first looks. Raises CouldNotRun."""
        deadline = time.monotonic() + READY_SECONDS
        while self._looks < LOOKS:
            load.check()
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise CouldNotRun(
                    "watching the mirror", "`status --watch` did not look at it", "run it by hand"
                )
            time.sleep(0.1)

    def _listen(self) -> None:
        for _ in self._process.stdout or ():
            self._looks += 1


def json_object(text: str, what: str) -> dict[str, Any]:
    """Read a command's JSON. Raises CouldNotRun."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise CouldNotRun(f"reading {what}", one_line(error), "run the command by hand") from error
    if not isinstance(found, dict):
        raise CouldNotRun(f"reading {what}", "it is no JSON object", "run the command by hand")
    return found


def of_failover(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return of the failover's report what is judged. Pure."""
    missing = found["missing"]
    return {
        "text": missing.get("text", ""),
        "missing_at_most_at_last_look": missing.get("missing_at_most_at_last_look"),
        "missing_at_most_estimate": missing.get("missing_at_most_estimate"),
        "groups": {
            name: {"state": one.get("state"), "rereads_at_most": one.get("rereads_at_most", 0)}
            for name, one in found["groups"].items()
        },
    }


def of_recover(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return of the recovery's report what is judged. Pure."""
    names = ("missing", "conflicts", "gone", "undecided", "recovered_before", "left", "source_fenced")
    groups = [{key: row[key] for key in ("group", "topic", "partition", "twice")} for row in found["groups"]]
    return {name: found[name] for name in names if name in found} | {"groups": groups}
