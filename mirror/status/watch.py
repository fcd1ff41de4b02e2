"""Shows one look, or looks repeatedly: in place on a terminal, else one after another.

A watch continues after a failed look: it shows the reason and the last successful look, and the next look
connects again with the then valid credentials.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live

from mirror.problems import CouldNotRead, CouldNotRun
from mirror.status.filters import Filters
from mirror.status.history import History
from mirror.status.markdown import markdown
from mirror.status.page import write_page
from mirror.status.picture import Picture, draw, failure, to_json
from mirror.status.rates import Rates
from mirror.status.reading import SnapshotReader
from mirror.status.screen import screen
from mirror.status.snapshot import Snapshot
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


class SnapshotSource(Protocol):
    """Source of snapshots: a SnapshotReader, or a test's."""

    def glance(self) -> Snapshot:
        """Read only positions and log bounds."""
        ...

    def look(self) -> Snapshot:
        """Read everything."""
        ...


class Watched:
    """One mirror with its connections, rates and history."""

    def __init__(
        self, settings: Settings, root: Path, keep: Callable[[Snapshot], None] = lambda seen: None
    ) -> None:
        """`keep` gets what each successful look has read, before it is filtered."""
        self._keep = keep
        self._settings = settings
        self._root = root
        self._stack = ExitStack()
        self._eye: SnapshotSource | None = None
        self.rates = Rates()
        self.history = History()
        self.picture: Picture | None = None
        self.seen: Picture | None = None
        """The last successful look."""

    @property
    def name(self) -> str:
        """The mirror's name."""
        return self._settings.mirror.name

    def open(self) -> SnapshotSource:
        """Return the source of snapshots; connect if needed. Raises CouldNotRun."""
        if self._eye is None:
            self._eye = SnapshotReader(self._settings, self._root, self._stack)
        return self._eye

    def glance(self, filters: Filters) -> None:
        """Read only positions, for rates. Raises CouldNotRun if a cluster cannot be reached."""
        with suppress(CouldNotRead):  # the next look reports it
            seen = filters.apply(self.open().glance())
            self.rates.look(seen.at, seen.partitions)

    def look(self, filters: Filters, *, bear: bool) -> Picture:
        """Look once. `bear`: a failure becomes a picture with its reason instead of an exception."""
        try:
            snapshot = self.open().look()
            self._keep(snapshot)
            picture = draw(filters.apply(snapshot), self.rates)
            self.seen = picture
        except Exception as error:
            self.close()
            if not bear:
                raise
            names = self._settings
            reason = reason_of(error)
            picture = failure(names.mirror.name, names.source.alias, names.target.alias, time.time(), reason)
        self.picture = picture
        self.history.add(picture)
        return picture

    def close(self) -> None:
        """Close the connections; the next look connects again."""
        self._eye = None
        self._stack.close()

    @property
    def since(self) -> float | None:
        """Start of the current state, in seconds since the epoch; None if unknown."""
        return None if self.picture is None else self.history.since(self.picture.verdict)


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
            with suppress(*([CouldNotRun] if several else [])):  # its look says why
                one.glance(output.filters)
        time.sleep(RATE_SECONDS)
        for one in watched:
            one.look(output.filters, bear=several)
    _show(watched, output)
    if unread := [one.name for one in watched if one.seen is None]:
        way_out = "the reason is shown with each"
        raise CouldNotRun("reading every mirror", f"{few(unread)} could not be read", way_out)


def _again_and_again(watched: Sequence[Watched], output: Output, every: float) -> None:
    console = make_console()
    if output.as_json or output.as_markdown or not console.file.isatty():
        try:
            while True:
                began = time.monotonic()
                _look(watched, output)
                _show(watched, output, every)
                time.sleep(max(0.0, began + every - time.monotonic()))
        except KeyboardInterrupt:
            return
    view = _View(watched, output)
    with Live(Printable(view), console=console, screen=True, auto_refresh=False) as live:
        try:
            while True:
                began = time.monotonic()
                _look(watched, output)
                live.refresh()
                _write(watched, output, every)
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


def _show(watched: Sequence[Watched], output: Output, every: float | None = None) -> None:
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
    _write(watched, output, every)


def _write(watched: Sequence[Watched], output: Output, every: float | None) -> None:
    if output.html is not None:
        shown = [(one.picture, one.seen, one.history) for one in watched if one.picture]
        write_page(output.html, shown, every)


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
