"""Shows the set-up's progress: a live table on a terminal, plain lines with the time of day elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from lab.toolchain.graph import State, Step
from lab.toolchain.process import last_lines
from lab.toolchain.runner import Progress

_EVERY = 15.0  # seconds between plain lines when nothing changes

_STYLES = {State.WAITING: "dim", State.RUNNING: "cyan", State.DONE: "green", State.FAILED: "bold red"}


def clock(seconds: float) -> str:
    """Seconds as people read them: 42 s, 3 min 05 s."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02} s"


def table(progress: Progress) -> Table:
    """One row a step: its state, time against the estimate, and the last line of its log."""
    rows = Table(box=None, pad_edge=False, expand=True)
    # Fixed widths, so that a long log line takes its room from no other column.
    widths = {"step": max(len(step.name) for step in progress.steps), "state": 7, "time": 12, "estimate": 12}
    for heading, width in widths.items():
        rows.add_column(heading, min_width=width, no_wrap=True)
    rows.add_column("at", ratio=1, no_wrap=True, overflow="ellipsis")
    for step in progress.steps:
        state = progress.states[step.name]
        elapsed = progress.elapsed.get(step.name)
        at = last_lines(progress.logs / f"{step.name}.log", 1) if state is State.RUNNING else []
        rows.add_row(
            step.name,
            f"[{_STYLES[state]}]{state.value}[/]",
            clock(elapsed) if elapsed is not None else "",
            clock(step.seconds),
            escape(at[0]) if at else "",
        )
    rows.caption = f"about {clock(progress.seconds_left)} left; full output in {progress.logs}"
    rows.caption_justify = "left"
    return rows


class LiveDisplay(AbstractContextManager["LiveDisplay"]):
    """The table, redrawn in place."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, auto_refresh=False)

    def __enter__(self) -> LiveDisplay:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, progress: Progress) -> None:
        """Draws the table anew."""
        self._live.update(table(progress), refresh=True)


class PlainDisplay(AbstractContextManager["PlainDisplay"]):
    """A line at each change, and one every 15 s while nothing changes, for logs and CI."""

    def __init__(self, write: Callable[[str], None], now: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._now = now
        self._states: dict[str, State] = {}
        self._last = now()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def show(self, progress: Progress) -> None:
        """Writes what changed since the last call, or a sign of life."""
        changed = [
            s
            for s in progress.steps
            if self._states.get(s.name, State.WAITING) is not progress.states[s.name]
        ]
        for step in changed:
            self._line(_change(step, progress))
        if not changed and self._now() - self._last >= _EVERY:
            self._line(summary(progress))
        self._states = dict(progress.states)

    def _line(self, text: str) -> None:
        self._write(f"{time.strftime('%H:%M:%S')} {text}")
        self._last = self._now()


def _change(step: Step, progress: Progress) -> str:
    state = progress.states[step.name]
    if state is State.RUNNING:
        return f"{step.name}: started, about {clock(step.seconds)}"
    return f"{step.name}: {state.value} after {clock(progress.elapsed.get(step.name, 0.0))}"


def summary(progress: Progress) -> str:
    """One line: what runs for how long, how many are done, what is left."""
    running = [
        f"{step.name} {clock(progress.elapsed[step.name])} of about {clock(step.seconds)}"
        for step in progress.steps
        if progress.states[step.name] is State.RUNNING
    ]
    done = sum(1 for state in progress.states.values() if state is State.DONE)
    left = clock(progress.seconds_left)
    return f"{', '.join(running)}; {done} of {len(progress.steps)} done, about {left} left"
