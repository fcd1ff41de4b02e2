"""SIGTERM ends a process of the workload within three seconds, also when the brokers hold it up."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from lab.layout import PROJECT
from lab.workload.running import STOP_SECONDS

WILLING = """
from lab.workload.running import Stopping
stopping = Stopping().listen()
print("ready", flush=True)
stopping.wait()
"""
HELD_UP = """
import time
from lab.workload.running import Stopping
Stopping().listen()
print("ready", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize(("program", "code"), [(WILLING, 0), (HELD_UP, 1)], ids=["willing", "held-up"])
def test_it_ends(program: str, code: int) -> None:
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        told = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == code
        assert time.monotonic() - told < STOP_SECONDS
