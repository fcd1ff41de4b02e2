"""MM2's source positions, as Connect writes them to its offsets topic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack

import pytest

from mirror.clients.cluster import Cluster
from mirror.clients.reader import Reader
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.mm2.positions import START_MARK, Positions, parse_key, parse_value
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
    assert positions.starts == {}
    monkeypatch.undo()
    assert positions.read() == {first: 9, second: 7}
    assert positions.starts == {TopicPartition("orders", 2): 3}
