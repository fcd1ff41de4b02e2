"""Settings of which some are broken, so that the rules between the valid ones can still be checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from settings.problems import Problem

Subject = TypeVar("Subject")


class NotSound(Exception):
    """A rule reads a broken setting, so it cannot be checked."""


class Draft:
    """Takes the place of a section (or of `Settings`) that has a problem.

    It has the attributes of the dataclass `kind`, including properties. Reading a broken or missing setting
    raises `NotSound`.
    """

    def __init__(self, kind: type[Any], sound: Mapping[str, Any]) -> None:
        self._kind = kind
        self._sound = dict(sound)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in self._sound:
            return self._sound[name]
        attribute = getattr(self._kind, name, None)
        if isinstance(attribute, property) and attribute.fget is not None:
            return attribute.fget(self)
        raise NotSound(f"{self._kind.__name__}.{name}")


def judged(rules: Iterable[Callable[[Subject], Iterator[Problem]]], subject: Subject) -> Iterator[Problem]:
    """Check each rule. A rule that reads a broken setting ends there."""
    for rule in rules:
        try:
            yield from rule(subject)
        except NotSound:
            continue
