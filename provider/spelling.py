"""The names of settings in programs: `topicsExclude` for `topics_exclude` of a stack file."""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from settings.kinds import section_in, without_none
from settings.model import Settings


def camel_case(name: str) -> str:
    """Convert a setting's name into the name of a Pulumi property."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def in_program(text: str) -> str:
    """Replace the names of settings in a text by the names of Pulumi properties."""
    return _names().sub(lambda found: camel_case(found.group()), text)


def stack_spelling(kind: type[Any], given: Mapping[str, object]) -> dict[str, object]:
    """Convert the names of one dataclass's properties, also nested ones, into those of a stack file.

    Keys of mappings (labels, raw properties) are not changed. Neither are unknown names, which
    `settings.load` reports.
    """
    hints = typing.get_type_hints(kind)
    names = {camel_case(field.name): field.name for field in dataclasses.fields(kind)}
    return {
        names.get(key, key): _value(hints[names[key]], value) if key in names else value
        for key, value in given.items()
    }


def _value(kind: Any, value: object) -> object:
    section = section_in(without_none(kind))
    if section is not None and isinstance(value, Mapping):
        return stack_spelling(section, value)
    if section is not None and isinstance(value, list | tuple):
        return [_value(section, one) for one in value]
    return value


@cache
def _names() -> re.Pattern[str]:
    names = sorted({name for name in _all_names(Settings) if "_" in name}, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, names))})(?![\w-])")


def _all_names(kind: type[Any]) -> Iterator[str]:
    hints = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        yield field.name
        if (section := section_in(without_none(hints[field.name]))) is not None:
            yield from _all_names(section)
