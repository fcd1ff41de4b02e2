"""Output for people: as wide as the terminal, and into a pipe without padding. A terminal interprets none of
its text.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from io import StringIO
from typing import IO

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType, RenderHook, RenderResult
from rich.segment import Segment

from mirror.text.foreign import printable_lines

PIPE_WIDTH = 160
"""Columns of a pipe, which has no width of its own. 80 would fold every line."""


def pipe_width() -> int:
    """Columns of output that is not a terminal: `COLUMNS` where it is set, else `PIPE_WIDTH`."""
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdecimal() and int(columns) else PIPE_WIDTH


def console(
    *,
    stderr: bool = False,
    quiet: bool = False,
    soft_wrap: bool = False,
    file: IO[str] | None = None,
    width: int | None = None,
    height: int | None = None,
) -> Console:
    """Return a console for text that may contain names from both clusters: it prints no control characters
    but its own, and interprets no markup.
    """
    made = _Console(
        stderr=stderr,
        quiet=quiet,
        soft_wrap=soft_wrap,
        file=file,
        width=width,
        height=height,
        highlight=False,
        markup=False,
        emoji=False,
    )
    made.push_render_hook(_Printable())
    return made


class _Console(Console):
    """rich's own ends the program with exit code 1 where the reader of a pipe has ended: a finding."""

    def on_broken_pipe(self) -> None:
        """Leave it to the program. Progress that nobody reads ends nothing."""
        if not self.stderr:
            raise BrokenPipeError
        self.quiet = True


class Printable:
    """A renderable whose text has no unprintable characters. rich removes only some of them, not ESC."""

    def __init__(self, content: RenderableType) -> None:
        self._content = content

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for one in console.render(self._content, options):
            yield one if one.control else Segment(printable_lines(one.text), one.style)


class _Printable(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [Printable(one) for one in renderables]


def print_page(draw: Callable[[Console], None], *, pipe_height: int | None = None) -> None:
    """Print what `draw` prints on the console that it gets. No line of a pipe ends with spaces."""
    if sys.stdout.isatty():
        draw(console())
        return
    page = StringIO()
    draw(console(file=page, width=pipe_width(), height=pipe_height))
    for line in page.getvalue().splitlines():
        print(line.rstrip())
    sys.stdout.flush()
