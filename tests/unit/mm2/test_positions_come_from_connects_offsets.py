"""MM2's source positions, as Connect writes them to its offsets topic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.clients.cluster import Cluster
from mirror.clients.reader import Reader
from mirror.clients.records import Bounds, ReadTo, TopicPartition, Unread
from mirror.mm2.positions import START_MARK, Positions, parse_key, parse_value
from mirror.problems import CouldNotRead
from tests.unit.support.mock_kafka import MockCluster

CONNECTOR = "east->west.MirrorSourceConnector"


def key(topic: str, partition: int, *, connector: str = CONNECTOR, cluster: str = "east") -> bytes:
    return f'["{connector}",{{"cluster":"{cluster}","partition":{partition},"topic":"{topic}"}}]'.encode()


def test_a_key_names_connector_cluster_topic_and_partition() -> None:
    assert parse_key(key("orders", 3), CONNECTOR, "east") == TopicPartition("orders", 3)


@pytest.mark.parametrize(
    "other",
    [
        None,
        b"",
        b"not json",
        b'{"a":1}',
        b'["east->west.MirrorCheckpointConnector",{"group":"g"}]',
        key("orders", 0, connector="north->west.MirrorSourceConnector"),
        key("orders", 0, cluster="north"),
    ],
)
def test_other_keys_are_left_alone(other: bytes | None) -> None:
    assert parse_key(other, CONNECTOR, "east") is None


def test_a_value_is_the_offset_of_the_last_mirrored_record() -> None:
    assert parse_value(b'{"offset":41}') == 41
    assert parse_value(None) is None
    assert parse_value(b"null") is None
    assert parse_value(b'{"other":1}') is None


@pytest.fixture
def kafka() -> Iterator[tuple[MockCluster, Positions]]:
    mock = MockCluster()
    mock.write("m-offsets", 0, [(key("orders", 0), b'{"offset":5}'), (key("orders", 0), b'{"offset":9}')])
    mock.write("m-offsets", 1, [(key("orders", 1), b'{"offset":7}'), (b"noise", b"noise")])
    with ExitStack() as stack:
        cluster = stack.enter_context(Cluster(mock.access))
        cluster.connect()
        reader = stack.enter_context(Reader(mock.access))
        yield mock, Positions(cluster, reader, "m-offsets", 4, CONNECTOR, "east")


def test_the_last_value_counts_and_later_reads_go_on(kafka: tuple[MockCluster, Positions]) -> None:
    mock, positions = kafka
    first, second = TopicPartition("orders", 0), TopicPartition("orders", 1)
    assert positions.read() == {first: 9, second: 7}
    mock.write("m-offsets", 0, [(key("orders", 0), b'{"offset":12}')])
    assert positions.read() == {first: 12, second: 7}


def test_of_keys_written_in_two_ways_the_last_record_counts(kafka: tuple[MockCluster, Positions]) -> None:
    mock, positions = kafka
    spaced = key("orders", 0).replace(b",", b", ")
    mock.write("m-offsets", 0, [(spaced, b'{"offset":11}'), (key("orders", 0), b'{"offset":12}')])
    assert positions.read()[TopicPartition("orders", 0)] == 12
    mock.write("m-offsets", 0, [(key("orders", 0), b'{"offset":13}'), (spaced, b'{"offset":14}')])
    assert positions.read()[TopicPartition("orders", 0)] == 14
    mock.write("m-offsets", 0, [(key("orders", 0), b'{"offset":15}'), (spaced, None)])
    assert TopicPartition("orders", 0) not in positions.read()


def test_a_tombstone_takes_the_position_away(kafka: tuple[MockCluster, Positions]) -> None:
    mock, positions = kafka
    positions.read()
    mock.write("m-offsets", 1, [(key("orders", 1), None)])
    assert positions.read() == {TopicPartition("orders", 0): 9}


def test_start_positions_are_kept_apart(kafka: tuple[MockCluster, Positions]) -> None:
    mock, positions = kafka
    marked = key("orders", 0).replace(CONNECTOR.encode(), (START_MARK + CONNECTOR).encode())
    mock.write("m-offsets", 2, [(marked, b'{"offset":3}')])
    assert positions.read()[TopicPartition("orders", 0)] == 9
    assert positions.starts == {TopicPartition("orders", 0): 3}


def test_a_shrunken_partition_takes_its_own_positions_and_starts_only(
    kafka: tuple[MockCluster, Positions], monkeypatch: pytest.MonkeyPatch
) -> None:
    mock, positions = kafka
    first, second = TopicPartition("orders", 0), TopicPartition("orders", 1)
    start = key("orders", 2).replace(CONNECTOR.encode(), (START_MARK + CONNECTOR).encode())
    mock.write("m-offsets", 1, [(start, b'{"offset":3}')])
    assert positions.read() == {first: 9, second: 7}
    shrunken = TopicPartition("m-offsets", 1)
    bounds = Cluster.bounds

    def truncated(self: Cluster, wanted: Iterable[TopicPartition]) -> dict[TopicPartition, Bounds | Unread]:
        return {**bounds(self, wanted), shrunken: Bounds(0, 0)}

    monkeypatch.setattr(Cluster, "bounds", truncated)
    assert positions.read() == {first: 9}
    assert (positions.starts, positions.copy_ends) == ({}, {})
    monkeypatch.undo()
    assert positions.read() == {first: 9, second: 7}
    assert positions.starts == {TopicPartition("orders", 2): 3}


def marked(partition: int) -> bytes:
    return key("orders", partition).replace(CONNECTOR.encode(), (START_MARK + CONNECTOR).encode())


def test_a_start_that_was_deleted_is_none_and_the_others_stay(kafka: tuple[MockCluster, Positions]) -> None:
    mock, positions = kafka
    mock.write(
        "m-offsets",
        2,
        [
            (marked(0), b'{"offset":3,"target":44}'),
            (marked(1), b'{"offset":-1}'),
            (marked(2), b'{"offset":8,"target":9}'),
            (b"noise", b'{"offset":5}'),
        ],
    )
    positions.read()
    one, two, three = (TopicPartition("orders", number) for number in range(3))
    assert positions.starts == {one: 3, two: -1, three: 8}
    assert positions.copy_ends == {one: 44, two: 0, three: 9}
    mock.write("m-offsets", 2, [(marked(0), None), (marked(7), None), (key("orders", 7), None)])
    assert positions.read() == {one: 9, two: 7}
    assert positions.starts == {two: -1, three: 8}
    assert positions.copy_ends == {two: 0, three: 9}


class Reads:
    """A topic of one partition, which answers what it is told to."""

    def __init__(self, bounds: Bounds | Unread, to: ReadTo | None = None) -> None:
        self.log, self.to = bounds, to
        self.asked: list[tuple[int, int]] = []
        self.rows: list[tuple[bytes, bytes]] = []
        self.access = SimpleNamespace(describe=lambda: "west")

    def bounds(self, wanted: Iterable[TopicPartition]) -> dict[TopicPartition, Bounds | Unread]:
        return dict.fromkeys(wanted, self.log)

    def pass_on(self, wanted: Any, _: object, to: Any) -> dict[TopicPartition, ReadTo]:
        self.asked += wanted.values()
        for one in wanted:
            for row in self.rows:
                to(one)(row)
        return {one: self.to or ReadTo(stop) for one, (_, stop) in wanted.items()}

    def positions(self) -> Positions:
        return Positions(cast(Cluster, self), cast(Reader, self), "m-offsets", 1, CONNECTOR, "east")


@pytest.mark.parametrize(
    ("reads", "reason", "way_out"),
    [
        (Reads(Unread("no leader")), "no leader", "the verifier needs Read and Describe on topic m-offsets"),
        (Reads(Bounds(0, 9), ReadTo(4, "refused")), "refused", "the verifier needs Read and Describe on"),
        (Reads(Bounds(0, 9), ReadTo(4, "too long", late=True)), "too long", "look again, or with `--wait`"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_way_out(reads: Reads, reason: str, way_out: str) -> None:
    with pytest.raises(CouldNotRead) as raised:
        reads.positions().read()
    assert raised.value.tried == "reading MM2's committed source positions from m-offsets-0 of west"
    assert raised.value.happened == reason
    assert raised.value.way_out.startswith(way_out)
    assert "m-offsets" in raised.value.way_out


def test_the_next_read_goes_on_where_the_last_one_ended() -> None:
    """Also where nothing was written meanwhile: that is no truncation."""
    reads = Reads(Bounds(2, 9))
    reads.rows = [(key("orders", 0), b'{"offset":5}')]
    positions = reads.positions()
    assert positions.read() == {TopicPartition("orders", 0): 5}
    reads.rows = []
    assert positions.read() == {TopicPartition("orders", 0): 5}
    reads.log = Bounds(12, 15)
    positions.read()
    reads.log = Bounds(12, 13)
    assert positions.read() == {}, "truncated"
    assert reads.asked == [(2, 9), (9, 9), (12, 15), (12, 13)]
