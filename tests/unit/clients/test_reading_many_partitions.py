"""The reader, against a mock cluster: stretches of many partitions at once, each to where it must end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mirror.clients import log_offsets
from mirror.clients.cluster import Cluster
from mirror.clients.newest_records import newest_records
from mirror.clients.reader import Reader
from mirror.clients.records import Bounds, TopicPartition, Unread, Window, coverage, digest
from mirror.clients.stretches import Stretch
from tests.unit.support.made_up import window
from tests.unit.support.mock_kafka import MockCluster

ONE, TWO, EMPTY = (TopicPartition("orders", number) for number in range(3))


@pytest.fixture(scope="module")
def kafka() -> MockCluster:
    cluster = MockCluster()
    cluster.write("orders", 0, ((b"k", b"%d" % number) for number in range(100)))
    cluster.write("orders", 1, [(None, b"a"), (b"k", None)])
    return cluster


@pytest.fixture(scope="module")
def reader(kafka: MockCluster) -> Iterator[Reader]:
    with Reader(kafka.access) as opened:
        yield opened


def offsets(window: Window | Unread) -> list[int]:
    assert isinstance(window, Window)
    return [record.offset for record in window.records]


def test_bounds_of_all_partitions_come_together(kafka: MockCluster) -> None:
    cluster = Cluster(kafka.access)
    cluster.connect()
    assert cluster.bounds([ONE, TWO, EMPTY]) == {ONE: Bounds(0, 100), TWO: Bounds(0, 2), EMPTY: Bounds(0, 0)}


def test_bounds_of_more_partitions_than_one_request_asks_for(
    kafka: MockCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_offsets, "_OFFSETS_AT_ONCE", 2)
    cluster = Cluster(kafka.access)
    cluster.connect()
    found = cluster.bounds([EMPTY, TWO, ONE])
    assert list(found) == [EMPTY, TWO, ONE]
    assert found[ONE] == Bounds(0, 100)


def test_a_partition_that_is_not_there_is_unread_with_the_brokers_words(kafka: MockCluster) -> None:
    cluster = Cluster(kafka.access)
    cluster.connect()
    bounds = cluster.bounds([ONE, TopicPartition("orders", 9)])
    assert bounds[ONE] == Bounds(0, 100)
    assert isinstance(bounds[TopicPartition("orders", 9)], Unread)


def test_topics_come_with_partitions_and_replicas(kafka: MockCluster) -> None:
    cluster = Cluster(kafka.access)
    cluster.connect()
    assert cluster.topics()["orders"].partitions == 4


def test_stretches_end_where_they_must(reader: Reader) -> None:
    found = reader.records(
        [
            Stretch(ONE, 90, 95),
            Stretch(TWO, 0, 2),
            Stretch(ONE, 10, 100, limit=3),
            Stretch(ONE, 50, 100, enough=lambda record: bool(record.offset == 51)),
            Stretch(EMPTY, 0, 0),
        ]
    )
    assert [offsets(one) for one in found[ONE]] == [[90, 91, 92, 93, 94], [10, 11, 12], [50, 51]]
    assert [offsets(one) for one in found[TWO]] == [[0, 1]]
    assert found[EMPTY] == [Window(0, 0, [], True)]


def test_a_stretch_past_the_end_of_the_log_ends_with_it(reader: Reader) -> None:
    [found] = reader.records([Stretch(TWO, 1, 500)])[TWO]
    assert isinstance(found, Window)
    assert (offsets(found), found.at_end, found.end) == ([1], True, 2)


def test_records_are_what_was_written(reader: Reader) -> None:
    [found] = reader.records([Stretch(TWO, 0, 2)])[TWO]
    assert isinstance(found, Window)
    first, second = found.records
    assert (first.timestamp, first.key, first.tombstone) == (1000, None, False)
    assert first.content == digest(None, b"a", [("n", b"0")])
    assert second.tombstone


def test_the_newest_record_is_found_from_the_end(reader: Reader) -> None:
    newest = newest_records(reader, {ONE: (0, 100), TWO: (0, 2), EMPTY: (0, 0)}, first_step=1)
    assert newest[EMPTY] is None
    assert [newest[one].offset for one in (ONE, TWO)] == [99, 1]  # type: ignore[union-attr]


def test_an_absent_topic_is_unread_and_does_not_hold_up_the_rest(reader: Reader) -> None:
    absent = TopicPartition("orders", 17)
    found = reader.records([Stretch(ONE, 99, 100), Stretch(absent, 0, 10)], seconds=8)
    assert offsets(found[ONE][0]) == [99]
    assert isinstance(found[absent][0], Unread)


def test_windows_join_where_they_meet() -> None:
    joined = coverage([window("def", 3), window("abc", 0, at_end=False), window("xyz", 20)], 1)
    assert joined is not None
    assert (joined.start, joined.end, len(joined.records), joined.at_end) == (0, 6, 6, True)
    assert coverage([window("abc", 5)], 1) is None


def test_digests_tell_apart_what_runs_together() -> None:
    assert digest(b"ab", b"c", []) != digest(b"a", b"bc", [])
    assert digest(None, b"", []) != digest(b"", None, [])
    assert digest(b"k", b"v", [("a", b"1"), ("b", b"2")]) != digest(b"k", b"v", [("b", b"2"), ("a", b"1")])
    assert digest(b"k", b"v", [("a", None)]) != digest(b"k", b"v", [("a", b"")])
