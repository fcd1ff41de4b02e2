"""What is printed on stdout while a spinner turns arrives on stdout, whatever stderr is."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import time
from mirror.commands.answers import progress_console
from mirror.text.busy import Busy

with Busy(progress_console(False), "step [/one]") as busy:
    for number in range(3):
        print(f'{{"event": {number}}}', flush=True)
        busy.print(f"line {number}")
        time.sleep(0.2)
    busy.update("then [red]two")
    time.sleep(0.3)
"""
ROOT = Path(__file__).resolve().parents[3]
LINES = "".join(f'{{"event": {number}}}\nline {number}\n' for number in range(3))


def in_terminal(stdout: int | None, **more: str) -> tuple[str, str]:
    """Return what arrives on stdout (a pipe, or else the terminal) and on the terminal, which is stderr."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", **more}
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stdout=theirs if stdout is None else stdout,
        stderr=theirs,
        env=environment,
        cwd=ROOT,
    ) as process:
        os.close(theirs)
        seen = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # Linux's end of a terminal whose other side is closed
                break
            if not part:
                break
            seen += part
        piped = process.stdout.read().decode() if process.stdout else ""
    os.close(ours)
    assert process.returncode == 0
    return piped, seen.decode()


@pytest.mark.parametrize("more", [{}, {"FORCE_COLOR": "1"}], ids=["plain", "forced"])
def test_json_for_a_pipe_is_not_shown_on_the_terminal(more: dict[str, str]) -> None:
    piped, terminal = in_terminal(subprocess.PIPE, **more)
    assert piped == LINES
    assert "event" not in terminal
    assert "step [/one]" in terminal
    assert "then [red]two" in terminal


def test_one_terminal_for_both_shows_lines_above_the_spinner() -> None:
    _, terminal = in_terminal(None)
    for number in range(3):
        # Each line is printed once the spinner's line is cleared (erase in line), and is whole.
        assert f"\x1b[2Kline {number}\r\n" in terminal


def test_a_log_that_asks_for_colours_gets_no_spinner() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "FORCE_COLOR": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == LINES
    assert ended.stderr == ""
