"""One value of a stack file, judged by the type and the metadata of its setting."""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal

from settings.model.secret import SecretText
from settings.problems import MISSING, Problem

BROKEN: Any = object()
"""What stands for a value that breaks a rule."""


def section(path: str, kind: type[Any], raw: object, problems: list[Problem]) -> Any:
    """Build the dataclass `kind` from a mapping; BROKEN, and all problems noted, when anything is wrong."""
    if not isinstance(raw, Mapping):
        problems.append(
            Problem(path, raw, "must be a mapping of settings", f"Write them indented under {path}:")
        )
        return BROKEN
    fields = {field.name: field for field in dataclasses.fields(kind)}
    hints = typing.get_type_hints(kind)
    before = len(problems)
    problems.extend(unknown_keys(path, raw, fields))
    values = {}
    for key, field in fields.items():
        here = f"{path}.{key}"
        value = raw.get(key)
        if value is None:
            if required(field):
                problems.append(Problem(here, MISSING, "is missing", field.metadata["doc"]))
            continue
        found = _value(here, hints[key], value, field.metadata, problems)
        if found is not BROKEN:
            values[key] = found
    return kind(**values) if len(problems) == before else BROKEN


def plain(value: Any) -> Any:
    """Return a setting as plain lists and mappings; what is absent is left out, what is secret is hidden."""
    if isinstance(value, SecretText):
        return {"secure": ""}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return {key: plain(part) for key, part in fields.items() if part is not None}
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, tuple | list) else value


def unknown_keys(path: str, raw: Mapping[str, object], known: Collection[str]) -> Iterator[Problem]:
    """Find the keys that are no settings."""
    for key, value in raw.items():
        if key not in known:
            here = f"{path}.{key}" if path else str(key)
            remedy = _guess(key, known) or f"Known are {', '.join(known)}"
            yield Problem(here, value, "is no setting", remedy)


def required(field: dataclasses.Field[Any]) -> bool:
    """Tell whether a setting has no default."""
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def without_none(kind: Any) -> Any:
    """Return X of `X | None`."""
    if isinstance(kind, types.UnionType):
        return next(part for part in typing.get_args(kind) if part is not type(None))
    return kind


def _value(path: str, kind: Any, value: object, metadata: Mapping[str, Any], problems: list[Problem]) -> Any:
    def broken(rule: str, remedy: str) -> Any:
        problems.append(Problem(path, value, rule, remedy))
        return BROKEN

    kind = without_none(kind)
    encrypted = isinstance(value, Mapping) and set(value) == {"secure"}
    if kind is SecretText:
        if encrypted:
            return SecretText()
        if isinstance(value, str) and value:
            return SecretText(value)
        problems.append(Problem(path, MISSING, "must be text", "Set it with `pulumi config set --secret`"))
        return BROKEN
    if encrypted:
        problems.append(
            Problem(path, MISSING, "is encrypted, but this setting is not secret", "Set it without --secret")
        )
        return BROKEN
    if dataclasses.is_dataclass(kind):
        return section(path, typing.cast(type[Any], kind), value, problems)
    origin = typing.get_origin(kind)
    if origin is Literal:
        choices = typing.get_args(kind)
        if value not in choices:
            return broken(
                f"must be one of {', '.join(choices)}", _guess(value, choices) or f"Write {choices[0]}"
            )
        return value
    if origin is tuple:
        return _list(path, typing.get_args(kind)[0], value, metadata, problems)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(path, typing.get_args(kind)[1], value, metadata, problems)
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


def _list(path: str, kind: Any, raw: object, metadata: Mapping[str, Any], problems: list[Problem]) -> Any:
    if not isinstance(raw, list | tuple):
        remedy = f"Write [{raw!r}]" if isinstance(raw, str) else "Write a list"
        problems.append(Problem(path, raw, "must be a list", remedy))
        return BROKEN
    if metadata.get("filled") and not raw:
        problems.append(Problem(path, raw, "must not be empty", metadata["doc"]))
        return BROKEN
    before = len(problems)
    found: list[Any] = []
    for index, value in enumerate(raw):
        here = f"{path}[{index}]"
        if kind is str and not isinstance(value, str):
            problems.append(Problem(here, value, "must be text", "Put it in quotes"))
        elif value in found:
            again = f"stands already at [{found.index(value)}]"
            problems.append(Problem(here, value, again, "Remove one of the two"))
        else:
            found.append(_value(here, kind, value, metadata, problems))
    return tuple(found) if len(problems) == before else BROKEN


def _mapping(path: str, kind: Any, raw: object, metadata: Mapping[str, Any], problems: list[Problem]) -> Any:
    """A mapping with any keys: of text (scalars become text, as Kafka takes them) or of anything."""
    if not isinstance(raw, Mapping):
        problems.append(Problem(path, raw, "must be a mapping", "Write `key: value` lines under it"))
        return BROKEN
    before = len(problems)
    found: dict[str, Any] = {}
    if known := metadata.get("known"):
        problems.extend(unknown_keys(path, raw, known))
    for key, value in raw.items():
        here = f"{path}.{key}"
        if not isinstance(key, str):
            problems.append(Problem(here, value, "must have text as its key", "Put the key in quotes"))
            continue
        if verdict := metadata["key_rule"](key) if "key_rule" in metadata else None:
            problems.append(Problem(here, key, *verdict))
        if kind is str:
            if not isinstance(value, str | int | float | bool):
                problems.append(Problem(here, value, "must be text", "Write one text, number or truth value"))
                continue
            value = str(value).lower() if isinstance(value, bool) else str(value)
            value = _value(here, str, value, metadata, problems)
        found[key] = value
    return found if len(problems) == before else BROKEN


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


def _guess(value: object, known: Collection[str]) -> str | None:
    close = difflib.get_close_matches(str(value).lower().replace("-", "_"), list(known), n=1)
    return f"Did you mean {close[0]}?" if close else None
