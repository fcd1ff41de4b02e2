"""The process for which a lab exists, such as a run of the tests.

A test run, a drill or a bench that is killed cannot take its lab down any more. So `up --while PID` notes the
process, and the lab's supervisor runs `down` once that process has ended.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from dataclasses import dataclass

import psutil

from lab.errors import LabError
from lab.files import read_json, write_json
from lab.layout import LAB_VARIABLE, PROJECT, Lab
from lab.processes import PROCESS_VARIABLE

log = logging.getLogger("lab.owner")

SAME_SECONDS = 60.0
"""Two starts of a process id that are closer than this are the same process: no system gives a number away
again so soon.
"""

AGAIN_SECONDS = 5.0
"""Pause before `down` is run again: an `up` that goes on without its owner holds the lab for a while."""


def note_owner(lab: Lab, pid: int | None) -> None:
    """Note the process whose end is the lab's; None: the lab belongs to a person. Raises LabError."""
    if pid is None:
        lab.owner_file.unlink(missing_ok=True)
        return
    try:
        started = since_boot(psutil.Process(pid))
    except psutil.NoSuchProcess as problem:
        raise LabError(f"--while {pid}: there is no such process") from problem
    write_json(lab.owner_file, {"pid": pid, "started": started})


def since_boot(process: psutil.Process) -> float:
    """Seconds from the start of the machine to that of the process. The time of day of either changes when
    the clock is corrected, which would make each owner look like another process. Raises NoSuchProcess.
    """
    return process.create_time() - psutil.boot_time()


def abandoned(lab: Lab) -> bool:
    """Whether the lab has an owner that has ended. A process id that was given to another process since does
    not count as the owner.
    """
    noted = read_json(lab.owner_file)
    if not isinstance(noted, dict) or "started" not in noted:
        return False  # nothing, or what another version of the lab has noted
    try:
        owner = psutil.Process(noted["pid"])
        another = abs(since_boot(owner) - noted["started"]) > SAME_SECONDS
        return another or bool(owner.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


@dataclass(slots=True)
class TakeDown:
    """Runs `down` for a lab without an owner, again until the lab is gone. `down` ends the supervisor."""

    lab: Lab
    _running: subprocess.Popen[bytes] | None = None
    _not_before: float = 0.0

    def look(self) -> None:
        """Start `down` if the owner has ended. Never waits."""
        if self._running is not None:
            if self._running.poll() is None:
                return
            log.warning("down: ended with %d, again in %.0f s", self._running.returncode, AGAIN_SECONDS)
            self._running, self._not_before = None, time.monotonic() + AGAIN_SECONDS
        if time.monotonic() < self._not_before or not abandoned(self.lab):
            return
        log.warning("the process for which this lab was started has ended: down")
        environment = {name: value for name, value in os.environ.items() if name != PROCESS_VARIABLE}
        with self.lab.log("down").open("ab") as output:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "lab", "down"],
                cwd=PROJECT,
                env={**environment, LAB_VARIABLE: str(self.lab.root)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
