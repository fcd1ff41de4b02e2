"""The record of one check: everything that the rest of the program derives from a check is a field here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mirror.verify.reading.look import Look, Part
from mirror.verify.report import CheckResult


@dataclass(frozen=True, slots=True)
class Check:
    """One check. Each module in `mirror/verify/checks/` ends with its record.

    `name` is what `--check` takes and what reports, metrics and alerts show. `statement` is what is true of
    the mirror when the check passes, for a reader who does not know the names. `reads` are the parts of a
    look that `judge` asks for: which other part has to be read first, and which check already reports the
    same fault, follows from it.
    """

    name: str
    statement: str
    reads: tuple[Part[Any], ...]
    judge: Callable[[Look], CheckResult]
    copies_only: bool = False
    """Judges only partitions that have a copy on the target."""
    topics_only: bool = False
    """Judges mirrored topics, so nothing where there is none. So does each that judges copies only."""

    def __post_init__(self) -> None:
        """Raise ValueError for a record with an empty field."""
        if not (self.name and self.statement and self.reads):
            raise ValueError(f"check {self.name or '(no name)'} needs a name, a statement and what it reads")
