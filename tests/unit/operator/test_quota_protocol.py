"""The two requests about client quotas that go to Kafka byte by byte."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.operator.user.quota_protocol import (
    Refused,
    alter_request,
    alter_response,
    describe_request,
    describe_response,
)


def text(value: str | None) -> bytes:
    if value is None:
        return b"\xff\xff"
    return struct.pack(">h", len(value.encode())) + value.encode()


def described(
    entries: dict[str | None, dict[str, float]], code: int = 0, message: str | None = None
) -> bytes:
    data = struct.pack(">iih", 1, 0, code) + text(message)
    data += struct.pack(">i", len(entries) if not code else -1)
    for user, quotas in entries.items():
        data += struct.pack(">i", 1) + text("user") + text(user) + struct.pack(">i", len(quotas))
        data += b"".join(text(key) + struct.pack(">d", value) for key, value in quotas.items())
    return data


def test_describe_one_user() -> None:
    header = struct.pack(">hhi", 48, 0, 1) + text("strimzi-user-operator")
    body = struct.pack(">i", 1) + text("user") + b"\x00" + text("CN=u") + b"\x01"
    assert describe_request("CN=u") == struct.pack(">i", len(header) + len(body)) + header + body


def test_describe_every_user() -> None:
    assert describe_request(None).endswith(text("user") + b"\x02" + text(None) + b"\x01")


def test_alter_sets_and_removes() -> None:
    request = alter_request("u", {"producer_byte_rate": 5.0, "request_percentage": None})
    assert request.endswith(
        text("user")
        + text("u")
        + struct.pack(">i", 2)
        + text("producer_byte_rate")
        + struct.pack(">d?", 5.0, False)
        + text("request_percentage")
        + struct.pack(">d?", 0.0, True)
        + b"\x00"
    )


quotas = st.dictionaries(st.text(min_size=1), st.floats(allow_nan=False), max_size=4)


@given(st.dictionaries(st.one_of(st.none(), st.text()), quotas, max_size=5))
def test_what_was_described_is_read_back(entries: dict[str | None, dict[str, float]]) -> None:
    users = {user: found for user, found in entries.items() if user is not None}
    assert describe_response(described(entries)) == users


def test_refusals() -> None:
    with pytest.raises(Refused, match="Cluster authorization failed") as refused:
        describe_response(described({}, code=31, message="Cluster authorization failed."))
    assert refused.value.code == 31
    entry = (
        struct.pack(">h", 42)
        + text("must be greater than 0")
        + struct.pack(">i", 1)
        + text("user")
        + text("u")
    )
    with pytest.raises(Refused, match="greater than 0"):
        alter_response(struct.pack(">iii", 1, 0, 1) + entry)
    alter_response(struct.pack(">iiih", 1, 0, 1, 0) + text(None) + struct.pack(">i", 0))
