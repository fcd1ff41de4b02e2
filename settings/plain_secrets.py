"""Finds secrets that are stored in plain text in a stack file."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from settings.model import Settings, Stack
from settings.model.secret import SecretText
from settings.problems import MISSING, Problem

PRIVATE = ("password", "key")
"""The secret settings of `source.credentials`; certificates are public."""


def plain_in_file(stack: Stack) -> list[Problem]:
    """Report each password and key of a stack file that was read without Pulumi: there, an encrypted value is
    not decrypted, so one that can be read is in plain text.
    """
    return plain_secrets(stack, lambda _: False)


def plain_secrets(stack: Stack, is_encrypted: Callable[[str], bool]) -> list[Problem]:
    """Report each password and key of the stack file that is not encrypted.

    `is_encrypted` tells whether Pulumi decrypted something in a section (`source`, `mirrors`): it encrypts
    single values, but reports whole sections, so one encrypted value vouches for its section.
    """
    several = len(stack.mirrors) > 1
    sections = ("source", "mirrors") if several else ("source",)
    if any(is_encrypted(section) for section in sections):
        return []
    return [problem for settings in stack for problem in _of(settings, several)]


def _of(settings: Settings, several: bool) -> Iterator[Problem]:
    credentials = settings.source.credentials
    if credentials is None:
        return
    section = f"mirrors.{settings.mirror.name}.source" if several else "source"
    for field in dataclasses.fields(credentials):
        value: Any = getattr(credentials, field.name)
        if field.name in PRIVATE and isinstance(value, SecretText) and value.value is not None:
            path = f"{section}.credentials.{field.name}"
            yield Problem(
                path,
                MISSING,
                "is stored in plain text in the stack file",
                f"Remove the line, replace the secret by a new one, then: "
                f"pulumi config set --secret --path region-mirror:{path}",
            )
