"""Marks: how far the recovery of each source partition is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.clients.cluster import Cluster
from mirror.clients.reader import Reader
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.cutover.recovery.marks import Mark, encode, parse, read_marks
from mirror.mm2.positions import parse_key
from mirror.problems import CouldNotRead

CONNECTOR = "east->west.MirrorSourceConnector"
ONE = TopicPartition("orders", 3)
TOPIC = "__east-to-west-offset"
Row = tuple[bytes | None, bytes | None]


def test_a_mark_is_read_as_it_was_written() -> None:
    mark = Mark(41, "id-1", 12)
    assert parse(CONNECTOR, "east", encode(CONNECTOR, "east", ONE, mark)) == (ONE, mark)


def test_a_mark_is_written_as_the_docstring_shows_it() -> None:
    """The next version has to read it."""
    assert encode(CONNECTOR, "east", ONE, Mark(41, "id-1", 12)) == (
        b'["region-mirror-recovered:east->west.MirrorSourceConnector",'
        b'{"cluster":"east","partition":3,"topic":"orders"}]',
        b'{"offset":41,"id":"id-1","to_topic":12}',
    )


def test_a_mark_without_an_id_or_a_count_has_none() -> None:
    key, _ = encode(CONNECTOR, "east", ONE, Mark(41))
    assert parse(CONNECTOR, "east", (key, b'{"offset":41}')) == (ONE, Mark(41, "", 0))


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


def read(rows: Mapping[int, list[Row] | Unread]) -> dict[TopicPartition, Mark]:
    """The marks in the offsets topic, of which `rows` are the partitions."""
    partitions = {TopicPartition(TOPIC, number): found for number, found in rows.items()}

    def bounds(asked: Iterable[TopicPartition]) -> dict[TopicPartition, Any]:
        return {one: Bounds(2, 9) for one in asked}

    def messages(wanted: Mapping[TopicPartition, tuple[int, int]]) -> dict[TopicPartition, Any]:
        assert set(wanted.values()) == {(2, 9)}
        return {one: partitions[one] for one in wanted}

    cluster = SimpleNamespace(bounds=bounds, access=SimpleNamespace(describe=lambda: "the target"))
    reader = SimpleNamespace(messages=messages)
    return read_marks(cast(Cluster, cluster), cast(Reader, reader), TOPIC, len(rows), CONNECTOR, "east")


def test_the_newest_mark_of_each_partition_counts_and_a_deleted_one_does_not() -> None:
    def mark(partition: TopicPartition, *values: Any) -> Row:
        return encode(CONNECTOR, "east", partition, Mark(*values))

    other, gone, never = (TopicPartition("orders", number) for number in range(3))
    position = (b'["east->west.MirrorSourceConnector",{}]', b'{"offset":99}')
    found = read({
        0: [mark(ONE, 41), position, mark(ONE, 60, "id")],
        1: [mark(other, 7), mark(gone, 8), (mark(gone, 8)[0], None), (mark(never, 8)[0], None)],
    })  # fmt: skip
    assert found == {ONE: Mark(60, "id"), other: Mark(7)}


def test_marks_that_cannot_be_read_stop_the_recovery() -> None:
    """Without them, records would be recovered twice."""
    with pytest.raises(CouldNotRead) as caught:
        read({0: [encode(CONNECTOR, "east", ONE, Mark(41))], 1: Unread("not authorized")})
    assert caught.value.tried == (
        "reading the marks of earlier recoveries from __east-to-west-offset-1 of the target"
    )
    assert caught.value.happened == "not authorized"
    assert caught.value.way_out == "the verifier needs Read and Describe on topic __east-to-west-offset"
