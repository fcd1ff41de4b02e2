"""Shows one look, or looks repeatedly: in place on a terminal, else one after another.

A watch continues after a failed look: it shows the reason and the last successful look, and the next look
connects again with the then valid credentials.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live

from mirror.problems import CouldNotRun
from mirror.status.filters import Filters
from mirror.status.markdown import markdown
from mirror.status.page import write_page
from mirror.status.picture import to_json
from mirror.status.screen import screen
from mirror.status.snapshot import Snapshot
from mirror.status.watched import Watched
from mirror.text.busy import Busy
from mirror.text.failures import reason_of
from mirror.text.foreign import json_text
from mirror.text.names import few
from mirror.text.page import Printable, print_page
from mirror.text.page import console as make_console
from settings.model import Settings

# Rates need two looks: seconds between them without --watch.
RATE_SECONDS = 3.0
PIPE_HEIGHT = 60


@dataclass(frozen=True, slots=True)
class Output:
    """Output of a look. `html`: a page that each look replaces."""

    as_json: bool = False
    as_markdown: bool = False
    quiet: bool = False
    html: Path | None = None
    filters: Filters = field(default_factory=Filters)


def watch(
    mirrors: Sequence[Settings],
    root: Path,
    output: Output,
    every: float | None,
    keeping: Callable[[Settings], Callable[[Snapshot], None]] = lambda settings: lambda seen: None,
) -> bool:
    """Look and show the result; return whether every mirror is flowing or empty at the last look.

    `every`: seconds between looks, until Ctrl-C. None: one look, which raises CouldNotRun where a mirror
    cannot be read.
    `keeping`: returns for each mirror what keeps the looks.
    """
    return run_watch([Watched(one, root, keeping(one)) for one in mirrors], output, every)


def run_watch(watched: Sequence[Watched], output: Output, every: float | None) -> bool:
    """Run `watch` for mirrors with existing connections and histories."""
    try:
        if every is None:
            _once(watched, output)
        else:
            _again_and_again(watched, output, every)
    finally:
        for one in watched:
            one.close()
    return all(one.picture is not None and one.picture.verdict.good for one in watched)


def _once(watched: Sequence[Watched], output: Output) -> None:
    """Look once. Raises CouldNotRun where a mirror cannot be read; the others of several are shown before."""
    several = len(watched) > 1
    with Busy(make_console(stderr=True, quiet=output.quiet), "reading both clusters ..."):
        for one in watched:
            with suppress(CouldNotRun) if several else nullcontext():  # its look says why
                one.glance(output.filters)
        time.sleep(RATE_SECONDS)
        for one in watched:
            one.look(output.filters, bear=several)
    _show(watched, output)
    _Page(output.html).write(watched, None)
    if unread := [one.name for one in watched if one.seen is None]:
        way_out = "the reason is shown with each"
        raise CouldNotRun("reading every mirror", f"{few(unread)} could not be read", way_out)


def _again_and_again(watched: Sequence[Watched], output: Output, every: float) -> None:
    console, page = make_console(), _Page(output.html)
    if output.as_json or output.as_markdown or not console.file.isatty():
        with suppress(KeyboardInterrupt):
            while True:
                began = time.monotonic()
                _look(watched, output)
                _show(watched, output)
                page.write(watched, every)
                time.sleep(max(0.0, began + every - time.monotonic()))
    else:
        _in_place(watched, output, every, page)
    if page.problem:
        make_console(stderr=True, soft_wrap=True).print(page.problem)


def _in_place(watched: Sequence[Watched], output: Output, every: float, page: _Page) -> None:
    console = make_console()
    view = _View(watched, output)
    with Live(Printable(view), console=console, screen=True, auto_refresh=False) as live:
        try:
            while True:
                began = time.monotonic()
                _look(watched, output)
                live.refresh()
                page.write(watched, every)
                # Redraw every second, so that the page fits a resized terminal.
                while (left := began + every - time.monotonic()) > 0:
                    time.sleep(min(1.0, left))
                    live.refresh()
        except KeyboardInterrupt:
            pass
    # The alternate screen is closed; print the last look below the prompt.
    if any(one.picture for one in watched):
        console.print(view)


def _look(watched: Sequence[Watched], output: Output) -> None:
    for one in watched:
        one.look(output.filters, bear=True)


def _show(watched: Sequence[Watched], output: Output) -> None:
    if output.as_json:
        for picture in (one.picture for one in watched):
            if picture is not None:
                print(json_text(to_json(picture)), flush=True)
    elif output.as_markdown:
        for picture in (one.picture for one in watched):
            if picture is not None:
                print(markdown(to_json(picture)), end="", flush=True)
    else:
        print_page(lambda console: console.print(_View(watched, output)), pipe_height=PIPE_HEIGHT)


class _Page:
    """The page that each look replaces. Only the first look has to write it: a later one that cannot leaves
    the page of the look before, because a watch also keeps the last look for a failover.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._written = False
        self.problem = ""
        """Why the last look has no page."""

    def write(self, watched: Sequence[Watched], every: float | None) -> None:
        """Write the page of a look. Raises CouldNotRun at the first one."""
        if self._file is None:
            return
        shown = [(one.picture, one.seen, one.history) for one in watched if one.picture]
        try:
            write_page(self._file, shown, every)
        except CouldNotRun as error:
            if not self._written:
                raise
            self.problem = f"{self._file} is the page of an earlier look: {reason_of(error)}"
        else:
            self._written, self.problem = True, ""


class _View:
    """All mirrors, each with an equal share of the terminal's current height."""

    def __init__(self, watched: Sequence[Watched], output: Output) -> None:
        self._watched = watched
        self._output = output

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width, height = options.max_width, console.size.height - 1
        drawn = [(one, one.picture) for one in self._watched if one.picture is not None]
        if not drawn:
            yield "reading both clusters ..."
            return
        share = max(6, height // len(drawn))
        folded = not self._output.filters.topics
        yield Group(
            *(
                screen(
                    picture,
                    width,
                    share,
                    since=one.since,
                    folded=folded,
                    last=one.seen,
                    expand=console.is_terminal,
                )
                for one, picture in drawn
            )
        )
