"""Turns what a stack file says into `Stack`, or says everything that is wrong with it at once."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from typing import Any

from settings.consistency import inconsistencies
from settings.model import Settings, Stack
from settings.problems import MISSING, Problem, SettingsError
from settings.values import BROKEN, plain, required, section, unknown_keys

MIRRORS = "mirrors"
"""The section with several mirrors, keyed by name; the other sections are then what they have in common."""


def load_stack(raw: Mapping[str, object]) -> Stack:
    """Build all mirrors of a stack from the sections of its file.

    With `mirrors`, each of them is the common sections with its own on top, key by key; its name is its key
    there. Raises `SettingsError` with every problem of every mirror.
    """
    several = raw.get(MIRRORS)
    if several is None or several == {}:  # Pulumi.yaml's default
        return Stack((load({key: value for key, value in raw.items() if key != MIRRORS}),))
    problems: list[Problem] = []
    if not isinstance(several, Mapping):
        rule = "must be a mapping with a section for each mirror, keyed by its name"
        raise SettingsError([Problem(MIRRORS, several, rule, "Write e.g. east-to-west: {source: ...}")])
    mirrors = []
    for name, own in several.items():
        path = f"{MIRRORS}.{name}"
        if not isinstance(own, Mapping):
            rule = "must be a mapping of sections"
            problems.append(Problem(path, own, rule, f"Write source: ... indented under {name}:"))
            continue
        found = _settings(_merged(raw, str(name), own), problems, f"{path}.")
        if found is not None:
            mirrors.append(found)
    # A problem of a common section would be told once for each mirror.
    if problems:
        raise SettingsError(list(dict.fromkeys(problems)))
    return Stack(tuple(mirrors))


def load(raw: Mapping[str, object]) -> Settings:
    """Build the settings of one mirror from the sections `source`, `target`, `mirror`, `workers`, `users`
    and `verification`.

    Raises `SettingsError` with every problem: unknown keys, wrong types, broken rules and, when the single
    values are sound, settings that do not go together.
    """
    problems: list[Problem] = []
    settings = _settings(raw, problems, "")
    if problems or settings is None:
        raise SettingsError(problems)
    return settings


def dump(settings: Settings) -> dict[str, Any]:
    """Return the settings as plain lists and mappings; `load` reads them back to the same. What is absent is
    left out; what is secret is left out too, all but that it is set.
    """
    result: dict[str, Any] = plain(settings)
    return result


def _settings(raw: Mapping[str, object], problems: list[Problem], prefix: str) -> Settings | None:
    sections = {field.name: field for field in dataclasses.fields(Settings)}
    before = len(problems)
    problems.extend(unknown_keys(prefix.rstrip("."), raw, sections))
    hints = typing.get_type_hints(Settings)
    values: dict[str, Any] = {}
    for name, field in sections.items():
        value = raw.get(name)
        if value is None and required(field):
            needed = ", ".join(f.name for f in dataclasses.fields(hints[name]) if required(f))
            remedy = f"Set region-mirror:{name} with at least {needed}"
            problems.append(Problem(f"{prefix}{name}", MISSING, "is missing", remedy))
        elif value is not None:
            found = section(f"{prefix}{name}", hints[name], value, problems)
            if found is not BROKEN:
                values[name] = found
    if len(problems) > before:
        return None
    settings = Settings(**values)
    problems.extend(inconsistencies(settings))
    return settings


def _merged(raw: Mapping[str, object], name: str, own: Mapping[str, object]) -> dict[str, object]:
    merged = {key: value for key, value in raw.items() if key != MIRRORS}
    for key, value in {**own, "mirror": {"name": name, **_mapping(own.get("mirror"))}}.items():
        common = merged.get(key)
        both = isinstance(common, Mapping) and isinstance(value, Mapping)
        merged[key] = {**_mapping(common), **_mapping(value)} if both else value
    return merged


def _mapping(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, Mapping) else {}
