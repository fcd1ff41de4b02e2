"""Many groups far from their first unread record: what looking for it costs all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from mirror.clients.records import TopicPartition, Unread, Window
from mirror.clients.sides import Joined, Sides
from mirror.clients.stretches import Stretch
from mirror.verify.reading import group_search
from mirror.verify.reading.group_logs import FIRST_LOOK, Logs, filled
from mirror.verify.reading.groups import read_groups
from mirror.verify.values.group_partition import GroupPartition
from mirror.verify.values.translation import Translation, translation
from tests.unit.support.mock_kafka import MockCluster
from tests.unit.verify.test_looking_at_two_clusters import Committed

PARTITIONS = [TopicPartition("orders", number) for number in range(4)]
JOINED = [Joined(one, one) for one in PARTITIONS]
RECORDS = 3000


@pytest.fixture(scope="module")
def mocks() -> tuple[MockCluster, MockCluster]:
    made = MockCluster(), MockCluster()
    for cluster in made:
        for one in PARTITIONS:
            cluster.write("orders", one.partition, ((b"k", b"%d" % number) for number in range(RECORDS)))
    return made


@pytest.fixture
def sides(mocks: tuple[MockCluster, MockCluster]) -> Iterator[Sides]:
    source, target = mocks
    with Sides(source.access, target.access) as opened:
        opened.target.offsets_at_each = lambda questions: [  # type: ignore[method-assign]
            {one: timestamp - 1000 for one, timestamp in timestamps.items()} for timestamps in questions
        ]
        for side in (opened.source, opened.target):
            side.topic_configs = lambda topics: {}  # type: ignore[method-assign]
        yield opened


def test_each_group_of_a_partition_is_searched_for_once(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All were searched again with each stretch that was read for one: 80 groups took four times as long."""
    monkeypatch.setattr("mirror.verify.reading.group_logs.NEAR", 0)
    searched = 0

    def counted(one: GroupPartition, on_source: Logs, on_target: Logs) -> GroupPartition:
        nonlocal searched
        searched += 1
        return filled(one, on_source, on_target)

    monkeypatch.setattr(group_search, "filled", counted)
    first, groups = PARTITIONS[0], [f"g{number}" for number in range(20)]
    offsets = {group: {first: 145 * number + 120} for number, group in enumerate(groups)}
    sides.source._group_offsets = Committed(offsets)  # type: ignore[assignment]
    translated = {group: {first: 145 * number} for number, group in enumerate(groups)}
    seen, _ = read_groups(sides, translated, {first: RECORDS - 1}, JOINED)
    assert [translation(one) for one in seen] == [Translation("safe", 120)] * len(groups)
    assert searched <= 4 * len(groups)


def test_no_more_is_read_than_memory_holds(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    """A group that stopped months ago on thousands of partitions had 50,000 records of each kept."""
    monkeypatch.setattr(group_search, "FAR_LOOK_IN_ALL", 100, raising=False)
    held = 0
    records = sides.target_reader.records

    def counted(stretches: Iterable[Stretch]) -> dict[TopicPartition, list[Window | Unread]]:
        nonlocal held
        asked = list(stretches)
        found = records(asked)
        if not by_timestamp:
            windows = [one for every in found.values() for one in every if isinstance(one, Window)]
            held += sum(len(one.records) for one in windows)
        return found

    def found_by_timestamp(*given: Any) -> Any:
        by_timestamp.append(True)
        return search(*given)

    by_timestamp: list[bool] = []
    search = group_search._found
    monkeypatch.setattr(group_search, "_found", found_by_timestamp)
    monkeypatch.setattr(sides.target_reader, "records", counted)
    offsets = {"stopped": dict.fromkeys(PARTITIONS, 250)}
    sides.source._group_offsets = Committed(offsets)  # type: ignore[assignment]
    positions = dict.fromkeys(PARTITIONS, RECORDS - 1)
    seen, _ = read_groups(sides, {"stopped": dict.fromkeys(PARTITIONS, 0)}, positions, JOINED)
    assert len(PARTITIONS) * FIRST_LOOK < held <= len(PARTITIONS) * FIRST_LOOK + 100
    for one in seen:
        assert (translation(one).state, translation(one).exact, one.located) == ("safe", False, 250)


def test_what_is_left_to_read_is_never_less_than_nothing(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stretch that met records of another group took more than was left, and the next one had no limit."""
    monkeypatch.setattr("mirror.verify.reading.group_logs.NEAR", 0)
    monkeypatch.setattr(group_search, "FAR_LOOK_IN_ALL", 100)
    limits: list[int | None] = []
    further = group_search._further

    def noted(*given: Any) -> Stretch:
        stretch = further(*given)
        limits.append(stretch.limit)
        return stretch

    monkeypatch.setattr(group_search, "_further", noted)
    first = PARTITIONS[0]
    committed = {"far": {first: 2000}, "near": {first: 2100}}
    sides.source._group_offsets = Committed(committed)  # type: ignore[assignment]
    read_groups(sides, {"far": {first: 0}, "near": {first: 150}}, {first: RECORDS - 1}, JOINED)
    assert limits == [100]
