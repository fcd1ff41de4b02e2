"""The reason of a failure as one line, for output that goes on after a failure."""

from __future__ import annotations

from mirror.problems import CouldNotRun, one_line


def reason_of(error: Exception) -> str:
    """Return one line: the failed action and its result, or the type of an error in region-mirror itself."""
    if isinstance(error, CouldNotRun):
        return one_line(f"{error.tried}: {error.happened}")
    return f"an error in region-mirror itself ({type(error).__name__}: {one_line(error)})"
