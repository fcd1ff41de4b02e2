"""What a program hands to a component, as it comes over the wire: values, secrets, unknowns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pulumi.runtime import rpc


@dataclass(frozen=True, slots=True)
class SecretValue:
    """A value that its program marked as secret. No repr shows it."""

    value: Any

    def __repr__(self) -> str:
        return "[secret]"


class _Unknown:
    """Stands for what will be known only when a resource has been made."""

    def __repr__(self) -> str:
        return "[unknown]"


UNKNOWN = _Unknown()


def received(given: Any) -> dict[str, Any]:
    """Return a component's inputs (a protobuf Struct) as plain values, with `SecretValue` and UNKNOWN among
    them.

    Null is absent, as in Pulumi's own decoding. Raises ValueError for assets, archives and resources.
    """
    return {key: _value(value) for key, value in given.fields.items() if not _is_null(value)}


def find(value: Any, kind: type[Any], path: str = "") -> Iterator[str]:
    """Find the paths of everything of a kind (`SecretValue`, or UNKNOWN's), outermost only."""
    if isinstance(value, kind):
        yield path
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from find(part, kind, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from find(part, kind, f"{path}[{index}]")


def revealed(value: Any) -> Any:
    """Return the value with its secrets in plain."""
    if isinstance(value, SecretValue):
        return revealed(value.value)
    if isinstance(value, dict):
        return {key: revealed(part) for key, part in value.items()}
    return [revealed(part) for part in value] if isinstance(value, list) else value


def _value(value: Any) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value == rpc.UNKNOWN else value.string_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [_value(part) for part in value.list_value.values]
        case "struct_value":
            return _struct(value.struct_value)
    return None


def _struct(struct: Any) -> Any:
    fields = struct.fields
    signature = fields[rpc._special_sig_key].string_value if rpc._special_sig_key in fields else None
    if signature is None:
        return received(struct)
    if signature == rpc._special_secret_sig:
        return SecretValue(_value(fields["value"]))
    if signature == rpc._special_output_value_sig:
        value = _value(fields["value"]) if "value" in fields else UNKNOWN
        return SecretValue(value) if fields["secret"].bool_value else value
    raise ValueError("an asset, archive or resource stands where a setting belongs")


def _is_null(value: Any) -> bool:
    return value.WhichOneof("kind") in (None, "null_value")
