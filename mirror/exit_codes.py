"""What the exit codes of `python -m mirror` mean."""

from __future__ import annotations

import os

PROVEN = 0
FOUND = 1
"""Something was found wrong."""
FOUND_VARIABLE = "REGION_MIRROR_EXIT_CODE_FOUND"
"""Environment variable with another code for findings of `verify` and `audit`. Python itself ends with 1 when
it cannot start the program, which a Job must tell from findings.
"""
COULD_NOT_RUN = 2
"""It could not be looked at, or the command line is wrong."""
INTERRUPTED = 130
"""Ended by Ctrl-C, as shells report it: 128 and the number of SIGINT."""


def code_of(proven: bool) -> int:
    """Return the exit code of `verify` and `audit`."""
    if proven:
        return PROVEN
    given = os.environ.get(FOUND_VARIABLE, "")
    return int(given) if given.isdecimal() and 0 < int(given) < 126 else FOUND
