"""Topics of Connect and MM2 are read whole in little memory, and on where the time was over (KAFKA-15086)."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from mirror.clients import long_logs
from mirror.clients.cluster import Cluster
from mirror.clients.reader import Reader
from mirror.clients.records import ReadTo, TopicPartition
from mirror.clients.stretches import Progress
from mirror.mm2.positions import Positions
from mirror.mm2.topics import OffsetSyncs
from mirror.problems import CouldNotRead
from tests.unit.support.mock_kafka import MockCluster

CONNECTOR = "east->west.MirrorSourceConnector"
ORDERS, OTHER = TopicPartition("orders", 0), TopicPartition("orders", 1)
RECORDS = 30_000
"""As many as the mock cluster keeps."""
SYNCS = "mm2-offset-syncs.east.internal"


def key(one: TopicPartition) -> bytes:
    where = f'{{"cluster":"east","partition":{one.partition},"topic":"{one.topic}"}}'
    return f'["{CONNECTOR}",{where}]'.encode()


@pytest.fixture(scope="module")
def mock() -> MockCluster:
    made = MockCluster()
    made.write("grown", 0, ((key(ORDERS), b'{"offset":%d}' % number) for number in range(RECORDS)))
    made.write("grown", 1, [(key(OTHER), b'{"offset":7}')])
    syncs = ((struct.pack(">h6si", 6, b"orders", 0), struct.pack(">qq", up, up)) for up in range(500))
    made.write(SYNCS, 0, syncs)
    return made


@pytest.fixture
def sides(mock: MockCluster) -> Iterator[tuple[Cluster, Reader]]:
    with ExitStack() as stack:
        cluster = stack.enter_context(Cluster(mock.access))
        cluster.connect()
        yield cluster, stack.enter_context(Reader(mock.access))


def test_memory_is_that_of_the_keys(sides: tuple[Cluster, Reader]) -> None:
    """An exporter that started some days after its mirror would keep a gigabyte for each five million."""
    positions = Positions(*sides, "grown", 4, CONNECTOR, "east")
    tracemalloc.start()
    try:
        assert positions.read() == {ORDERS: RECORDS - 1, OTHER: 7}
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000, f"{peak:,} bytes"


class Interrupted(Reader):
    """A reader whose time is over `ends` times, after some records of each partition."""

    ends = 1
    read: int = 0

    def _read_wave(self, pending, convert, deadline) -> set[TopicPartition]:  # type: ignore[no-untyped-def]
        if self.ends == 0:
            return super()._read_wave(pending, convert, deadline)
        self.ends -= 1
        parts: dict[TopicPartition, Progress[object]] = dict(pending)
        stops = {one: progress.stretch.stop for one, progress in parts.items()}
        for progress in parts.values():
            progress.stretch.stop = min(progress.stretch.stop, progress.next + self.read)
        super()._read_wave({one: each for one, each in parts.items() if self.read}, convert, deadline)
        late = {one for one, progress in parts.items() if progress.next < stops[one]}
        for one, progress in parts.items():
            progress.stretch.stop = stops[one]
        for one in late:
            self._give_up(parts[one])
        return late


def interrupted(stack: ExitStack, mock: MockCluster, ends: int, read: int) -> Interrupted:
    reader = Interrupted(mock.access)
    reader.ends, reader.read = ends, read
    stack.enter_context(reader)
    return reader


def test_a_read_that_comes_on_goes_on(mock: MockCluster, sides: tuple[Cluster, Reader]) -> None:
    """It was given up after 45 s, and began anew with each look: lag was never judged, and a failover could
    not run."""
    with ExitStack() as stack:
        reader = interrupted(stack, mock, ends=3, read=RECORDS // 5)
        positions = Positions(sides[0], reader, "grown", 4, CONNECTOR, "east")
        assert positions.read() == {ORDERS: RECORDS - 1, OTHER: 7}


def test_a_read_that_stands_still_ends_and_the_next_goes_on(
    mock: MockCluster, sides: tuple[Cluster, Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    with ExitStack() as stack:
        reader = interrupted(stack, mock, ends=1, read=1000)
        positions = Positions(sides[0], reader, "grown", 4, CONNECTOR, "east")
        monkeypatch.setattr(long_logs.read_on, "__defaults__", (0.0,))
        with pytest.raises(CouldNotRead) as caught:
            positions.read()
        assert "not read in time" in caught.value.happened
        assert "segment.bytes=52428800" in caught.value.way_out
        each = reader.pass_on

        def pass_on(starts, *more) -> dict[TopicPartition, ReadTo]:  # type: ignore[no-untyped-def]
            asked.append(starts[TopicPartition("grown", 0)][0])
            return each(starts, *more)

        monkeypatch.setattr(reader, "pass_on", pass_on)
        assert positions.read() == {ORDERS: RECORDS - 1, OTHER: 7}
    assert asked == [1000]


def test_a_partition_that_cannot_be_read_is_not_asked_for_ever(
    mock: MockCluster, sides: tuple[Cluster, Reader]
) -> None:
    with ExitStack() as stack:
        reader = interrupted(stack, mock, ends=99, read=0)
        with pytest.raises(CouldNotRead, match="not read in time"):
            Positions(sides[0], reader, "grown", 4, CONNECTOR, "east").read()
        assert reader.ends == 98


def test_offset_syncs_go_on_too(mock: MockCluster, sides: tuple[Cluster, Reader]) -> None:
    with ExitStack() as stack:
        reader = interrupted(stack, mock, ends=2, read=150)
        newest = OffsetSyncs(sides[0], reader, SYNCS).read().newest(ORDERS)
    assert newest is not None
    assert newest.upstream == 499
