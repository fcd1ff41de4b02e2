"""Setting offsets, over the real protocol; the broker's refusal of an active group is the lab's to show."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import Consumer
from confluent_kafka import TopicPartition as Position

from mirror.clients.cluster import Cluster
from mirror.clients.group_offsets import Commit, Commits
from mirror.clients.records import TopicPartition, Unread
from mirror.offsets.applying import OffsetChange
from mirror.offsets.commit import commit
from mirror.offsets.metadata import with_metadata
from mirror.offsets.table import OffsetRow
from tests.unit.support.mock_kafka import MockCluster

ORDERS, MORE = TopicPartition("orders", 0), TopicPartition("orders", 1)


def change(group: str, one: TopicPartition, offset: int, metadata: str = "") -> OffsetChange:
    return OffsetChange(OffsetRow(2, group, one, one, offset), None, metadata)


def positions(mock: MockCluster, group: str) -> list[Any]:
    consumer = Consumer({**mock.access.client_config(), "group.id": group})
    try:
        found: list[Any] = consumer.committed([Position(*ORDERS), Position(*MORE)], timeout=20)
        return found
    finally:
        consumer.close()


def committed(mock: MockCluster, group: str) -> list[int]:
    return [one.offset for one in positions(mock, group)]


def test_each_group_is_set_at_once_and_told() -> None:
    mock = MockCluster()
    mock.write("orders", 0, [(b"k", b"v")])
    told: list[tuple[str, int]] = []
    wanted = [change("b", ORDERS, 7), change("a", MORE, 4), change("a", ORDERS, 3)]
    commit(mock.access, wanted, lambda group, count: told.append((group, count)))
    assert told == [("a", 2), ("b", 1)]
    assert committed(mock, "a") == [3, 4]
    assert committed(mock, "b")[0] == 7


def test_what_a_client_keeps_with_its_offset_goes_along() -> None:
    """Kafka Streams keeps its stream time there."""
    mock = MockCluster()
    mock.write("orders", 0, [(b"k", b"v")])
    commit(mock.access, [change("a", ORDERS, 3, "AgAAAZ"), change("a", MORE, 4)])
    assert [one.metadata or "" for one in positions(mock, "a")] == ["AgAAAZ", ""]
    commits: dict[str, Commits | Unread] = {
        "a": {ORDERS: Commit(9, 2, "AgAB")},
        "b": {ORDERS: Commit(9, 2, "x" * 4_097)},
        "c": Unread("no answer in time"),
        "e": {ORDERS: Commit(9, 2, "\0\1")},
    }
    wanted = [change("a", ORDERS, 3), change("a", MORE, 4)]
    wanted += [change(group, ORDERS, 3) for group in ("b", "c", "d", "e")]
    found = with_metadata(wanted, commits)
    told = [one.metadata for one in found]
    assert told == ["AgAB", "", "", "", "", ""], "a broker refuses more than 4,096 bytes, the client a NUL"
    commit(mock.access, found)


@pytest.mark.parametrize(("before", "metadata"), [(None, "AgAB"), (3, "AgAB"), (4, "")])
def test_a_group_that_is_set_back_gets_no_stream_time_of_later(before: int | None, metadata: str) -> None:
    """Kafka Streams would drop every record that it reads again as one that comes too late."""
    [found] = with_metadata(
        [OffsetChange(OffsetRow(2, "a", ORDERS, ORDERS, 3), before)], {"a": {ORDERS: Commit(9, 2, "AgAB")}}
    )
    assert found.metadata == metadata


def test_members_that_cannot_be_counted_are_not_none() -> None:
    """The mock cluster describes no groups."""
    mock = MockCluster()
    with Cluster(mock.access) as cluster:
        cluster.connect()
        [members] = cluster.members(["billing"]).values()
        assert isinstance(members, Unread)
        assert cluster.members([]) == {}
