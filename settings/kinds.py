"""The kind of value that a setting has, by its field: for the loader, the reference and the schema."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any

from settings.model.secret import SecretText


def required(field: dataclasses.Field[Any]) -> bool:
    """Tell whether a setting has no default."""
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def default(field: dataclasses.Field[Any]) -> Any:
    """Return the default of a setting."""
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def without_none(kind: Any) -> Any:
    """Return X of `X | None`. For a Literal, that is a `typing.Union`."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return next(part for part in typing.get_args(kind) if part is not type(None))
    return kind


def is_section(kind: Any) -> bool:
    """Tell whether a setting is a section."""
    return dataclasses.is_dataclass(kind) and kind is not SecretText


def section_in(kind: Any) -> type[Any] | None:
    """Return the section that a setting is, or of which it is a list; None for any other setting."""
    inner = typing.get_args(kind)[0] if typing.get_origin(kind) is tuple else kind
    return inner if is_section(inner) else None


def is_mapping(kind: Any) -> bool:
    """Tell whether a setting is a mapping with keys of the user's choice."""
    origin = typing.get_origin(kind)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def settings_of(kind: type[Any]) -> tuple[tuple[dataclasses.Field[Any], Any], ...]:
    """Return a section's settings: the field, and the kind of its value."""
    key: Any = kind  # a class is hashable, which its type does not say
    return _settings_of(key)


@cache
def _settings_of(kind: Any) -> tuple[tuple[dataclasses.Field[Any], Any], ...]:
    hints = typing.get_type_hints(kind)
    return tuple((field, without_none(hints[field.name])) for field in dataclasses.fields(kind))


def holds_secrets(kind: type[Any]) -> bool:
    """Tell whether a value in a section may be secret, even under a misspelt key."""
    return any(inner is SecretText or SecretText in typing.get_args(inner) for _, inner in settings_of(kind))
