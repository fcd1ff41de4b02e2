"""What is done in both regions is done at once, and what goes wrong in either is said."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

import pytest

from lab.errors import LabError
from lab.layout import PROJECT
from lab.side_by_side import side_by_side


def fail(error: Exception) -> bool:
    raise error


def test_they_run_at_once() -> None:
    both = threading.Barrier(2, timeout=20)
    assert side_by_side(lambda: both.wait() >= 0, lambda: both.wait() >= 0)


def test_any_change_is_a_change() -> None:
    assert side_by_side(lambda: False, lambda: True)
    assert not side_by_side(lambda: False, lambda: False)


def test_one_message_names_all_failures() -> None:
    with pytest.raises(LabError) as error:
        side_by_side(lambda: fail(LabError("west is not ready")), lambda: fail(LabError("east is not ready")))
    assert str(error.value) == "east is not ready\nwest is not ready"


def test_a_bug_is_not_hidden_behind_a_failure() -> None:
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda: fail(LabError("west is not ready")), lambda: fail(ZeroDivisionError()))


@pytest.mark.parametrize("inherited", [signal.SIG_DFL, signal.SIG_IGN], ids=["foreground", "background"])
def test_ctrl_c_does_not_wait_for_them(inherited: signal.Handlers) -> None:
    program = "; ".join(
        (
            "import signal, time",
            # A background job of a shell ignores Ctrl-C, and so would this process if the tests run in one.
            "signal.signal(signal.SIGINT, signal.default_int_handler)",
            "from lab.side_by_side import side_by_side",
            "side_by_side(lambda: print('at it', flush=True) or time.sleep(600))",
        )
    )
    with subprocess.Popen(
        (sys.executable, "-c", program),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, inherited),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"at it\n"
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == -signal.SIGINT
        assert time.monotonic() - start < 30
