"""A lab that was started for a process (`up --while PID`) is taken down when that process has ended."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator

import psutil
import pytest

from lab.errors import LabError
from lab.files import write_json
from lab.layout import Lab
from lab.owner import abandoned, note_owner, since_boot
from lab.processes import declare
from tests.unit.lab.support import SLEEP, Until, sleeper, supervise

Pids = Callable[[], dict[str, list[int]]]


@pytest.fixture
def owner() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(SLEEP) as process:
        yield process
        process.kill()


def test_a_killed_owner_leaves_no_process_and_no_folder(
    lab: Lab, pids: Pids, until: Until, owner: subprocess.Popen[bytes]
) -> None:
    declare(lab, sleeper("one"))
    note_owner(lab, owner.pid)
    supervisor = supervise(lab)
    until(lambda: "one" in pids())
    os.kill(owner.pid, signal.SIGKILL)  # nobody waits for it: it remains as a zombie
    supervisor.wait(60)
    until(lambda: not pids() and not lab.root.exists())


def test_a_lab_lives_as_long_as_its_owner(lab: Lab, owner: subprocess.Popen[bytes]) -> None:
    note_owner(lab, owner.pid)
    assert not abandoned(lab)
    owner.kill()
    owner.wait()
    assert abandoned(lab)


def test_a_lab_of_a_person_has_no_owner(lab: Lab, owner: subprocess.Popen[bytes]) -> None:
    assert not abandoned(lab)
    note_owner(lab, owner.pid)
    owner.kill()
    owner.wait()
    note_owner(lab, None)  # `up` was run again, by hand
    assert not abandoned(lab)


def test_another_process_with_the_same_number_is_not_the_owner(lab: Lab) -> None:
    write_json(lab.owner_file, {"pid": os.getpid(), "started": since_boot(psutil.Process()) - 1000})
    assert abandoned(lab)


@pytest.mark.parametrize("seconds", [-3600, -1, 1, 3600])
def test_a_clock_that_is_corrected_ends_no_lab(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    note_owner(lab, os.getpid())
    boot_time = psutil.boot_time() + seconds
    # Both are the kernel's `btime`, which is the time of day less the seconds since the boot.
    monkeypatch.setattr(psutil, "boot_time", lambda: boot_time)
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: boot_time)
    assert not abandoned(lab)


def test_an_owner_that_does_not_exist_is_refused(lab: Lab, owner: subprocess.Popen[bytes]) -> None:
    owner.kill()
    owner.wait()
    with pytest.raises(LabError, match=f"--while {owner.pid}: there is no such process"):
        note_owner(lab, owner.pid)
