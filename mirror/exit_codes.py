"""What the exit codes of `python -m mirror` mean."""

from __future__ import annotations

PROVEN = 0
FOUND = 1
"""Something was found wrong."""
COULD_NOT_RUN = 2
"""It could not be looked at, or the command line is wrong."""
INTERRUPTED = 130
"""Ended by Ctrl-C, as shells report it: 128 and the number of SIGINT."""
