"""Setting offsets, over the real protocol; the broker's refusal of an active group is the lab's to show."""

from __future__ import annotations

import time
from typing import Any

import pytest
from confluent_kafka import Consumer
from confluent_kafka import TopicPartition as Position

from mirror.clients.cluster import Cluster
from mirror.clients.group_offsets import Commit, Commits
from mirror.clients.records import TopicPartition, Unread
from mirror.offsets import commit as module
from mirror.offsets.applying import OffsetChange
from mirror.offsets.commit import commit
from mirror.offsets.metadata import with_metadata
from mirror.offsets.table import OffsetRow
from mirror.problems import CouldNotRun
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


def test_many_groups_are_set_at_once_in_another_region() -> None:
    """One after the other each takes its round trips, while producers wait behind the fence: with 80 ms and
    2,000 groups that were minutes.
    """
    mock, told = MockCluster(rtt=100), list[str]()
    mock.write("orders", 0, [(b"k", b"v")])
    wanted = [change(f"group-{number:02}", ORDERS, 5) for number in range(40)]
    began = time.monotonic()
    commit(mock.access, wanted, lambda group, _: told.append(group))
    assert time.monotonic() - began < 3.0, "40 requests of 100 ms"
    assert len(told) == 40
    assert committed(mock, "group-39")[0] == 5


def test_a_group_that_is_refused_keeps_no_other_from_being_set(monkeypatch: pytest.MonkeyPatch) -> None:
    mock, told = MockCluster(), list[str]()
    mock.write("orders", 0, [(b"k", b"v")])
    sent = module._sent
    monkeypatch.setattr(
        module, "_sent", lambda admin, group, offsets: "" if group == "a" else sent(admin, group, offsets)
    )
    answer = module._answer
    monkeypatch.setattr(
        module, "_answer", lambda one, seconds: answer(one, seconds) if one else "it has members"
    )
    with pytest.raises(CouldNotRun) as refused:
        commit(
            mock.access, [change("a", ORDERS, 3), change("b", ORDERS, 4)], lambda group, _: told.append(group)
        )
    assert told == ["b"]
    assert refused.value.tried.startswith("setting the offsets of group a on ")
    assert (refused.value.happened, "the other groups are set" in refused.value.way_out) == (
        "it has members",
        True,
    )


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
