"""Turns what a stack file says into `Settings`, or says everything that is wrong with it at once."""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Literal, TypeVar

from settings.consistency import inconsistencies
from settings.model import Settings
from settings.problems import MISSING, Problem, SettingsError

_T = TypeVar("_T")
_BROKEN = object()


def load(raw: Mapping[str, object]) -> Settings:
    """Build the settings from the sections of a stack file (`source`, `target`, `mirror`, `users`,
    `verification`).

    Raises `SettingsError` with every problem: unknown keys, wrong types, broken rules and, when the single
    values are sound, settings that do not go together.
    """
    problems: list[Problem] = []
    sections = {field.name: field for field in dataclasses.fields(Settings)}
    problems.extend(_unknown_keys("", raw, sections))
    hints = typing.get_type_hints(Settings)
    values: dict[str, Any] = {}
    for name, field in sections.items():
        value = raw.get(name)
        if value is None:
            if field.default_factory is dataclasses.MISSING:
                needed = ", ".join(f.name for f in dataclasses.fields(hints[name]) if _required(f))
                problems.append(
                    Problem(name, MISSING, "is missing", f"Set region-mirror:{name} with at least {needed}")
                )
            continue
        values[name] = _section(name, hints[name], value, problems)
    if problems:
        raise SettingsError(problems)
    settings = Settings(**values)
    if problems := list(inconsistencies(settings)):
        raise SettingsError(problems)
    return settings


def dump(settings: Settings) -> dict[str, Any]:
    """Return the settings as plain lists and mappings; `load` reads them back to the same. What is absent is
    left out.
    """

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(part) for key, part in value.items() if part is not None}
        return [plain(part) for part in value] if isinstance(value, tuple | list) else value

    result: dict[str, Any] = plain(dataclasses.asdict(settings))
    return result


def _section(name: str, kind: type[_T], raw: object, problems: list[Problem]) -> _T | None:
    if not isinstance(raw, Mapping):
        problems.append(
            Problem(name, raw, "must be a mapping of settings", f"Write them indented under {name}:")
        )
        return None
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    hints = typing.get_type_hints(kind)
    before = len(problems)
    problems.extend(_unknown_keys(name, raw, fields))
    values = {}
    for key, field in fields.items():
        path = f"{name}.{key}"
        value = raw.get(key)
        if value is None:
            if _required(field):
                problems.append(Problem(path, MISSING, "is missing", field.metadata["doc"]))
            continue
        found = _value(path, hints[key], value, field.metadata, problems)
        if found is not _BROKEN:
            values[key] = found
    return kind(**values) if len(problems) == before else None


def _value(path: str, kind: Any, value: object, metadata: Mapping[str, Any], problems: list[Problem]) -> Any:
    def broken(rule: str, remedy: str) -> object:
        problems.append(Problem(path, value, rule, remedy))
        return _BROKEN

    if isinstance(value, Mapping) and set(value) == {"secure"}:
        return broken("is encrypted, but no setting is secret", "Set it without --secret")
    if isinstance(kind, types.UnionType):
        kind = next(part for part in typing.get_args(kind) if part is not type(None))
    origin = typing.get_origin(kind)
    if origin is Literal:
        choices = typing.get_args(kind)
        if value not in choices:
            return broken(
                f"must be one of {', '.join(choices)}", _guess(value, choices) or f"Write {choices[0]}"
            )
        return value
    if origin is tuple:
        if not isinstance(value, list | tuple):
            return broken(
                "must be a list", f"Write [{value!r}]" if isinstance(value, str) else "Write a list of texts"
            )
        if metadata.get("filled") and not value:
            return broken("must not be empty", metadata["doc"])
        return _elements(path, value, metadata, problems)
    if kind is bool:
        return (
            value if isinstance(value, bool) else broken("must be true or false", "Write it without quotes")
        )
    if kind is int:
        return _number(value, metadata, broken)
    if not isinstance(value, str):
        return broken(
            "must be text", f'Write "{value}"' if isinstance(value, int | float) else "Write one text"
        )
    verdict = metadata["rule"](value) if "rule" in metadata else None
    return broken(*verdict) if verdict else value


def _elements(
    path: str, values: Iterable[object], metadata: Mapping[str, Any], problems: list[Problem]
) -> tuple[object, ...] | object:
    before = len(problems)
    seen: dict[object, int] = {}
    for index, value in enumerate(values):
        here = f"{path}[{index}]"
        if not isinstance(value, str):
            problems.append(Problem(here, value, "must be text", "Put it in quotes"))
        elif value in seen:
            problems.append(
                Problem(here, value, f"stands already at [{seen[value]}]", "Remove one of the two")
            )
        else:
            seen[value] = index
            if verdict := metadata["rule"](value):
                problems.append(Problem(here, value, *verdict))
    return tuple(seen) if len(problems) == before else _BROKEN


def _number(value: object, metadata: Mapping[str, Any], broken: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        remedy = (
            f"Write {value}" if isinstance(value, str) and value.isdigit() else "Write digits without quotes"
        )
        return broken("must be a whole number", remedy)
    low, high = metadata["minimum"], metadata["maximum"]
    if value < low or value > high or value in metadata.get("forbidden", ()):
        nought = ", and not 0" if 0 in metadata.get("forbidden", ()) else ""
        return broken(f"must be from {low} to {high}{nought}", metadata["doc"])
    return value


def _unknown_keys(path: str, raw: Mapping[str, object], known: Collection[str]) -> Iterator[Problem]:
    for key, value in raw.items():
        if key not in known:
            here = f"{path}.{key}" if path else str(key)
            remedy = _guess(key, known) or f"Known are {', '.join(known)}"
            yield Problem(here, value, "is no setting", remedy)


def _guess(value: object, known: Iterable[str]) -> str | None:
    close = difflib.get_close_matches(str(value).lower().replace("-", "_"), list(known), n=1)
    return f"Did you mean {close[0]}?" if close else None


def _required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
