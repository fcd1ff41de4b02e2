"""The records of `__transaction_state` name who holds a transaction open, in both of their formats."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from mirror.clients.records import TopicPartition
from mirror.cutover.fence.transaction_log import Holder, holders

EMPTY, ONGOING, PREPARE_COMMIT, PREPARE_ABORT, COMPLETE_COMMIT = 0, 1, 2, 3, 4
ORDERS = TopicPartition("orders", 0)
SINCE = 1_700_000_000_000
Write = Callable[[int, dict[str, list[int]]], bytes]


def key(name: str) -> bytes:
    text = name.encode()
    return struct.pack(">hh", 0, len(text)) + text


def version_0(state: int, topics: dict[str, list[int]]) -> bytes:
    head = struct.pack(">hqhib", 0, 4000, 7, 60_000, state)
    if state == EMPTY:
        return head + struct.pack(">iqq", -1, SINCE, -1)  # no array
    body = struct.pack(">i", len(topics))
    for name, numbers in topics.items():
        body += struct.pack(">h", len(name)) + name.encode()
        body += struct.pack(f">i{len(numbers)}i", len(numbers), *numbers)
    return head + body + struct.pack(">qq", SINCE + 5, SINCE)


def version_1(state: int, topics: dict[str, list[int]]) -> bytes:
    """As Kafka 4 writes it: lengths are varints of one more, and each structure ends with tagged fields."""
    head = struct.pack(">hqhib", 1, 4000, 7, 60_000, state)
    tags = b"\x01\x02\x02" + struct.pack(">h", 2)  # ClientTransactionVersion
    if state == EMPTY:
        return head + b"\x00" + struct.pack(">qq", SINCE, -1) + tags
    body = bytes([len(topics) + 1])
    for name, numbers in topics.items():
        body += bytes([len(name) + 1]) + name.encode()
        body += bytes([len(numbers) + 1]) + struct.pack(f">{len(numbers)}i", *numbers) + b"\x00"
    return head + body + struct.pack(">qq", SINCE + 5, SINCE) + tags


both = pytest.mark.parametrize("value", [version_0, version_1])


@both
@pytest.mark.parametrize("state", [ONGOING, PREPARE_COMMIT, PREPARE_ABORT])
def test_an_open_transaction_is_named_with_its_partitions(value: Write, state: int) -> None:
    written = value(state, {"orders": [0, 3], "payments": [1]})
    [found] = holders([(key("billing-1"), written)], [ORDERS])
    partitions = {ORDERS, TopicPartition("orders", 3), TopicPartition("payments", 1)}
    assert found == Holder("billing-1", 4000, frozenset(partitions), SINCE)
    assert str(found) == "billing-1 (producer id 4000, since 22:13:20 UTC)"


@both
def test_only_its_last_state_counts(value: Write) -> None:
    log = [
        (key("ended"), value(ONGOING, {"orders": [0]})),
        (key("forgotten"), value(ONGOING, {"orders": [0]})),
        (key("idle"), value(EMPTY, {})),
        (key("ended"), value(COMPLETE_COMMIT, {})),
        (key("forgotten"), None),
        (key("open"), value(ONGOING, {"orders": [0]})),
        (key("elsewhere"), value(ONGOING, {"payments": [0]})),
    ]
    assert [one.transactional_id for one in holders(log, [ORDERS])] == ["open"]


@pytest.mark.parametrize(
    "value", [b"", b"\x00", b"\x00\x01\x00\x00", version_0(ONGOING, {"orders": [0]})[:-9]]
)
def test_what_is_not_understood_is_left_out(value: bytes) -> None:
    assert holders([(key("broken"), value), (b"\x00", b""), (None, None)], [ORDERS]) == []


def test_a_long_name_has_a_length_of_two_bytes() -> None:
    name = "t" * 200
    value = version_1(ONGOING, {"x": [0]}).replace(b"\x02x", b"\xc9\x01" + name.encode())
    [found] = holders([(key("long"), value)], [TopicPartition(name, 0)])
    assert found.transactional_id == "long"
