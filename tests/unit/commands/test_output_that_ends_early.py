"""Exit codes where the reader ends, the disk is full, or there is no output: never that of a finding."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.commands.ci_project import project_in_git

CHECKOUT = Path(__file__).parents[3]
SHORT = ("ci", "concerned", "--base", "HEAD", "--json")
"""Its output is written when the program ends."""
LONG = ("ci", "github", "deploy")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return project_in_git(tmp_path, monkeypatch)


def ran(command: tuple[str, ...], redirected: str, **variables: str) -> tuple[int, str]:
    """Run a command with its output as the shell redirects it, and return its exit code and stderr."""
    script = f'"$@" {redirected}; exit "${{PIPESTATUS[0]}}"'
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), **variables}
    argv = ["bash", "-c", script, "-", sys.executable, "-m", "mirror", *command]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize("command", [SHORT, LONG])
def test_a_reader_that_ended_is_2(command: tuple[str, ...]) -> None:
    code, told = ran(command, "| { exec <&-; sleep 0; }")
    assert (code, told) == (2, "")


@pytest.mark.parametrize("command", [SHORT, LONG])
def test_a_full_disk_is_2_and_named(command: tuple[str, ...]) -> None:
    code, told = ran(command, "> /dev/full")
    assert code == 2
    assert told.startswith("could not run: writing the result: No space left on device")
    assert "itself" not in told
    assert "Exception ignored" not in told


@pytest.mark.parametrize("command", [SHORT, LONG, ("ci", "check")])
def test_a_command_needs_no_output(command: tuple[str, ...]) -> None:
    assert ran(command, ">&-") == (0, "")


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_a_locale_without_all_characters_ends_no_command(project: Path, encoding: str) -> None:
    """A cutover ended as an error in region-mirror itself at its first check mark."""
    environment = {"PYTHONIOENCODING": encoding}
    assert ran(("explain", "--stack", "staging"), f"> {project}/out", **environment)[0] == 0
    assert "─" in (project / "out").read_text(encoding="utf-8")  # and names stay what they are
    terminal = (
        f"script --quiet --return --command '{sys.executable} -m mirror explain --stack staging' /dev/null"
    )
    done = subprocess.run(
        ["bash", "-c", terminal],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), **environment},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done
    assert b"itself" not in done.stdout
