"""Offset syncs and checkpoints: bytes that Kafka's own classes wrote, and what nobody should have written.

The golden bytes are answers of tests/lab/OffsetTranslation.java with Kafka 4.3.1.
"""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.clients.records import TopicPartition
from mirror.mm2.formats import (
    Checkpoint,
    OffsetSync,
    Undecodable,
    parse_checkpoint,
    parse_checkpoint_key,
    parse_sync,
    parse_sync_key,
)

SYNC = "00066f726465727300000003", "0000000000000029000000000000002a"
FAR_SYNC = "00077ac3bc726963687fffffff", "7fffffffffffffff0000000000000000"
CHECKPOINT = (
    "000762696c6c696e67000b656173742e6f726465727300000007",
    "00000000011f71fb04cb00000000000000370000",
)
WITH_METADATA = (
    "00076772c3b6c39f6500066f726465727300000000",
    "000000000000000000000000000000000000000e6c65616465722065706f63682033",
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=249)
PARTITION = st.integers(0, 2**31 - 1)
OFFSET = st.integers(-(2**63), 2**63 - 1)


def data(pair: tuple[str, str]) -> tuple[bytes, bytes]:
    return bytes.fromhex(pair[0]), bytes.fromhex(pair[1])


def string(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack(">h", len(encoded)) + encoded


def test_offset_syncs_that_kafka_wrote() -> None:
    assert parse_sync(*data(SYNC)) == OffsetSync(TopicPartition("orders", 3), 41, 42)
    assert parse_sync(*data(FAR_SYNC)) == OffsetSync(TopicPartition("zürich", 2**31 - 1), 2**63 - 1, 0)


def test_checkpoints_that_kafka_wrote() -> None:
    orders = TopicPartition("east.orders", 7)
    assert parse_checkpoint(*data(CHECKPOINT)) == Checkpoint("billing", orders, 1_234_567_890_123, 55, "")
    assert parse_checkpoint(*data(WITH_METADATA)) == Checkpoint(
        "größe", TopicPartition("orders", 0), 0, 0, "leader epoch 3"
    )


def test_a_tombstone_keeps_its_key_and_says_nothing() -> None:
    sync, checkpoint = data(SYNC)[0], data(CHECKPOINT)[0]
    assert parse_sync(sync, None) is None
    assert parse_sync_key(sync) == TopicPartition("orders", 3)
    assert parse_checkpoint(checkpoint, None) is None
    assert parse_checkpoint_key(checkpoint).group == "billing"


def test_an_unknown_version_is_named() -> None:
    key, value = data(CHECKPOINT)
    with pytest.raises(Undecodable, match=r"group billing, east\.orders-7 has version 1, and only version 0"):
        parse_checkpoint(key, b"\x00\x01" + value[2:])


@pytest.mark.parametrize("cut", range(16))
def test_a_cut_off_sync_is_refused(cut: int) -> None:
    key, value = data(SYNC)
    with pytest.raises(Undecodable, match="cut off"):
        parse_sync(key, value[:cut])
    if cut < len(key):
        with pytest.raises(Undecodable, match="cut off"):
            parse_sync(key[:cut], value)


@given(st.integers(0, 33))
def test_a_cut_off_checkpoint_is_refused(cut: int) -> None:
    key, value = data(WITH_METADATA)
    with pytest.raises(Undecodable, match="cut off"):
        parse_checkpoint(key, value[:cut])


def test_a_record_without_key_or_of_a_negative_length_is_refused() -> None:
    with pytest.raises(Undecodable, match="missing"):
        parse_sync(None, b"")
    with pytest.raises(Undecodable, match="length -1"):
        parse_checkpoint(b"\xff\xff" + bytes(20), b"")


def test_bytes_after_a_struct_are_left_alone() -> None:
    key, value = data(SYNC)
    assert parse_sync(key + b"more", value + b"more") == parse_sync(key, value)


@given(TEXT, PARTITION, OFFSET, OFFSET)
def test_every_sync_is_read_back(topic: str, partition: int, upstream: int, downstream: int) -> None:
    key = string(topic) + struct.pack(">i", partition)
    value = struct.pack(">qq", upstream, downstream)
    assert parse_sync(key, value) == OffsetSync(TopicPartition(topic, partition), upstream, downstream)


@given(TEXT, TEXT, PARTITION, OFFSET, OFFSET, TEXT)
def test_every_checkpoint_is_read_back(
    group: str, topic: str, partition: int, upstream: int, downstream: int, metadata: str
) -> None:
    key = string(group) + string(topic) + struct.pack(">i", partition)
    value = struct.pack(">hqq", 0, upstream, downstream) + string(metadata)
    one = TopicPartition(topic, partition)
    assert parse_checkpoint(key, value) == Checkpoint(group, one, upstream, downstream, metadata)


@given(st.binary(), st.none() | st.binary())
def test_noise_is_refused_and_nothing_worse(key: bytes, value: bytes | None) -> None:
    for parse in (parse_sync, parse_checkpoint):
        with suppress(Undecodable):
            parse(key, value)


@pytest.mark.parametrize(
    ("sync", "checkpoint", "missing"),
    [(7, 1, ("upstreamOffset", "version")), (15, 9, ("offset", "upstreamOffset"))],
)
def test_a_value_that_is_cut_off_names_what_is_missing(
    sync: int, checkpoint: int, missing: tuple[str, str]
) -> None:
    for pair, cut, parse, name, about in (
        (SYNC, sync, parse_sync, missing[0], "offset sync of orders-3"),
        (CHECKPOINT, checkpoint, parse_checkpoint, missing[1], "checkpoint of group billing, east.orders-7"),
    ):
        key, value = data(pair)
        with pytest.raises(Undecodable) as raised:
            parse(key, value[:cut])
        assert str(raised.value) == f"the value of the {about} is cut off: {cut} bytes end before {name} does"


def test_a_key_that_is_cut_off_names_what_is_missing() -> None:
    key, value = data(CHECKPOINT)
    for cut, name in ((1, "group"), (10, "topic"), (23, "partition")):
        with pytest.raises(Undecodable) as raised:
            parse_checkpoint(key[:cut], value)
        assert str(raised.value) == f"the key of a checkpoint is cut off: {cut} bytes end before {name} does"
    for cut, name in ((17, "offset"), (18, "metadata")):
        with pytest.raises(Undecodable, match=f"bytes end before {name} does"):
            parse_checkpoint(key, value[:cut])
    with pytest.raises(
        Undecodable, match=r"the key of an offset sync is cut off: 9 bytes end before partition"
    ):
        parse_sync_key(data(SYNC)[0][:9])


def test_numbers_are_signed_and_text_is_read_as_java_reads_it() -> None:
    key, value = data(CHECKPOINT)
    negative = parse_checkpoint(key[:-4] + b"\xff" * 4, value[:2] + b"\xff" * 16 + b"\x00\x01\xff")
    assert negative == Checkpoint("billing", TopicPartition("east.orders", -1), -1, -1, "\ufffd")
