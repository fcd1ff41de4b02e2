"""The load and the outage of a drill are programs of others: they get no secret, and may print anything."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path

import pytest

from mirror.cutover.drill.program import Program, Recorded
from mirror.cutover.programs import OWN_SECRETS
from mirror.problems import CouldNotRun


def started(folder: Path, script: str) -> Program:
    return Program([sys.executable, "-c", script], folder, Recorded(StringIO()))


def test_a_program_inherits_no_secret_of_this_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in OWN_SECRETS:
        monkeypatch.setenv(name, "s3cret")
    show = "import os, pathlib; pathlib.Path('told').write_text(repr(dict(os.environ))); input()"
    made = started(tmp_path, show)
    made.complete(10.0)
    made.stop()
    assert "s3cret" not in (tmp_path / "told").read_text()


def test_output_that_is_no_text_is_one_message(tmp_path: Path) -> None:
    """The thread that listens had ended with a traceback, and the drill waited for its marks."""
    said = "import sys; sys.stdout.buffer.write(b'f\\xfcr heute\\n'); sys.stdout.flush(); input()"
    made = started(tmp_path, said)
    try:
        with pytest.raises(CouldNotRun, match="the load's output, line 1"):
            made.wait_for("ready", 10.0)
    finally:
        made.stop()
