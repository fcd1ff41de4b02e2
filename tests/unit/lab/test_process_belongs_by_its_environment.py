"""Which process is whose is read from the process itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.files import write_json
from lab.layout import Lab
from lab.processes import ProcessSpec, declare, declared, find, statuses, withdraw
from tests.unit.lab.support import sleeper, start


def test_a_process_of_another_lab_is_not_found(lab: Lab, tmp_path: Path) -> None:
    other = Lab(tmp_path / "other")
    write_json(other.state_file, {})
    process = start(other, "one")
    assert find(lab, "one") is None
    found = find(other, "one")
    assert found is not None
    assert found.pid == process.pid
    process.kill()
    process.wait()
    assert find(other, "one") is None


def test_the_first_of_several_is_the_one_that_was_started_for_the_name(lab: Lab) -> None:
    import sys

    parent = start(
        lab,
        "one",
        (
            sys.executable,
            "-c",
            "import subprocess,sys,time; "
            "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
            "print('started', flush=True); time.sleep(600)",
        ),
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"started\n"
    found = find(lab, "one")
    assert found is not None
    assert found.pid == parent.pid


def test_declaring_twice_changes_nothing(lab: Lab) -> None:
    spec = sleeper("one")
    assert declare(lab, spec)
    assert not declare(lab, spec)
    assert declared(lab) == {"one": spec}
    assert withdraw(lab, "one")
    assert not withdraw(lab, "one")


@pytest.mark.parametrize("name", ["", "supervisor", "../up", "Two", "a b", "-x"])
def test_a_name_that_would_harm_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a process cannot be called"):
        ProcessSpec(name=name, argv=("true",))


def test_without_a_supervisor_nothing_is_called_starting(lab: Lab) -> None:
    declare(lab, sleeper("one"))
    assert {status.name: status.state for status in statuses(lab)} == {
        "supervisor": "stopped",
        "one": "stopped",
    }


def test_an_undeclared_process_is_called_surplus(lab: Lab) -> None:
    process = start(lab, "one")
    (status,) = [status for status in statuses(lab) if status.name == "one"]
    assert (status.pid, status.state) == (process.pid, "surplus")
    assert status.rss_bytes > 0
