"""A line on stderr while something takes time. It never takes what a command prints on stdout."""

from __future__ import annotations

import sys
from types import TracebackType

from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from mirror.text.page import console as console_of

_REFRESH_PER_SECOND = 12.5


class Busy:
    """A spinner with a text, from `with` until its end. Where `console` is no terminal, nothing is shown.

    `Console.status` of rich is not used for three reasons. It sends what is printed on stdout to the console
    of the spinner, so JSON lines for a pipe would appear on stderr instead. It animates in the log of CI that
    sets `FORCE_COLOR`. It reads a text as markup, and the name of a consumer group may contain brackets.
    """

    def __init__(self, console: Console, text: str) -> None:
        self._spinner = Spinner("dots", Text(text), style="status.spinner")
        self._live: Live | None = None
        if console.file.isatty() and not console.quiet:
            # Text for the same terminal is printed above the line; text for a pipe is left alone.
            self._live = Live(
                self._spinner,
                console=console,
                refresh_per_second=_REFRESH_PER_SECOND,
                transient=True,
                redirect_stdout=sys.stdout.isatty(),
                redirect_stderr=True,
            )

    def __enter__(self) -> Busy:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def update(self, text: str) -> None:
        """Replace the text."""
        self._spinner.update(text=Text(text))

    def print(self, line: RenderableType, *, soft_wrap: bool = False) -> None:
        """Print on stdout, above the spinner where both are the same terminal."""
        if self._live is not None and sys.stdout.isatty():
            self._live.console.print(line, soft_wrap=soft_wrap)
        else:
            console_of().print(line, soft_wrap=soft_wrap)
