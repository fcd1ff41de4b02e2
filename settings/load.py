"""Builds a `Stack` from the content of a stack file, or reports all its problems together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from settings.draft import Draft
from settings.kinds import default, required, settings_of
from settings.model import Settings, Stack
from settings.problems import MISSING, Problem, SettingsError
from settings.sections import MIRRORS, Layers
from settings.values import plain, section, unknown_keys


def load_stack(raw: Mapping[str, object]) -> Stack:
    """Build all mirrors of a stack from the sections of its file.

    With `mirrors`, the settings of a mirror are the common sections, overridden key by key by its own; its
    name is its key there. Raises `SettingsError` with every problem of every mirror and between mirrors.
    """
    several = raw.get(MIRRORS)
    if several is None or several == {}:  # Pulumi.yaml's default
        return Stack((load({key: value for key, value in raw.items() if key != MIRRORS}),))
    if not isinstance(several, Mapping):
        rule = "must be a mapping of mirror names to sections"
        raise SettingsError([Problem(MIRRORS, several, rule, "Write e.g. east-to-west: {source: ...}")])
    problems: list[Problem] = []
    drafts: dict[str, Settings | Draft] = {}
    for name, own in several.items():
        layers = Layers(raw, str(name), own)
        problems.extend(layers.problems())
        settings, found = _settings(layers.merged())
        problems.extend(replace(problem, path=layers.path(problem.path)) for problem in found)
        drafts[str(name)] = settings
    # Imported here, as below, because a preview's guards import this module and load nothing.
    from settings.consistency import mismatches

    problems.extend(mismatches(drafts))
    _refuse(problems)
    return Stack(tuple(settings for settings in drafts.values() if isinstance(settings, Settings)))


def load(raw: Mapping[str, object]) -> Settings:
    """Build the settings of one mirror from the sections `source`, `target`, `mirror`, `workers`, `users`,
    `verification`, `monitoring` and `cutover`.

    Raises `SettingsError` with every problem: unknown keys, wrong types, broken rules, and inconsistencies
    between valid settings.
    """
    settings, problems = _settings(raw)
    _refuse(problems)
    if isinstance(settings, Draft):
        raise AssertionError("a draft without a problem")
    return settings


def dump(settings: Settings) -> dict[str, Any]:
    """Return the settings as plain lists and mappings, from which `load` builds the same settings. Absent
    settings are left out; of a secret only the fact that it is set is kept.
    """
    result: dict[str, Any] = plain(settings)
    return result


def _settings(raw: Mapping[str, object]) -> tuple[Settings | Draft, list[Problem]]:
    sections = {field.name: (field, kind) for field, kind in settings_of(Settings)}
    problems = list(unknown_keys("", raw, sections))
    values: dict[str, Any] = {}
    for name, (field, kind) in sections.items():
        value = raw.get(name)
        if value is not None:
            values[name] = section(name, kind, value, problems)
        elif required(field):
            needed = ", ".join(inner.name for inner, _ in settings_of(kind) if required(inner))
            remedy = f"Set region-mirror:{name} with at least {needed}"
            problems.append(Problem(name, MISSING, "is missing", remedy))
        else:
            values[name] = default(field)
    settings = Draft(Settings, values) if problems else Settings(**values)
    from settings.consistency import inconsistencies

    problems.extend(inconsistencies(settings))
    return settings, problems


def _refuse(problems: Iterable[Problem]) -> None:
    """Raise the problems, if any. A problem of a common section is reported once, not for each mirror."""
    if told := {str(problem): problem for problem in problems}:
        raise SettingsError(list(told.values()))
