"""The distance of the bench `wan`: packets keep their order and sums, and arrive a delay later."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from tests.bench.mirrors.relay import Direction, exchanged


def checksum(data: bytes) -> int:
    """The Internet's checksum (RFC 1071) of an even number of bytes."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


@given(st.binary(min_size=40, max_size=40))
def test_an_exchange_of_addresses_leaves_all_sums(packet: bytes) -> None:
    swapped = exchanged(packet)
    assert swapped[12:16] == packet[16:20]
    assert swapped[16:20] == packet[12:16]
    assert exchanged(swapped) == packet
    assert checksum(swapped) == checksum(packet)


def test_a_packet_arrives_after_its_length_and_the_delay() -> None:
    way = Direction(delay=0.04, bytes_per_second=1_000)
    way.take(b"a" * 10, 100.0)
    way.take(b"b" * 10, 100.0)
    assert way.due(100.049) is None
    assert way.due(100.051) == b"a" * 10
    assert way.due(100.051) is None, "the second one waits for the link"
    assert way.due(100.061) == b"b" * 10
    assert way.due(200.0) is None


def test_an_idle_link_owes_nothing() -> None:
    way = Direction(delay=0.04, bytes_per_second=1_000)
    way.take(b"a", 100.0)
    way.take(b"b", 500.0)
    assert way.due(500.0) == b"a"
    assert way.due(500.0411) == b"b"
