"""Checks the values of a stack file against the type and the metadata of their settings."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal

from settings import guess
from settings.draft import Draft
from settings.kinds import default, holds_secrets, is_mapping, is_section, required, settings_of
from settings.model.secret import SecretText, is_content, looks_secret
from settings.problems import MISSING, Problem
from settings.rules.text import RuleResult, file_path, no_date

BROKEN: Any = object()
"""Takes the place of a value that breaks a rule."""


def section(path: str, kind: type[Any], raw: object, problems: list[Problem]) -> Any:
    """Build the dataclass `kind` from a mapping. With problems, which are added to `problems`, build a
    `Draft` of it instead.
    """
    if _is_encrypted(raw):
        rule = "is encrypted as a whole, so only Pulumi can read it"
        remedy = f"Encrypt each secret in it alone: pulumi config set --secret --path region-mirror:{path}..."
        problems.append(Problem(path, MISSING, rule, remedy))
        return Draft(kind, {})
    if not isinstance(raw, Mapping):
        shown = MISSING if holds_secrets(kind) else raw
        problems.append(
            Problem(path, shown, "must be a mapping of settings", f"Write them indented under {path}:")
        )
        return Draft(kind, {})
    fields = {field.name: (field, hint) for field, hint in settings_of(kind)}
    before = len(problems)
    problems.extend(unknown_keys(path, raw, fields, secret=holds_secrets(kind)))
    # A setting with a misspelt key is not absent, only unknown.
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
    """Return a setting as plain lists and mappings, without absent settings and with secrets hidden."""
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
    """Find the keys that are not known settings. A value that may be secret is not shown."""
    for key, value in raw.items():
        if key not in known:
            here = f"{path}.{key}" if path else str(key)
            remedy = guess.setting(path, key, known) or f"Known settings: {', '.join(known)}"
            shown = MISSING if secret or looks_secret(key) or looks_secret(remedy) else value
            yield Problem(here, shown, "is not a known setting", remedy)


def _value(path: str, kind: Any, value: object, metadata: Mapping[str, Any], problems: list[Problem]) -> Any:
    if kind is SecretText:
        return _secret(path, value, problems)
    if _is_encrypted(value):
        rule, remedy = "is encrypted, but this setting is not secret", "Set it without --secret"
        if metadata.get("rule") is file_path:
            remedy += ", to the path of a file: its content belongs on no command line, and not in this file"
        problems.append(Problem(path, MISSING, rule, remedy))
        return BROKEN
    if is_section(kind):
        return section(path, kind, value, problems)
    if typing.get_origin(kind) is tuple:
        return _list(path, typing.get_args(kind)[0], value, metadata, problems)
    if is_mapping(kind):
        return _mapping(path, typing.get_args(kind)[1], value, metadata, problems)
    if broken := _broken_rule(kind, value, metadata):
        # The content of a file may have a credential; a placeholder such as {{.Servers}} has none.
        content = isinstance(value, str) and is_content(value) and any(one in value for one in '"\n')
        problems.append(Problem(path, MISSING if content else value, *broken))
        return BROKEN
    return value


def _secret(path: str, value: object, problems: list[Problem]) -> Any:
    if _is_encrypted(value):
        return SecretText()
    if isinstance(value, str) and value:
        return SecretText(value)
    problems.append(Problem(path, MISSING, "must be text", "Set it with `pulumi config set --secret`"))
    return BROKEN


def _is_encrypted(value: object) -> bool:
    return isinstance(value, Mapping) and set(value) == {"secure"}


def _broken_rule(kind: Any, value: object, metadata: Mapping[str, Any]) -> RuleResult:
    """Check a value that is no section, list or mapping."""
    if typing.get_origin(kind) is Literal:
        return _choice(typing.get_args(kind), value, metadata.get("unsupported", {}))
    if kind is bool:
        return None if isinstance(value, bool) else ("must be true or false", "Write it without quotes")
    if kind is int:
        return _number(value, metadata)
    if not isinstance(value, str):
        remedy = f'Write "{value}"' if isinstance(value, int | float) else "Write one text"
        if isinstance(value, list | tuple) and value and all(isinstance(one, str) for one in value):
            remedy += f", e.g. {','.join(value)}"
        return "must be text", remedy
    result: RuleResult = no_date(value)
    if result is None and "rule" in metadata:
        result = metadata["rule"](value)
    return result


def _choice(choices: tuple[str, ...], value: object, unsupported: Mapping[str, str]) -> RuleResult:
    """Check a value against its choices; `unsupported`: remedies for values that other programs know."""
    if value in choices:
        return None
    if isinstance(value, str) and value.lower() in unsupported:
        return f"must be one of {', '.join(choices)}", unsupported[value.lower()]
    remedy = guess.did_you_mean(value, choices) or f"Write {choices[0]}"
    return f"must be one of {', '.join(choices)}", remedy


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
        elif value in found and not metadata.get("repeats"):
            again = f"is a duplicate of [{found.index(value)}]"
            problems.append(Problem(here, value, again, "Remove one of the two"))
        else:
            found.append(_value(here, kind, value, metadata, problems))
    return tuple(found) if len(problems) == before else BROKEN


def _mapping(path: str, kind: Any, raw: object, metadata: Mapping[str, Any], problems: list[Problem]) -> Any:
    """Check a mapping with any keys, which are sorted, as Pulumi hands them over: else a command would render
    another text than `pulumi up`. Where the values are text, numbers and booleans become text, as in Kafka.
    """
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
        if verdict := no_date(key) or (metadata["key_rule"](key) if "key_rule" in metadata else None):
            problems.append(Problem(here, key, *verdict))
        if kind is str:
            if not isinstance(value, str | int | float | bool):
                shown = MISSING if looks_secret(key) else value
                problems.append(Problem(here, shown, "must be text", "Write one text, number or boolean"))
                continue
            value = str(value).lower() if isinstance(value, bool) else str(value)
            value = _value(here, str, value, metadata, problems)
        found[key] = value
    return _sorted(found) if len(problems) == before else BROKEN


def _sorted(value: Any) -> Any:
    """Sort the keys of mappings at any depth."""
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value, key=str)}
    return [_sorted(one) for one in value] if isinstance(value, list | tuple) else value


def _number(value: object, metadata: Mapping[str, Any]) -> RuleResult:
    if isinstance(value, bool) or not isinstance(value, int):
        digits = isinstance(value, str) and value.isdigit()
        form = f"Write digits without quotes and without a unit. {metadata['doc']}"
        return "must be a whole number", f"Write {value}" if digits else form
    low, high = metadata["minimum"], metadata["maximum"]
    if value < low or value > high or value in metadata.get("forbidden", ()):
        nought = ", and not 0" if 0 in metadata.get("forbidden", ()) else ""
        return f"must be from {low} to {high}{nought}", metadata["doc"]
    return None
