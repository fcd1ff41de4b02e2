"""Runs programs of others, which the stack file or the command line names: without a shell, and without the
secrets of this command.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mirror.clients.admin_config import VARIABLE
from mirror.problems import one_line
from mirror.text.foreign import printable

OWN_SECRETS = (VARIABLE, "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_ACCESS_TOKEN")
"""Variables of this command that a program of others must not inherit."""
_LINES, _LONGEST = 20, 300


class Ran(NamedTuple):
    """`failed`: why the program has not succeeded; empty where it has. `output`: its last lines, printable.
    `exit_code`: None where it was killed or not started."""

    failed: str
    output: list[str]
    exit_code: int | None = None
    started: bool = True


def without_own_secrets() -> dict[str, str]:
    """Return the environment that a program of others gets."""
    return {key: value for key, value in os.environ.items() if key not in OWN_SECRETS}


def run(argv: Sequence[str], folder: Path, seconds: float, more: Mapping[str, str] | None = None) -> Ran:
    """Run a program until it ends, for at most so many seconds. `more`: further environment variables."""
    try:
        ran = subprocess.run(  # noqa: S603 - argv of the user, no shell
            list(argv),
            cwd=folder,
            env={**without_own_secrets(), **(more or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        return Ran(f"did not end within {seconds:.0f} s and was killed", lines(error.stdout))
    except OSError as error:
        return Ran(f"could not be started: {one_line(error)}", [], started=False)
    failed = f"ended with exit code {ran.returncode}" if ran.returncode else ""
    return Ran(failed, lines(ran.stdout), ran.returncode)


def lines(output: bytes | None) -> list[str]:
    """Return the last lines of an output, each printable and of bounded length."""
    text = (output or b"").decode(errors="replace").splitlines()
    return [printable(line.expandtabs())[:_LONGEST] for line in text if line.strip()][-_LINES:]


def said(output: Sequence[str]) -> str:
    """Return the output as the end of a sentence; empty where there is none."""
    return f": {' | '.join(output)}" if output else ""
