"""One value of a stack file, judged by the type and the metadata of its setting."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal

from settings import guess
from settings.draft import Draft
from settings.kinds import default, holds_secrets, is_mapping, is_section, required, settings_of
from settings.model.secret import SecretText, looks_secret
from settings.problems import MISSING, Problem

BROKEN: Any = object()
"""What stands for a value that breaks a rule."""


def section(path: str, kind: type[Any], raw: object, problems: list[Problem]) -> Any:
    """Build the dataclass `kind` from a mapping; a `Draft` of it, and all problems noted, when anything is
    wrong.
    """
    if not isinstance(raw, Mapping):
        shown = MISSING if holds_secrets(kind) else raw
        problems.append(
            Problem(path, shown, "must be a mapping of settings", f"Write them indented under {path}:")
        )
        return Draft(kind, {})
    fields = {field.name: (field, hint) for field, hint in settings_of(kind)}
    before = len(problems)
    problems.extend(unknown_keys(path, raw, fields, secret=holds_secrets(kind)))
    # What a misspelt key stands for is not absent, only unknown.
    meant = {guess.closest(key, fields) for key in raw if key not in fields}
    values = {}
    for key, (field, hint) in fields.items():
        value = raw.get(key)
        if value is not None:
            found = _value(f"{path}.{key}", hint, value, field.metadata, problems)
            if found is not BROKEN:
                values[key] = found
        elif required(field):
            problems.append(Problem(f"{path}.{key}", MISSING, "is missing", field.metadata["doc"]))
        elif key not in meant:
            values[key] = default(field)
    return kind(**values) if len(problems) == before else Draft(kind, values)


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


def unknown_keys(
    path: str, raw: Mapping[str, object], known: Collection[str], *, secret: bool = False
) -> Iterator[Problem]:
    """Find the keys that are no settings. The value of one that may be secret is not shown."""
    for key, value in raw.items():
        if key not in known:
            here = f"{path}.{key}" if path else str(key)
            remedy = guess.setting(path, key, known) or f"Known are {', '.join(known)}"
            shown = MISSING if secret or looks_secret(key) or looks_secret(remedy) else value
            yield Problem(here, shown, "is no setting", remedy)


def _value(path: str, kind: Any, value: object, metadata: Mapping[str, Any], problems: list[Problem]) -> Any:
    def broken(rule: str, remedy: str) -> Any:
        problems.append(Problem(path, value, rule, remedy))
        return BROKEN

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
    if is_section(kind):
        return section(path, kind, value, problems)
    origin = typing.get_origin(kind)
    if origin is Literal:
        choices = typing.get_args(kind)
        if value not in choices:
            return broken(
                f"must be one of {', '.join(choices)}",
                guess.did_you_mean(value, choices) or f"Write {choices[0]}",
            )
        return value
    if origin is tuple:
        return _list(path, typing.get_args(kind)[0], value, metadata, problems)
    if is_mapping(kind):
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
                shown = MISSING if looks_secret(key) else value
                problems.append(Problem(here, shown, "must be text", "Write one text, number or truth value"))
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
