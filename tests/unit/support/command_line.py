"""Runs command lines of `python -m mirror` in the process of the test."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from mirror import cli

Run = Callable[..., int]
"""Runs a command line with these arguments, and returns its exit code."""


def runner(monkeypatch: pytest.MonkeyPatch, *first: object) -> Run:
    """Return a function that runs the command line; `first` come before its arguments."""

    def run(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["mirror", *map(str, (*first, *arguments))])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        return int(caught.value.code or 0)

    return run
