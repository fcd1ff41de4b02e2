"""What `up` is doing, for the person who waits: a live line a step, and a lasting one when it is done."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class Steps:
    """Shows steps that run side by side: on a terminal while they run, in a log once they ended."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    @contextmanager
    def step(self, where: str, what: str) -> Iterator[None]:
        """Show one step while the block runs. A step that fails says so; its error goes on."""
        label, start = f"{where:<6}{what}", time.monotonic()
        task = self._progress.add_task(label, total=None)
        mark = "[red]✗[/]"
        try:
            yield
            mark = "[green]✓[/]"
        finally:
            self._progress.remove_task(task)
            self.say(f"{mark} {label:<52}{time.monotonic() - start:6.1f} s")

    def say(self, text: str) -> None:
        self._progress.console.print(text, highlight=False)
