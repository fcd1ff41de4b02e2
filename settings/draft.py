"""Settings of which some are broken, so that rules between the sound ones can be judged all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from settings.problems import Problem

Subject = TypeVar("Subject")


class NotSound(Exception):
    """A rule asked for a setting that is broken, so it cannot be judged."""


class Draft:
    """Stands for a section (or for `Settings`) in which something is wrong.

    It is read like the dataclass `kind`, properties included; reading what is broken or missing raises
    `NotSound`.
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
    """Ask each rule of the settings; one that needs a broken setting is left out from there on."""
    for rule in rules:
        try:
            yield from rule(subject)
        except NotSound:
            continue
