"""A scope: modules that are mutated, and the unit tests that judge each of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """Modules, and the test modules that state what is right for them. One run of mutmut.

    Tests that draw random data or start a broker also notice many mutants. They are not run:
    a unit test with the right value takes milliseconds.
    """

    modules: tuple[str, ...]
    tests: tuple[str, ...]


def within(folder: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}.py" for name in names)
