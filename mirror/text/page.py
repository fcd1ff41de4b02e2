"""Output on stdout: as wide as the terminal, and into a pipe without padding."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from io import StringIO

from rich.console import Console

PIPE_WIDTH = 160
"""Columns of a pipe, which has no width of its own. 80 would fold every line."""


def pipe_width() -> int:
    """Columns of output that is not a terminal: `COLUMNS` where it is set, else `PIPE_WIDTH`."""
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdecimal() and int(columns) else PIPE_WIDTH


def print_page(draw: Callable[[Console], None], *, pipe_height: int | None = None) -> None:
    """Print what `draw` prints on the console that it gets. No line of a pipe ends with spaces."""
    if sys.stdout.isatty():
        draw(Console(highlight=False))
        return
    page = StringIO()
    draw(Console(file=page, width=pipe_width(), height=pipe_height, highlight=False))
    for line in page.getvalue().splitlines():
        print(line.rstrip())
    sys.stdout.flush()
