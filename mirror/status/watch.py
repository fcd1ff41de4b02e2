"""Looks once, or again and again, and shows each look: on a terminal in place, elsewhere one after another.

A watch outlives what it watches: a cluster that goes away is said with its reason, what was seen last stays
in sight, and the next look connects anew, with the credentials as they are then.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live

from mirror.problems import CouldNotRead, CouldNotRun, one_line
from mirror.status.filters import Filters
from mirror.status.history import History
from mirror.status.page import write_page
from mirror.status.picture import Picture, draw, failure, to_json
from mirror.status.rates import Rates
from mirror.status.reading import SnapshotReader
from mirror.status.screen import screen
from mirror.status.snapshot import Snapshot
from settings.model import Settings

# A single look has no rate: so it looks twice, with so long between.
RATE_SECONDS = 3.0
PIPE_WIDTH, PIPE_HEIGHT = 160, 60


@dataclass(frozen=True, slots=True)
class Output:
    """What a look becomes. `html` is a page that is written anew at each look."""

    as_json: bool = False
    html: Path | None = None
    filters: Filters = field(default_factory=Filters)


class SnapshotSource(Protocol):
    """Where looks come from: an SnapshotReader, or a test's."""

    def glance(self) -> Snapshot: ...

    def look(self) -> Snapshot: ...


class Watched:
    """One mirror with its connections, rates and history."""

    def __init__(self, settings: Settings, root: Path) -> None:
        self._settings = settings
        self._root = root
        self._stack = ExitStack()
        self._eye: SnapshotSource | None = None
        self.rates = Rates()
        self.history = History()
        self.picture: Picture | None = None
        self.seen: Picture | None = None
        """The last look that saw something."""

    def open(self) -> SnapshotSource:
        """Connections are made when first needed. Raises CouldNotRun."""
        if self._eye is None:
            self._eye = SnapshotReader(self._settings, self._root, self._stack)
        return self._eye

    def glance(self, filters: Filters) -> None:
        """Look at positions alone, for rates. Raises CouldNotRun where a cluster is out of reach."""
        with suppress(CouldNotRead):  # which the look says
            seen = filters.apply(self.open().glance())
            self.rates.look(seen.at, seen.partitions)

    def look(self, filters: Filters, *, bear: bool) -> Picture:
        """One look. `bear`: what keeps it from happening is a picture too, else it is raised."""
        try:
            picture = draw(filters.apply(self.open().look()), self.rates)
            self.seen = picture
        except Exception as error:
            self.close()
            if not bear:
                raise
            names = self._settings
            reason = _reason(error)
            picture = failure(names.mirror.name, names.source.alias, names.target.alias, time.time(), reason)
        self.picture = picture
        self.history.add(picture)
        return picture

    def close(self) -> None:
        """Leave the clusters; the next look comes back to them."""
        self._eye = None
        self._stack.close()

    @property
    def since(self) -> float | None:
        """Since when it has been as it is."""
        return None if self.picture is None else self.history.since(self.picture.verdict)


def _reason(error: Exception) -> str:
    if isinstance(error, CouldNotRun):
        return one_line(f"{error.tried}: {error.happened}")
    return f"an error in region-mirror itself ({type(error).__name__}: {one_line(error)})"


def watch(mirrors: Sequence[Settings], root: Path, output: Output, every: float | None) -> bool:
    """Look, and show. Says whether every mirror flowed at the last look.

    Without `every` one look, which raises CouldNotRun where nothing can be seen. Else looks until Ctrl-C.
    """
    return run_watch([Watched(one, root) for one in mirrors], output, every)


def run_watch(watched: Sequence[Watched], output: Output, every: float | None) -> bool:
    """The same, of mirrors that may be watched already."""
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
    with Console(stderr=True).status("looking at both clusters ..."):
        for one in watched:
            one.glance(output.filters)
        time.sleep(RATE_SECONDS)
        for one in watched:
            one.look(output.filters, bear=False)
    _show(watched, output)


def _again_and_again(watched: Sequence[Watched], output: Output, every: float) -> None:
    console = Console()
    if output.as_json or not console.is_terminal:
        try:
            while True:
                began = time.monotonic()
                _look(watched, output)
                _show(watched, output, every)
                time.sleep(max(0.0, began + every - time.monotonic()))
        except KeyboardInterrupt:
            return
    view = _View(watched, output)
    with Live(view, console=console, screen=True, auto_refresh=False) as live:
        try:
            while True:
                began = time.monotonic()
                _look(watched, output)
                live.refresh()
                _write(watched, output, every)
                # A terminal that changes its size is drawn anew within a second.
                while (left := began + every - time.monotonic()) > 0:
                    time.sleep(min(1.0, left))
                    live.refresh()
        except KeyboardInterrupt:
            pass
    # The alternate screen is gone: what was seen last stays.
    if any(one.picture for one in watched):
        console.print(view)


def _look(watched: Sequence[Watched], output: Output) -> None:
    for one in watched:
        one.look(output.filters, bear=True)


def _show(watched: Sequence[Watched], output: Output, every: float | None = None) -> None:
    if output.as_json:
        for one in watched:
            assert one.picture is not None
            print(json.dumps(to_json(one.picture), ensure_ascii=False), flush=True)
    else:
        terminal = sys.stdout.isatty()
        console = Console(
            width=None if terminal else PIPE_WIDTH,
            height=None if terminal else PIPE_HEIGHT,
            highlight=False,
        )
        console.print(_View(watched, output))
        sys.stdout.flush()
    _write(watched, output, every)


def _write(watched: Sequence[Watched], output: Output, every: float | None) -> None:
    if output.html is not None:
        shown = [(one.picture, one.seen, one.history) for one in watched if one.picture]
        write_page(output.html, shown, every)


class _View:
    """Every mirror in its share of the screen, drawn for the size that the terminal has now."""

    def __init__(self, watched: Sequence[Watched], output: Output) -> None:
        self._watched = watched
        self._output = output

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width, height = options.max_width, console.size.height - 1
        drawn = [one for one in self._watched if one.picture is not None]
        if not drawn:
            yield "looking at both clusters ..."
            return
        share = max(6, height // len(drawn))
        yield Group(*(self._one(one, width, share) for one in drawn))

    def _one(self, one: Watched, width: int, height: int) -> Group:
        assert one.picture is not None
        folded = not self._output.filters.topics
        return Group(screen(one.picture, width, height, since=one.since, folded=folded, last=one.seen))
