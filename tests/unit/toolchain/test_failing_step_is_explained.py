"""A failing step ends the set-up with one message: step, command, last lines, log, and what to do."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.toolchain.graph import Job, Step
from lab.toolchain.runner import Progress, SetupFailed, run

MakeStep = Callable[..., Step]


class NoDisplay:
    def show(self, progress: Progress) -> None:
        pass


def failing(job: Job) -> None:
    code = "import sys; print('could not fetch it'); sys.exit(7)"
    job.run([sys.executable, "-c", code], cwd=job.out, env=os.environ)


def test_message_of_a_failing_command(make_step: MakeStep, tmp_path: Path) -> None:
    with pytest.raises(SetupFailed) as failure:
        run([make_step("etcd", run=failing)], tmp_path, NoDisplay())
    text = str(failure.value)
    assert "step etcd failed" in text
    assert f"command: {sys.executable} -c" in text
    assert "ended with 7" in text
    assert "\n    could not fetch it\n" in text
    assert f"log: {tmp_path / 'logs' / 'etcd.log'}" in text
    assert "continues where it stopped" in text


def test_message_of_an_error_of_our_own(make_step: MakeStep, tmp_path: Path) -> None:
    def broken(job: Job) -> None:
        raise OSError("no space left")

    with pytest.raises(SetupFailed, match="OSError: no space left"):
        run([make_step("etcd", run=broken)], tmp_path, NoDisplay())


def test_other_running_steps_are_ended_and_leave_nothing(make_step: MakeStep, tmp_path: Path) -> None:
    def endless(job: Job) -> None:
        code = (
            "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(300)'])"
        )
        job.run([sys.executable, "-c", code], cwd=job.out, env=os.environ)

    steps = [make_step("long", run=endless), make_step("bad", run=failing)]
    with pytest.raises(SetupFailed, match="step bad failed"):
        run(steps, tmp_path, NoDisplay())
    assert list((tmp_path / "long").iterdir()) == []
    assert list((tmp_path / "bad").iterdir()) == []


def test_nothing_that_needs_it_is_started(make_step: MakeStep, tmp_path: Path) -> None:
    steps = [make_step("bad", run=failing), make_step("after", ["bad"])]
    with pytest.raises(SetupFailed):
        run(steps, tmp_path, NoDisplay())
    assert not (tmp_path / "after").exists()
