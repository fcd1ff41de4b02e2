"""The command `cutover` as a lab test runs it: to its end, or in the background with its events."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.lab.support.command import Ran, run
from tests.lab.support.own_mirror import OwnMirror

Event = dict[str, Any]


def argv(mirror: OwnMirror, *arguments: str) -> list[str]:
    """The command line; it prints an event a line."""
    file = str(mirror.stack.file)
    return [sys.executable, "-m", "mirror", "cutover", *arguments, "--config-file", file, "-o", "json"]


def cutover(mirror: OwnMirror, *arguments: str) -> Ran:
    """Run it to its end."""
    return run(argv(mirror, *arguments), cwd=mirror.stack.project, env=mirror.stack.environment)


@contextmanager
def started(mirror: OwnMirror, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run it with --yes beside the block, and kill it in the end."""
    with subprocess.Popen(
        argv(mirror, "--yes", *arguments),
        cwd=mirror.stack.project,
        env=dict(mirror.stack.environment),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def up_to(process: subprocess.Popen[str], kind: str, step: str) -> Event:
    """Read events up to the first of this kind and step. AssertionError where the command ends before."""
    assert process.stdout is not None
    for line in process.stdout:
        event: Event = json.loads(line)
        if (event["event"], event.get("step")) == (kind, step):
            return event
    raise AssertionError(f"the command ended without `{kind}` of {step}")
