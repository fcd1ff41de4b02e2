"""The reads behind lag, tail-matches and groups-translated, against two mock clusters with real records."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

import pytest

from mirror.clients.group_offsets import Commit
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.clients.sides import Joined, Sides
from mirror.offsets.proposal import first_unread_offset, proposal
from mirror.verify.checks import lag, tail_matches
from mirror.verify.reading.groups import read_groups
from mirror.verify.reading.lags import read_lags
from mirror.verify.reading.tails import read_tails
from mirror.verify.values.group_partition import GroupPartition
from mirror.verify.values.tail import tail_verdict
from mirror.verify.values.translation import Translation, translation
from tests.unit.support.mock_kafka import MockCluster

ONE, TWO, EMPTY = (TopicPartition("orders", number) for number in range(3))
JOINED = [Joined(one, one) for one in (ONE, TWO, EMPTY)]


def numbered(numbers: Iterable[int]) -> list[tuple[bytes, bytes]]:
    return [(b"k", b"%d" % number) for number in numbers]


class Committed:
    """Stands for the helper that reads committed offsets: the mock cluster answers no such question."""

    def __init__(self, offsets: dict[str, dict[TopicPartition, int]]) -> None:
        self.offsets = offsets

    def read(self, groups: Iterable[str]) -> dict[str, dict[TopicPartition, int] | Unread]:
        return {group: self.offsets.get(group, {}) for group in groups}

    def commits(self, groups: Iterable[str]) -> dict[str, dict[TopicPartition, Commit] | Unread]:
        return {
            group: {one: Commit(offset, None) for one, offset in self.offsets.get(group, {}).items()}
            for group in groups
        }

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def mocks() -> tuple[MockCluster, MockCluster]:
    """Source: orders-0 with 300 records, orders-1 with 10. Target: 250 of the first, all of the second."""
    source, target = MockCluster(), MockCluster()
    source.write("orders", 0, numbered(range(300)))
    target.write("orders", 0, numbered(range(250)))
    source.write("orders", 1, numbered(range(10)))
    target.write("orders", 1, numbered(range(10)))
    return source, target


@pytest.fixture
def sides(mocks: tuple[MockCluster, MockCluster]) -> Iterator[Sides]:
    source, target = mocks
    with Sides(source.access, target.access) as opened:
        # The mock cluster answers no DescribeConfigs, no DescribeGroups, and no timestamps, which in what
        # MockCluster writes are 1000 + offset.
        opened.target.offsets_at_each = lambda questions: [  # type: ignore[method-assign]
            {one: timestamp - 1000 for one, timestamp in timestamps.items()} for timestamps in questions
        ]
        for side in (opened.source, opened.target):
            side.topic_configs = lambda topics: {}  # type: ignore[method-assign]
            side.members = lambda groups: dict.fromkeys(groups, 0)  # type: ignore[method-assign]
            side._group_offsets = Committed({})  # type: ignore[assignment]
        yield opened


def test_lag_is_what_lies_after_the_positions(sides: Sides) -> None:
    lags = read_lags(sides, [ONE, TWO, EMPTY], {ONE: 249, TWO: 9})
    result = lag.judge(lags, max_lag_seconds=30, at=time.time())
    behind = {name: facts["records_behind"] for name, facts in result.facts["partitions"].items()}
    assert behind == {"orders-0": 50, "orders-1": 0, "orders-2": 0}
    assert [finding.subject for finding in result.findings] == ["orders-0"]


def test_tails_match_at_the_position_and_where_the_mirror_has_moved_on(sides: Sides) -> None:
    for position in (249, 100):
        tails = read_tails(sides, JOINED, {ONE: position, TWO: 9})
        result = tail_matches.judge(tails, now=time.time())
        assert result.passed, result.findings
        assert (result.facts["same"], result.facts["empty"]) == (2, 1)


def test_records_missing_at_the_tail_are_counted(sides: Sides) -> None:
    [one, _, _] = read_tails(sides, JOINED, {ONE: 259, TWO: 9})
    finding = tail_verdict(one, time.time()).finding
    assert finding is not None
    assert finding.message.startswith("10 records are missing at the tail")


def test_an_altered_record_is_found(mocks: tuple[MockCluster, MockCluster], sides: Sides) -> None:
    source, target = mocks
    one = TopicPartition("altered", 0)
    source.write("altered", 0, numbered(range(5)))
    target.write("altered", 0, [*numbered(range(4)), (b"k", b"forged")])
    [tail] = read_tails(sides, [Joined(one, one)], {one: 4})
    finding = tail_verdict(tail, time.time()).finding
    assert finding is not None
    assert "altered, or written by somebody else" in finding.message


def test_a_topic_that_moved_is_read_from_the_copy_of_its_last_record_on(
    mocks: tuple[MockCluster, MockCluster], sides: Sides
) -> None:
    source, target = mocks
    one = TopicPartition("moved", 0)
    source.write("moved", 0, numbered(range(50)))
    target.write("moved", 0, numbered([*range(50), *range(1000, 1030)]))
    [tail] = read_tails(sides, [Joined(one, one)], {one: 49})
    verdict = tail_verdict(tail, time.time())
    assert (verdict.state, verdict.reason) == ("moved", "target offsets 50 to 79")
    source.write("moved", 0, numbered([2000]), numbers=[50])
    [tail] = read_tails(sides, [Joined(one, one)], {one: 49})
    finding = tail_verdict(tail, time.time()).finding
    assert finding is not None
    assert "both regions are written to" in finding.message


def looked_at(
    sides: Sides, committed: dict[TopicPartition, int], translated: dict[TopicPartition, int]
) -> dict[TopicPartition, GroupPartition]:
    sides.source._group_offsets = Committed({"billing": committed})  # type: ignore[assignment]
    found, unreadable = read_groups(sides, {"billing": translated}, {ONE: 249, TWO: 9}, JOINED)
    assert unreadable == {}
    return {one.partition: one for one in found}


def test_exact_and_cautious_translations(sides: Sides) -> None:
    seen = looked_at(sides, {ONE: 200, TWO: 10}, {ONE: 20, TWO: 10})
    assert translation(seen[ONE]) == Translation("safe", 180)
    assert translation(seen[TWO]) == Translation("safe", 0)


def test_a_group_ahead_of_the_mirror_reads_again_up_to_the_targets_end(sides: Sides) -> None:
    assert translation(looked_at(sides, {ONE: 280}, {ONE: 240})[ONE]) == Translation("safe", 10)


def test_an_unsafe_translation_is_counted_and_the_right_offset_found(sides: Sides) -> None:
    one = looked_at(sides, {ONE: 50}, {ONE: 200})[ONE]
    result = translation(one)
    assert (result.state, result.skipped, result.skipped_exact) == ("unsafe", 150, True)
    assert one.located == 50


def test_a_translation_past_the_end(sides: Sides) -> None:
    one = looked_at(sides, {TWO: 10}, {TWO: 12})[TWO]
    assert translation(one).state == "past-end"
    assert one.located == 10


def test_an_absent_translation_comes_with_the_offset_that_it_ought_to_be(sides: Sides) -> None:
    seen = looked_at(sides, {ONE: 120, TWO: 0}, {})
    assert translation(seen[ONE]).state == "absent"
    assert seen[ONE].located == 120
    assert (translation(seen[TWO]).state, seen[TWO].located) == ("absent", 0)


@pytest.mark.parametrize(
    ("topic", "copied"), [("states", [(1, "door"), (0, "lamp")]), ("unordered", [(0, "door"), (3, "cat")])]
)
def test_no_later_record_is_taken_for_one_that_compaction_removed(
    mocks: tuple[MockCluster, MockCluster], sides: Sides, topic: str, copied: list[tuple[int, str]]
) -> None:
    """The search did not know which topics are compacted: the group would have skipped the door's state. In
    the second case the door's timestamp is older than the lamp's, whose copy is gone.
    """
    source, target = mocks
    one = TopicPartition(topic, 0)
    gone = (0, "lamp") if topic == "states" else (1, "lamp")
    for side, written in ((source, [gone, *copied]), (target, copied)):
        side.write(
            topic, 0, [(b"k", name.encode()) for _, name in written], [number for number, _ in written]
        )
    sides.source._group_offsets = Committed({"billing": {one: 0}})  # type: ignore[assignment]
    sides.target.topic_configs = lambda topics: {  # type: ignore[method-assign]
        name: {"cleanup.policy": "compact"} for name in topics
    }
    [seen], _ = read_groups(sides, {"billing": {}}, {one: 2}, [Joined(one, one)])
    assert (translation(seen).state, proposal(seen).offset) == ("absent", 0)


def test_far_groups_are_located_by_timestamp(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mirror.verify.reading.group_search.FAR_LOOK", 80)
    one = looked_at(sides, {ONE: 240}, {ONE: 0})[ONE]
    assert one.located == 240
    result = translation(one)
    assert (result.state, result.exact) == ("safe", False)
    assert result.rereads is not None
    assert 64 <= result.rereads < 240


def test_groups_far_apart_on_one_partition_are_all_judged(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirror.verify.reading.group_logs.NEAR", 5)
    sides.source._group_offsets = Committed(  # type: ignore[assignment]
        {f"g{number}": {ONE: number} for number in (0, 3, 100, 180, 249)}
    )
    translated = {f"g{number}": {ONE: number} for number in (0, 3, 100, 180, 249)}
    found, _ = read_groups(sides, translated, {ONE: 249}, JOINED)
    assert [translation(one) for one in found] == [Translation("safe", 0)] * 5


def test_a_group_before_the_start_of_a_way_back_continues_among_the_originals(
    mocks: tuple[MockCluster, MockCluster], sides: Sides
) -> None:
    """Records 0 to 9 crossed on the way out, so the old region has them; the way back mirrors the others."""
    there, old = mocks
    home, gone = TopicPartition("home", 0), TopicPartition("gone", 0)
    there.write("home", 0, numbered([*range(10), *range(1000, 1005)]))
    old.write("home", 0, numbered([*range(10), *range(1000, 1005)]))
    there.write("gone", 0, numbered([*range(10), *range(1000, 1005)]))
    old.write("gone", 0, numbered(range(1000, 1005)), numbers=range(10, 15))
    joined = [Joined(one, one) for one in (home, gone)]
    positions, starts, ends = (dict.fromkeys((home, gone), number) for number in (14, 9, 10))
    sides.source._group_offsets = Committed({"billing": {home: 7, gone: 7}})  # type: ignore[assignment]

    def read(before: dict[TopicPartition, int], *, everywhere: bool) -> dict[TopicPartition, GroupPartition]:
        found, _ = read_groups(
            sides, {"billing": {home: 3}}, positions, joined, starts, before, everywhere=everywhere
        )
        return {one.partition: one for one in found}

    seen = read(ends, everywhere=True)
    assert (proposal(seen[home], exact=True).offset, first_unread_offset(seen[gone])) == (7, None)
    # A mirror that found no copies has nothing before its start, and a check judges what MM2 mirrors only.
    assert proposal(read({}, everywhere=True)[home], exact=True).offset == 10
    assert read(ends, everywhere=False)[home].first_unread == 10


def test_a_translation_below_the_log_start_is_read_from_there(sides: Sides) -> None:
    def bounds(partitions: Iterable[TopicPartition]) -> dict[TopicPartition, Bounds | Unread]:
        return dict.fromkeys(partitions, Bounds(100, 250))

    sides.target.bounds = bounds  # type: ignore[method-assign, assignment]
    one = looked_at(sides, {ONE: 120}, {ONE: 40})[ONE]
    assert translation(one).state == "below-start"
    assert one.located == 120
