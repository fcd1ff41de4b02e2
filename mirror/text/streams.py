"""The program's stdout and stderr, whatever it was started with: closed, or in an encoding without all
characters.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TextIO


def open_streams() -> None:
    """Let everything be printed. What was started without an output (`>&-`) prints nowhere.

    An encoding such as that of de_DE.ISO-8859-15 has no check mark: a terminal shows a question mark in its
    place, and a file or a pipe gets UTF-8, in which the names of topics and groups stay what they are.
    """
    sys.stdout, sys.stderr = _opened(sys.stdout), _opened(sys.stderr)


def discard_output() -> None:
    """Let nothing more be written to stdout: Python would report the same error again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _opened(stream: TextIO | None) -> TextIO:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if isinstance(stream, TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
        if stream.isatty():
            stream.reconfigure(errors="replace")
        else:
            stream.reconfigure(encoding="utf-8")
    return stream
