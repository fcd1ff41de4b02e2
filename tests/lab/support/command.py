"""A command that was run, with all it said: tests judge exit code, output and what must not be in it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ran:
    """What a command answered; `seconds` is its wall time."""

    argv: tuple[str, ...]
    code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def output(self) -> str:
        """Both streams, for searches that do not care which one it was."""
        return self.stdout + self.stderr

    def ok(self) -> Ran:
        """Itself; AssertionError with the whole output when the command failed."""
        assert self.code == 0, f"{' '.join(self.argv)} ended with {self.code}:\n{self.output}"
        return self


def run(
    argv: list[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    seconds: float = 420,
    standard_input: str | None = None,
) -> Ran:
    """Run to the end; TimeoutExpired after `seconds`."""
    start = time.monotonic()
    done = subprocess.run(
        argv,
        cwd=cwd,
        env=dict(env),
        input=standard_input,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    return Ran(tuple(argv), done.returncode, done.stdout, done.stderr, time.monotonic() - start)
