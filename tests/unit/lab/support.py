"""Small processes of a lab, and waiting for what they do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lab.layout import PROJECT, Lab
from lab.processes import ProcessSpec, Stage, environment

Until = Callable[[Callable[[], object]], None]

SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('deaf', flush=True); time.sleep(600)",
)


def until_true(what: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until `what` is true; fail the test when it is not in time."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def sleeper(name: str, argv: tuple[str, ...] = SLEEP, stage: int = Stage.CLIENT) -> ProcessSpec:
    return ProcessSpec(name=name, argv=argv, stop_seconds=0.5, stage=stage)


def start(lab: Lab, name: str, argv: tuple[str, ...] = SLEEP) -> subprocess.Popen[bytes]:
    """Start a process of the lab as a killed supervisor would have left it: alive and in its own session.

    Linux shows the environment of a process a moment after `exec` has let Popen go on.
    """
    env = {**os.environ, **environment(lab, name, sleeper(name, argv).digest)}
    process = subprocess.Popen(argv, env=env, start_new_session=True, stdout=subprocess.PIPE)
    until_true(lambda: Path(f"/proc/{process.pid}/environ").read_bytes())
    return process


def supervise(lab: Lab) -> subprocess.Popen[bytes]:
    """The lab's supervisor, as `up` starts it."""
    lab.logs.mkdir(exist_ok=True)
    with lab.log("supervisor").open("ab") as output:
        return subprocess.Popen(
            (sys.executable, "-m", "lab.supervisor"),
            cwd=PROJECT,
            env={**os.environ, **environment(lab, "supervisor", "test")},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
