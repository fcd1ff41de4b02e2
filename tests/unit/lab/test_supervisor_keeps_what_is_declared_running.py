"""Declared processes run; killed they run again; withdrawn they end; declared anew they are replaced."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator

import pytest

from lab.layout import Lab
from lab.processes import declare, statuses, withdraw
from tests.unit.lab.support import SLEEP, STUBBORN, Until, sleeper, supervise

Pids = Callable[[], dict[str, list[int]]]


@pytest.fixture
def supervised(lab: Lab) -> Iterator[Lab]:
    supervisor = supervise(lab)
    yield lab
    supervisor.kill()
    supervisor.wait()


def test_a_declared_process_runs_and_a_withdrawn_one_ends(supervised: Lab, pids: Pids, until: Until) -> None:
    declare(supervised, sleeper("one"))
    until(lambda: "one" in pids())
    withdraw(supervised, "one")
    until(lambda: "one" not in pids())


def test_a_killed_process_runs_again_and_the_restart_is_counted(
    supervised: Lab, pids: Pids, until: Until
) -> None:
    declare(supervised, sleeper("one"))
    until(lambda: "one" in pids())
    (killed,) = pids()["one"]
    os.kill(killed, signal.SIGKILL)
    until(lambda: pids().get("one", [killed]) != [killed])
    (status,) = [status for status in statuses(supervised) if status.name == "one"]
    assert (status.state, status.restarts) == ("running", 1)


def test_a_process_declared_anew_is_replaced_though_it_ignores_sigterm(
    supervised: Lab, pids: Pids, until: Until
) -> None:
    declare(supervised, sleeper("one", STUBBORN))
    until(lambda: "one" in pids() and "deaf" in supervised.log("one").read_text())
    old = pids()["one"]
    declare(supervised, sleeper("one", SLEEP))
    until(lambda: pids().get("one", old) != old)


def test_a_process_that_fails_is_tried_less_and_less_often(supervised: Lab, until: Until) -> None:
    declare(supervised, sleeper("one", (sys.executable, "-c", "print('tried', flush=True); exit(3)")))
    until(lambda: "starting again in 1.0 s" in supervised.log("supervisor").read_text())
    log = supervised.log("supervisor").read_text()
    assert "one: ended by itself (exit code 3), starting again in 0.5 s" in log
    assert supervised.log("one").read_text().count("tried") == 2


def test_a_command_that_is_not_there_is_reported_and_harms_no_other(
    supervised: Lab, pids: Pids, until: Until
) -> None:
    declare(supervised, sleeper("absent", ("/no/such/program",)))
    declare(supervised, sleeper("one"))
    until(lambda: "one" in pids())
    until(lambda: "absent: cannot be started" in supervised.log("supervisor").read_text())


def test_a_declaration_that_makes_no_sense_is_left_out(supervised: Lab, pids: Pids, until: Until) -> None:
    supervised.processes.mkdir(exist_ok=True)
    (supervised.processes / "broken.json").write_text('{"name": "broken", "argv": []}')
    (supervised.processes / "half.json").write_text('{"name": "ha')
    declare(supervised, sleeper("one"))
    until(lambda: "one" in pids())


def test_what_a_process_started_ends_with_it(supervised: Lab, pids: Pids, until: Until) -> None:
    parent = f"import subprocess; subprocess.Popen({list(SLEEP)!r}).wait()"
    declare(supervised, sleeper("one", (sys.executable, "-c", parent)))
    until(lambda: len(pids().get("one", [])) == 2)
    withdraw(supervised, "one")
    until(lambda: "one" not in pids())


def test_no_other_variable_of_the_starter_is_passed_on(
    lab: Lab, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUD_SECRET_KEY", "do not tell")
    supervisor = supervise(lab)
    declare(lab, sleeper("one", (sys.executable, "-c", "import os; print(sorted(os.environ)); input()")))
    until(lambda: lab.log("one").is_file() and "REGION_MIRROR_PROCESS" in lab.log("one").read_text())
    supervisor.kill()
    supervisor.wait()
    assert "CLOUD_SECRET_KEY" not in lab.log("one").read_text()
