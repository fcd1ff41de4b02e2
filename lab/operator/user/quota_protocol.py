"""Two requests of the Kafka protocol for which confluent-kafka has no call: client quotas of users.

DescribeClientQuotas (key 48) and AlterClientQuotas (key 49), version 0 each (KIP-546). Kafka's command line
tool would do as well, but costs a Java start each time.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

DESCRIBE, ALTER = 48, 49
_EXACT, _ANY = 0, 2
_CLIENT = "strimzi-user-operator"

Quotas = dict[str, float]


class Refused(Exception):
    """Kafka answered with an error."""

    def __init__(self, code: int, message: str | None) -> None:
        super().__init__(message or f"error {code}")
        self.code = code


def describe_request(username: str | None) -> bytes:
    """The quotas of one user, or of every user (None); never those of a user and client id together."""
    match_type = _ANY if username is None else _EXACT
    component = _string("user") + struct.pack(">b", match_type) + _string(username)
    return _request(DESCRIBE, struct.pack(">i", 1) + component + b"\x01")


def describe_response(data: bytes) -> dict[str, Quotas]:
    """Quotas by user. The user that stands for all others (a null name) is left out."""
    reader = _Reader(data)
    reader.skip(8)  # correlation id, throttle time
    code, message = reader.int16(), reader.string()
    if code:
        raise Refused(code, message)
    found: dict[str, Quotas] = {}
    for _ in range(reader.int32()):
        entity = {reader.string(): reader.string() for _ in range(reader.int32())}
        quotas = {str(reader.string()): reader.float64() for _ in range(reader.int32())}
        name = entity.get("user")
        if name is not None:
            found[name] = quotas
    return found


def alter_request(username: str, changes: Mapping[str, float | None]) -> bytes:
    """Set quotas, or remove those that are None."""
    entity = struct.pack(">i", 1) + _string("user") + _string(username)
    operations = b"".join(
        _string(key) + struct.pack(">d?", 0.0 if value is None else value, value is None)
        for key, value in changes.items()
    )
    body = struct.pack(">i", 1) + entity + struct.pack(">i", len(changes)) + operations
    return _request(ALTER, body + b"\x00")


def alter_response(data: bytes) -> None:
    """Raises Refused when Kafka did not change the quotas."""
    reader = _Reader(data)
    reader.skip(8)
    for _ in range(reader.int32()):
        code, message = reader.int16(), reader.string()
        for _ in range(reader.int32()):
            reader.string(), reader.string()
        if code:
            raise Refused(code, message)


def _request(key: int, body: bytes) -> bytes:
    """With its length in front; request header version 1."""
    header = struct.pack(">hhi", key, 0, 1) + _string(_CLIENT)
    return struct.pack(">i", len(header) + len(body)) + header + body


def _string(text: str | None) -> bytes:
    if text is None:
        return struct.pack(">h", -1)
    encoded = text.encode()
    return struct.pack(">h", len(encoded)) + encoded


@dataclass(slots=True)
class _Reader:
    data: bytes
    position: int = 0

    def skip(self, count: int) -> None:
        self.position += count

    def int16(self) -> int:
        return int(self._unpack(">h"))

    def int32(self) -> int:
        return int(self._unpack(">i"))

    def float64(self) -> float:
        return float(self._unpack(">d"))

    def string(self) -> str | None:
        length = self.int16()
        if length < 0:
            return None
        self.position += length
        return self.data[self.position - length : self.position].decode()

    def _unpack(self, layout: str) -> int | float:
        value: int | float = struct.unpack_from(layout, self.data, self.position)[0]
        self.position += struct.calcsize(layout)
        return value
