"""The reads behind records-match, against two mock clusters with real records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pytest

from mirror.clients.records import Bounds, TopicPartition, Unread, Window
from mirror.clients.sides import Joined, Sides
from mirror.verify.checks.records_match import judge
from mirror.verify.reading import copies
from mirror.verify.reading.places import BothLogs
from mirror.verify.reading.windows import _Reading, in_turn
from mirror.verify.values.probe import Probe, Sample, probe_verdict
from tests.unit.support.mock_kafka import MockCluster

COUNT = 10
GOOD, FORGED, SHORT, LAGGING = (TopicPartition("orders", number) for number in range(4))
JOINED = {
    one: Joined(one, TopicPartition("east.orders", one.partition)) for one in (GOOD, FORGED, SHORT, LAGGING)
}


def numbered(numbers: Iterable[int]) -> list[tuple[bytes, bytes]]:
    return [(b"k", b"%d" % number) for number in numbers]


@pytest.fixture(scope="module")
def mocks() -> tuple[MockCluster, MockCluster]:
    """Partition 0 is the same, 1 has an altered record, 2 is short, of 3 half is mirrored."""
    source, target = MockCluster(), MockCluster()
    for number, count in enumerate((400, 30, 5, 400)):
        source.write("orders", number, numbered(range(count)))
    target.write("east.orders", 0, numbered(range(400)))
    forged = numbered(range(30))
    forged[15] = (b"k", b"forged")
    target.write("east.orders", 1, forged)
    target.write("east.orders", 2, numbered(range(5)))
    target.write("east.orders", 3, numbered(range(200)))
    return source, target


@pytest.fixture
def reading(mocks: tuple[MockCluster, MockCluster]) -> Iterator[_Reading]:
    source, target = mocks
    with Sides(source.access, target.access) as sides:
        # The mock cluster answers neither timestamps, which here are 1000 + offset, nor DescribeConfigs.
        for side in (sides.source, sides.target):
            side.offsets_at_each = lambda questions: [  # type: ignore[method-assign]
                {one: timestamp - 1000 for one, timestamp in timestamps.items()} for timestamps in questions
            ]
            side.topic_configs = lambda topics: {}  # type: ignore[method-assign]
        yield _Reading(BothLogs(sides, sides.source_reader, sides.target_reader), COUNT, 7)


def times_say(reading: _Reading, monkeypatch: pytest.MonkeyPatch, offset: int) -> None:
    """Let every timestamp lead to this offset."""
    target = reading._logs.sides.target
    say = lambda questions: [dict.fromkeys(one, offset) for one in questions]  # noqa: E731
    monkeypatch.setattr(target, "offsets_at_each", say)


def probes(
    reading: _Reading,
    positions: Mapping[TopicPartition, int],
    starts: Mapping[TopicPartition, int] | None = None,
) -> list[Probe]:
    found, _ = reading.probes([JOINED[one] for one in positions], positions, starts or {})
    return found


def offsets(one: Probe) -> list[int]:
    assert isinstance(one.window, Window)
    return [record.offset for record in one.window.records]


def test_copies_on_both_sides_of_foreign_records_are_not_missing(
    mocks: tuple[MockCluster, MockCluster], reading: _Reading
) -> None:
    """More foreign records than the first stretch holds."""
    source, target = mocks
    one, rows = TopicPartition("crossed", 0), numbered(range(20))
    source.write("crossed", 0, rows)
    foreign = [(b"k", b"foreign %d" % number) for number in range(200)]
    target.write("crossed", 0, [*rows[:10], *foreign, *rows[10:]], [*range(10), *[9] * 200, *range(10, 20)])
    [probe], _ = reading.probes([Joined(one, one)], {one: 19}, {})
    verdict = probe_verdict(probe, exactly_once=True)
    assert verdict.same == 20
    assert {difference.kind for difference in verdict.differences} == {"alien"}


def test_head_middle_and_tail_are_found_on_the_target(reading: _Reading) -> None:
    found = probes(reading, {GOOD: 399, LAGGING: 199})
    assert [one.place for one in found] == ["head", "middle", "tail"] * 2
    assert [probe_verdict(one, exactly_once=True).state for one in found] == ["same"] * 6
    assert [probe_verdict(one, exactly_once=True).same for one in found] == [COUNT] * 6
    assert offsets(found[0]) == list(range(COUNT))
    assert offsets(found[2]) == list(range(390, 400))
    assert offsets(found[5]) == list(range(190, 200))


def test_an_altered_record_in_the_middle_is_named(reading: _Reading) -> None:
    [one] = probes(reading, {FORGED: 29})
    assert one.place == "whole"
    [finding] = judge([one], Sample(1, 1), exactly_once=True).findings
    assert finding.subject == "orders-1 (east.orders-1 on the target), whole"
    assert "source offset 15 and target offset 15" in finding.message


def test_what_is_committed_and_not_there_is_missing(reading: _Reading) -> None:
    found = probes(reading, {LAGGING: 204})
    verdicts = [probe_verdict(one, exactly_once=True) for one in found]
    kinds = [difference.kind for one in verdicts for difference in one.differences]
    assert kinds == ["missing"] * 5


def test_what_was_left_out_on_purpose_is_not_looked_for(reading: _Reading) -> None:
    found, empty = reading.probes([JOINED[SHORT]], {SHORT: 2}, {SHORT: 2})
    assert (found, empty) == ([], 1)
    [one] = probes(reading, {GOOD: 20}, {GOOD: 12})
    assert offsets(one) == list(range(13, 21))


def test_a_target_whose_head_was_cut_is_compared_from_there(
    reading: _Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        reading._logs.sides.target, "bounds", lambda wanted: {one: Bounds(100, 400) for one in wanted}
    )
    found = probes(reading, {GOOD: 399})
    assert offsets(found[0]) == list(range(100, 100 + COUNT))
    assert all(probe_verdict(one, exactly_once=True).state == "same" for one in found)


@pytest.mark.parametrize("guess", [0, 395])
def test_timestamps_that_lead_astray_only_cost_time(
    reading: _Reading, monkeypatch: pytest.MonkeyPatch, guess: int
) -> None:
    times_say(reading, monkeypatch, guess)
    found = probes(reading, {GOOD: 399})
    assert [probe_verdict(one, exactly_once=True).state for one in found] == ["same"] * 3


@pytest.mark.parametrize("guess", [0, 395])
def test_a_place_by_proportion_is_tried_before_looking_far(
    reading: _Reading, monkeypatch: pytest.MonkeyPatch, guess: int
) -> None:
    monkeypatch.setattr(copies.Copies, "far", lambda _, probes: list(probes))
    times_say(reading, monkeypatch, guess)
    found = probes(reading, {GOOD: 399})
    assert [probe_verdict(one, exactly_once=True).state for one in found] == ["same"] * 3


def test_a_window_that_is_nowhere_is_a_finding_after_looking_far(
    reading: _Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "FAR_LOOK", 40)
    monkeypatch.setattr(copies.Copies, "_by_proportion", lambda *_, **__: {})
    monkeypatch.setattr(copies.Copies, "_further_back", lambda _, guesses: guesses)
    times_say(reading, monkeypatch, 395)
    found = {one.place: probe_verdict(one, exactly_once=True) for one in probes(reading, {GOOD: 399})}
    assert found["head"].state == "different"
    assert "source offsets 0 to 9 is not among the" in found["head"].reason
    assert found["tail"].state == "same"


def test_a_partition_that_cannot_be_read_is_a_finding(
    reading: _Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = Unread("Topic authorization failed")
    monkeypatch.setattr(reading._logs.sides.target, "bounds", lambda wanted: dict.fromkeys(wanted, refused))
    [one] = probes(reading, {GOOD: 399})
    result = probe_verdict(one, exactly_once=True)
    assert (result.state, "authorization" in result.reason) == ("different", True)


def test_turns_take_every_partition_and_the_same_turn_the_same_ones() -> None:
    joined = [Joined(TopicPartition("t", number), TopicPartition("t", number)) for number in range(10)]
    assert in_turn(joined, 10, 3) == joined
    seen = {one.source.partition for turn in range(4) for one in in_turn(joined, 3, turn)}
    assert seen == set(range(10))
    assert in_turn(joined, 3, 5) == in_turn(joined, 3, 5)


def test_what_a_copy_had_before_its_mirror_wrote_to_it_is_not_compared(
    mocks: tuple[MockCluster, MockCluster], reading: _Reading
) -> None:
    """The way back after a failover: it begins at source offset 30, and its copy had records."""
    source, target = mocks
    one = TopicPartition("back", 0)
    source.write("back", 0, numbered(range(40)))
    old = [(b"k", b"old %d" % number) for number in range(10)]
    target.write("back", 0, [*old, *numbered(range(40))[30:]], [*range(20, 30), *range(30, 40)])
    [probe], _ = reading.probes([Joined(one, one)], {one: 39}, {one: 29}, {one: 10})
    verdict = probe_verdict(probe, exactly_once=True)
    assert (verdict.state, verdict.same) == ("same", 10)
    [probe], _ = reading.probes([Joined(one, one)], {one: 39}, {one: 29})
    assert probe_verdict(probe, exactly_once=True).state == "different", "the first 10 are not the source's"


def test_a_window_is_found_behind_records_that_are_the_same_as_its_last_one(
    mocks: tuple[MockCluster, MockCluster], reading: _Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients repeat records, and timestamps are equal or stamped by brokers: every seventh record here."""
    one = TopicPartition("repeated", 0)
    rows = [(b"k", b"again" if number % 7 == 0 else b"%d" % number) for number in range(400)]
    for mock in mocks:
        mock.write("repeated", 0, rows, [5] * len(rows))
    times_say(reading, monkeypatch, 0)
    found, _ = reading.probes([Joined(one, one)], {one: 399}, {})
    assert [probe_verdict(one, exactly_once=True).state for one in found] == ["same"] * 3
