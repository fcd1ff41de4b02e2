"""What the lab's processes say, within bounds: a client that is refused a login may log 100 MB a second."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

LARGEST_WHEN_STARTED = 20_000_000
"""Bytes of a log to which a process that starts appends; a larger one is set aside."""
LARGEST = 200_000_000
"""Bytes of a log whose process runs."""


@contextmanager
def appended(log: Path) -> Iterator[IO[bytes]]:
    """The log of a process that starts. A large one is moved away, over the one that was before."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.is_file() and log.stat().st_size > LARGEST_WHEN_STARTED:
        log.replace(_aside(log))
    with log.open("ab") as output:
        yield output


def empty_flooded(folder: Path, largest: int = LARGEST) -> list[Path]:
    """Empty each log that is larger, and keep its beginning, which says why. Return these logs.

    Processes go on in the same file: they append to it.
    """
    flooded = [log for log in folder.rglob("*.log") if log.stat().st_size > largest]
    for log in flooded:
        aside = _aside(log)
        if not aside.exists():
            with log.open("rb") as old, aside.open("xb") as new:
                new.write(old.read(LARGEST_WHEN_STARTED))
            aside.chmod(0o600)
        os.truncate(log, 0)
    return flooded


def _aside(log: Path) -> Path:
    return log.with_suffix(".log.1")
