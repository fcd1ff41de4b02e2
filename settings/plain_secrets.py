"""Finds secrets that are stored in plain text in a stack file, each by its own value."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from settings.kinds import settings_of, without_none
from settings.model.secret import SecretText
from settings.model.source import SourceSettings
from settings.problems import MISSING, Problem
from settings.sections import MIRRORS

PRIVATE = "private"
"""Metadata of a setting: a function that tells whether a plain text is a secret. Without it, none is: CA
certificates, for example, are public."""


def plain_secrets(
    raw: Mapping[str, object], is_encrypted: Callable[[str], bool] = lambda _: False
) -> list[Problem]:
    """Report each secret in the sections of a stack file that is plain text.

    `is_encrypted` tells whether the plain text of a setting was encrypted in the file, if Pulumi or another
    program has decrypted the sections.
    """
    return [
        Problem(
            path,
            MISSING,
            "is stored in plain text in the stack file",
            f"Remove the line, replace the secret by a new one, then: "
            f"pulumi config set --secret --path region-mirror:{path}",
        )
        for path, plain in secret_values(raw)
        if plain and not is_encrypted(path)
    ]


def secret_values(raw: Mapping[str, object]) -> Iterator[tuple[str, bool]]:
    """Return the paths of all secrets in the sections of a stack file, and whether each is plain text."""
    yield from _of_source("source", raw.get("source"))
    several = raw.get(MIRRORS)
    for name, own in several.items() if isinstance(several, Mapping) else ():
        if isinstance(own, Mapping):
            yield from _of_source(f"{MIRRORS}.{name}.source", own.get("source"))


def _of_source(path: str, source: object) -> Iterator[tuple[str, bool]]:
    for section, kind in settings_of(SourceSettings):
        given = source.get(section.name) if isinstance(source, Mapping) else None
        if dataclasses.is_dataclass(without_none(kind)) and isinstance(given, Mapping):
            for field, _ in settings_of(without_none(kind)):
                if PRIVATE in field.metadata:
                    here = f"{path}.{section.name}.{field.name}"
                    yield from _values(here, given.get(field.name), field.metadata[PRIVATE])


def _values(path: str, given: Any, private: Callable[[str], bool]) -> Iterator[tuple[str, bool]]:
    if isinstance(given, list | tuple):
        for index, one in enumerate(given):
            yield from _values(f"{path}[{index}]", one, private)
    elif isinstance(given, Mapping | SecretText):
        yield path, False
    elif given is not None:
        # A number is a mistake, and as readable as a text.
        yield path, private(str(given))
