"""Java properties as Strimzi's OrderedProperties keeps and prints them."""

from collections.abc import Mapping
from typing import Any

from lab.operator.failures import invalid_parameter


def as_strings(values: Mapping[str, Any]) -> dict[str, str]:
    """Values of a custom resource's `config` as strings; null, lists and objects are refused."""
    return {key: as_string(key, value) for key, value in values.items()}


def as_string(key: str, value: Any) -> str:
    """A value of the resource as Strimzi puts it into a configuration."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    if value is None:
        raise invalid_parameter(key, "A null value is not allowed for this key")
    java = "class java.util.ArrayList" if isinstance(value, list) else "class java.util.LinkedHashMap"
    raise invalid_parameter(key, f"Unsupported type {java} in configuration for this key")


def print_pairs(pairs: Mapping[str, str]) -> str:
    """Pairs as the lines of a properties file."""
    return "".join(f"{_escape_key(key)}={_escape_value(value)}\n" for key, value in pairs.items())


def _escape_key(key: str) -> str:
    return "".join("\\n" if c == "\n" else f"\\{c}" if c in "=: \t\f\\" else c for c in key)


def _escape_value(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")
    return f"\\{escaped}" if escaped[:1] in (" ", "\t", "\f") else escaped


def parse(text: str) -> dict[str, str]:
    """Enough of a parser for what Strimzi prints and people write as inline configuration."""
    pairs: dict[str, str] = {}
    for line in text.splitlines():
        stripped = line.strip()
        if stripped and stripped[0] not in "#!":
            key, _, value = stripped.partition("=")
            pairs[key.strip()] = value.strip()
    return pairs
