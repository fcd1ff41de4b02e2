"""What does not go together between the mirrors of one stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from settings.model import Settings
from settings.problems import Problem


def mismatches(mirrors: Mapping[str, Settings]) -> Iterator[Problem]:
    return iter(())
