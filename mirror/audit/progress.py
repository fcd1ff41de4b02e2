"""The progress of an audit on stderr: a status line for people, or JSON lines for machines."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from mirror.audit.lanes import AuditProgress
from mirror.text.busy import Busy
from mirror.text.durations import duration

LINE_SECONDS = 5.0


@contextmanager
def shown(mirror: str, console: Console, *, as_json: bool) -> Iterator[Callable[[AuditProgress], None]]:
    """Yield the function that shows a progress."""
    if as_json:
        yield _json_lines(console)
        return
    with Busy(console, f"auditing mirror {mirror} ...") as status:
        yield lambda progress: status.update(f"auditing mirror {mirror}: {sentence(progress)}")


def sentence(progress: AuditProgress) -> str:
    """Describe the progress in one line."""
    said = (
        f"{progress.share:.0%}, {progress.done} of {progress.partitions} partitions, "
        f"{progress.rate:,.0f} records/s"
    )
    if progress.seconds_left is not None:
        said += f", {duration(progress.seconds_left)} left"
    return said + (f", {progress.differing:,} records differ so far" if progress.differing else "")


def _json_lines(console: Console) -> Callable[[AuditProgress], None]:
    last = 0.0

    def show(progress: AuditProgress) -> None:
        nonlocal last
        if time.monotonic() - last >= LINE_SECONDS or progress.done == progress.partitions:
            last = time.monotonic()
            console.file.write(json.dumps(progress.to_json()) + "\n")
            console.file.flush()

    return show
