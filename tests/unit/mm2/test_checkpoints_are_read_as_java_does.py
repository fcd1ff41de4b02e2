"""Reading the two topics: the last record of a key counts, tombstones and new topics, and what is refused."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from mirror.clients.cluster import Cluster
from mirror.clients.reader import Reader
from mirror.clients.records import TopicPartition
from mirror.mm2 import OffsetAndMetadata, translate_offsets
from mirror.mm2.client import translate_all_offsets
from mirror.mm2.topics import Checkpoints, OffsetSyncs
from mirror.problems import CouldNotRead
from tests.unit.support.mock_kafka import MockCluster

TOPIC = "east.checkpoints.internal"
SYNCS = "mm2-offset-syncs.east.internal"
Pair = tuple[bytes, bytes | None]


def string(text: str) -> bytes:
    return struct.pack(">h", len(text)) + text.encode()


def checkpoint(group: str, topic: str, partition: int, up: int, down: int, version: int = 0) -> Pair:
    key = string(group) + string(topic) + struct.pack(">i", partition)
    return key, struct.pack(">hqq", version, up, down) + string("m")


def sync(topic: str, partition: int, up: int, down: int) -> Pair:
    return string(topic) + struct.pack(">i", partition), struct.pack(">qq", up, down)


@pytest.fixture
def mock() -> MockCluster:
    return MockCluster()


@pytest.fixture
def sides(mock: MockCluster) -> Iterator[tuple[Cluster, Reader]]:
    with ExitStack() as stack:
        cluster = stack.enter_context(Cluster(mock.access))
        cluster.connect()
        yield cluster, stack.enter_context(Reader(mock.access))


def test_the_last_checkpoint_of_a_partition_wins(mock: MockCluster) -> None:
    mock.write(
        TOPIC,
        0,
        [
            checkpoint("billing", "orders", 0, 5, 6),
            checkpoint("billing", "orders", 1, 7, 8),
            checkpoint("audit", "orders", 0, 1, 1),
            checkpoint("billing", "orders", 0, 9, 11),
        ],
    )
    assert translate_offsets(mock.access, "east", "billing") == {
        TopicPartition("orders", 0): OffsetAndMetadata(11, "m"),
        TopicPartition("orders", 1): OffsetAndMetadata(8, "m"),
    }
    assert translate_offsets(mock.access, "east", "nobody") == {}
    assert set(translate_all_offsets(mock.access, "east")) == {"billing", "audit"}


def test_the_separator_is_part_of_the_topics_name(mock: MockCluster) -> None:
    mock.write("east_checkpoints_internal", 0, [checkpoint("billing", "east_orders", 0, 5, 6)])
    found = translate_offsets(mock.access, "east", "billing", separator="_")
    assert found == {TopicPartition("east_orders", 0): OffsetAndMetadata(6, "m")}


def test_a_source_without_checkpoints_is_named_beside_those_that_have_some(mock: MockCluster) -> None:
    mock.write(TOPIC, 0, [checkpoint("billing", "orders", 0, 5, 6)])
    with pytest.raises(
        CouldNotRead,
        match=r"topic north\.checkpoints\.internal does not exist.* topics: east\.checkpoints",
    ):
        translate_offsets(mock.access, "north", "billing")


def test_a_record_that_cannot_be_decoded_is_named(mock: MockCluster) -> None:
    mock.write(TOPIC, 0, [checkpoint("a", "orders", 0, 5, 6), checkpoint("b", "orders", 0, 5, 6, version=3)])
    with pytest.raises(CouldNotRead, match=r"record 1 of east\.checkpoints\.internal-0 .* has version 3"):
        translate_offsets(mock.access, "east", "a")


def test_later_reads_go_on_and_tombstones_forget(mock: MockCluster, sides: tuple[Cluster, Reader]) -> None:
    first, second = checkpoint("a", "orders", 0, 5, 6), checkpoint("b", "orders", 0, 5, 7)
    mock.write(TOPIC, 0, [first, second])
    checkpoints = Checkpoints(*sides, TOPIC)
    assert {key.group: dated.checkpoint.downstream for key, dated in checkpoints.read().items()} == {
        "a": 6,
        "b": 7,
    }
    mock.write(TOPIC, 0, [(first[0], None), checkpoint("b", "orders", 0, 8, 9)])
    [[key, dated]] = checkpoints.read().items()
    assert (key.group, dated.checkpoint.downstream) == ("b", 9)
    assert dated.at == 1.001  # the record's timestamp, in seconds


def test_syncs_go_into_the_store_of_their_partition(mock: MockCluster, sides: tuple[Cluster, Reader]) -> None:
    mock.write(SYNCS, 0, [sync("orders", 0, 0, 0), sync("orders", 1, 3, 4), sync("orders", 0, 10, 12)])
    syncs = OffsetSyncs(*sides, SYNCS)
    store = syncs.read()
    assert store.translate(TopicPartition("orders", 0), 5) == 1
    assert store.translate(TopicPartition("orders", 1), 3) == 4
    mock.write(SYNCS, 0, [(sync("orders", 1, 0, 0)[0], None), sync("orders", 0, 20, 24)])
    store = syncs.read()
    assert store.translate(TopicPartition("orders", 0), 20) == 24
    assert store.translate(TopicPartition("orders", 1), 3) is None
