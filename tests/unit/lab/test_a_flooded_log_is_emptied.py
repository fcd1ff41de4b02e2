"""A process that logs without an end fills no disk, and what it said first is kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lab import logs
from lab.layout import Lab
from lab.processes import declare
from tests.unit.lab.support import Until, sleeper, supervise

SAYS = 'import time; print("the reason", flush=True); time.sleep(600)'


def test_its_beginning_is_kept_and_its_process_goes_on_in_it(tmp_path: Path) -> None:
    log = tmp_path / "pods" / "worker.log"
    log.parent.mkdir()
    with log.open("ab", buffering=0) as process:
        process.write(b"the reason\n" + b"x" * 100)
        assert logs.empty_flooded(tmp_path, largest=50) == [log]
        process.write(b"later\n")
        assert log.read_bytes() == b"later\n"
        process.write(b"y" * 100)
        assert logs.empty_flooded(tmp_path, largest=50) == [log]
    aside = log.with_name("worker.log.1")
    assert aside.read_bytes().startswith(b"the reason\n")
    assert aside.stat().st_mode & 0o777 == 0o600
    assert logs.empty_flooded(tmp_path, largest=50) == []


def test_a_log_within_the_bounds_stays(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_bytes(b"x" * 50)
    assert logs.empty_flooded(tmp_path, largest=50) == []
    assert log.stat().st_size == 50


def test_the_supervisor_looks_at_them(lab: Lab, until: Until) -> None:
    supervisor = supervise(lab)
    try:
        declare(lab, sleeper("one", (sys.executable, "-c", SAYS)))
        log = lab.log("one")
        until(lambda: log.exists() and log.read_text() == "the reason\n")
        os.truncate(log, logs.LARGEST + 1)
        until(lambda: "one: flooded, emptied" in lab.log("supervisor").read_text())
        assert log.stat().st_size == 0
        with log.with_name("one.log.1").open() as aside:
            assert aside.readline() == "the reason\n"
    finally:
        supervisor.kill()
        supervisor.wait()
