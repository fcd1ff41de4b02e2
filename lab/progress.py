"""What `up` is doing, for the person who waits: a live line a step, and a lasting one when it is done."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


@dataclass(slots=True)
class Step:
    """One step under way."""

    _progress: Progress
    task: TaskID
    _label: str
    nothing_done: bool = False
    """Set it when there was nothing to do: then no line stays."""

    def detail(self, text: str) -> None:
        """Say what the step is at; seen on a terminal only."""
        self._progress.update(self.task, description=f"{self._label}: {text}")


class Steps:
    """Shows steps that run side by side: on a terminal while they run, in a log once they ended."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
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
    def step(self, where: str, what: str) -> Iterator["Step"]:
        """Show one step while the block runs. A step that fails says so; its error goes on."""
        label, start = f"{where:<6}{what}", time.monotonic()
        step = Step(self._progress, self._progress.add_task(label, total=None), label)
        mark = "[red]✗[/]"
        try:
            yield step
            mark = "[green]✓[/]"
        finally:
            self._progress.remove_task(step.task)
            if mark.startswith("[red]") or not step.nothing_done:
                self.say(f"{mark} {label:<52}{time.monotonic() - start:6.1f} s")

    def say(self, text: str) -> None:
        """Print a line above the display."""
        self._progress.console.print(text, highlight=False, soft_wrap=True)
