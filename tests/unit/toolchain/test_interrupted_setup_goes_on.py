"""A set-up that was interrupted keeps what was complete, and the next one makes only the rest."""

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.toolchain.graph import Job, State, Step, missing
from lab.toolchain.runner import Progress, run

MakeStep = Callable[..., Step]


class InterruptWhenRunning:
    """Presses Ctrl-C once the named step has started its command."""

    def __init__(self, name: str, started: Path) -> None:
        self.name = name
        self.started = started

    def show(self, progress: Progress) -> None:
        if progress.states[self.name] is State.RUNNING and self.started.exists():
            raise KeyboardInterrupt


class NoDisplay:
    def show(self, progress: Progress) -> None:
        pass


def test_only_the_interrupted_step_is_made_again(make_step: MakeStep, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    made: list[str] = []

    def first(job: Job) -> None:
        made.append("first")

    def endless(job: Job) -> None:
        code = f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(300)"
        job.run([sys.executable, "-c", code], cwd=job.out, env=os.environ)

    root = tmp_path / "cache"
    steps = [make_step("first", run=first), make_step("second", ["first"], run=endless)]
    with pytest.raises(KeyboardInterrupt):
        run(steps, root, InterruptWhenRunning("second", pid_file))

    assert [step.name for step in missing(steps, root)] == ["second"]
    assert list((root / "second").iterdir()) == []
    assert_gone(int(pid_file.read_text()))

    again = [steps[0], make_step("second", ["first"], run=lambda job: made.append("second"))]
    run(missing(again, root), root, NoDisplay())
    assert missing(again, root) == []
    assert made == ["first", "second"]


def test_all_steps_done_starts_nothing(tmp_path: Path) -> None:
    before = threading.active_count()
    run([], tmp_path, NoDisplay())
    assert threading.active_count() == before


def assert_gone(pid: int) -> None:
    """The process has ended; a moment is allowed for the kernel to reap it."""
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail(f"process {pid} still runs")
