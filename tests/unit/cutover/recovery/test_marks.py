"""Marks: how far the recovery of each source partition is."""

from __future__ import annotations

from mirror.clients.records import TopicPartition
from mirror.cutover.recovery.marks import Mark, encode, parse
from mirror.mm2.positions import parse_key

CONNECTOR = "east->west.MirrorSourceConnector"
ONE = TopicPartition("orders", 3)


def test_a_mark_is_read_as_it_was_written() -> None:
    mark = Mark(41, "id-1", 12)
    assert parse(CONNECTOR, "east", encode(CONNECTOR, "east", ONE, mark)) == (ONE, mark)


def test_neither_connect_nor_verification_takes_a_mark_for_a_position() -> None:
    key, _ = encode(CONNECTOR, "east", ONE, Mark(41))
    assert parse_key(key, CONNECTOR, "east") is None


def test_what_is_no_mark_is_ignored_and_a_damaged_one_counts_as_none() -> None:
    key, _ = encode(CONNECTOR, "east", ONE, Mark(41))
    assert parse(CONNECTOR, "east", (b'["other",{}]', b"{}")) is None
    assert parse(CONNECTOR, "east", (key, None)) == (ONE, None)
    assert parse(CONNECTOR, "east", (key, b"what")) == (ONE, None)


def test_a_topic_that_was_created_again_has_no_mark() -> None:
    assert Mark(41, "id-1").of("id-1")
    assert not Mark(41, "id-1").of("id-2")
    assert Mark(41, "id-1").of(""), "a cluster without topic ids"
