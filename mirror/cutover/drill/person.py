"""A person at a terminal, who agrees to what a command has reported before it asks."""

from __future__ import annotations

import json
import os
import pty
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """`terminal`: for the command's stdin; `keyboard`: its other end. Both are file descriptors."""

    terminal: int
    keyboard: int

    def agrees(self, line: str) -> bool:
        """Type yes where a line of the command is its report, and tell whether it is."""
        if not _is_report(line):
            return False
        os.write(self.keyboard, b"y\n")
        print("y", file=sys.stderr)  # where the command has asked: nobody sees what is typed
        return True


@contextmanager
def at_terminal() -> Iterator[Person]:
    """Open a terminal, without which a command does not ask."""
    keyboard, terminal = pty.openpty()
    try:
        yield Person(terminal, keyboard)
    finally:
        os.close(terminal)
        os.close(keyboard)


def _is_report(line: str) -> bool:
    try:
        found = json.loads(line)
    except ValueError:
        return False
    return isinstance(found, dict) and "event" not in found and "verdict" in found
