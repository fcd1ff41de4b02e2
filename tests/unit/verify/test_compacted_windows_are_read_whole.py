"""A compacted topic that the two log cleaners have treated differently, against two mock clusters."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import pytest

from mirror.clients.records import TopicPartition, Unread, Window
from mirror.clients.sides import Joined, Sides
from mirror.clients.stretches import Stretch
from mirror.verify.reading import compaction, copies, excuses
from mirror.verify.reading.places import BothLogs
from mirror.verify.reading.windows import _Reading
from mirror.verify.values.probe import Probe, needs_more, probe_verdict
from tests.unit.support.mock_kafka import MockCluster

COUNT = 10
FAR_APART = 60
"""Superseded records between two that are kept: the source's cleaner has been there, the target's not yet."""
KEPT = COUNT * 4
WHOLE, LOST = TopicPartition("customers", 0), TopicPartition("customers", 1)
Rows = dict[int, tuple[bytes, bytes]]
Windows = Mapping[TopicPartition, list[Window | Unread]]
Records = Callable[[Iterable[Stretch], float], Windows]


def history() -> Rows:
    """Every record that was ever written, by its number: each of a few busy keys again and again."""
    rows: Rows = {}
    for number in range(KEPT * FAR_APART):
        kept = number % FAR_APART == FAR_APART - 1
        key = b"kept %d" % number if kept else b"busy %d" % (number % 7)
        rows[number] = (key, b"v%d" % number)
    return rows


def cleaned(rows: Rows) -> Rows:
    """What the log cleaner leaves at least: the last record of each key."""
    last = {key: number for number, (key, _) in rows.items()}
    return {number: rows[number] for number in sorted(last.values())}


@pytest.fixture(scope="module")
def mocks() -> tuple[MockCluster, MockCluster]:
    source, target = MockCluster(), MockCluster()
    rows, left = history(), cleaned(history())
    lost = {number: row for number, row in rows.items() if row[0] != b"kept 59"}
    for partition, there in ((0, rows), (1, lost)):
        source.write("customers", partition, left.values(), left)
        target.write("customers", partition, there.values(), there)
    return source, target


@pytest.fixture
def reading(mocks: tuple[MockCluster, MockCluster]) -> Iterator[_Reading]:
    source, target = mocks
    with Sides(source.access, target.access) as sides:

        def offsets_at(timestamps: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
            """The mock cluster answers no timestamps: records are numbered, and one may be missing."""
            return {one: stamp - 1000 - (one == LOST and stamp > 1059) for one, stamp in timestamps.items()}

        sides.target.offsets_at_each = lambda questions: [  # type: ignore[method-assign]
            offsets_at(timestamps) for timestamps in questions
        ]
        for side in (sides.source, sides.target):
            side.topic_configs = lambda topics: {  # type: ignore[method-assign]
                topic: {"cleanup.policy": "compact"} for topic in topics
            }
        yield _Reading(BothLogs(sides, sides.source_reader, sides.target_reader), COUNT, 7)


def probes(reading: _Reading, one: TopicPartition) -> dict[str, Probe]:
    last = len(cleaned(history())) - 1
    found, _ = reading.probes([Joined(one, one)], {one: last}, {})
    return {probe.place: probe for probe in found}


def test_what_only_one_cleaner_has_removed_is_no_difference(reading: _Reading) -> None:
    found = probes(reading, WHOLE)
    assert found.keys() == {"head", "middle", "tail"}
    states = {place: probe_verdict(one, exactly_once=True).state for place, one in found.items()}
    assert states == dict.fromkeys(found, "same")


def test_the_last_record_of_a_key_is_missed(reading: _Reading) -> None:
    found = probes(reading, LOST)
    wrong = {place: probe_verdict(one, exactly_once=True).differences for place, one in found.items()}
    [difference] = wrong.pop("head")
    assert (difference.kind, difference.source and difference.source.offset) == ("missing", 0)
    assert set(wrong.values()) == {()}


def whole_reads(reading: _Reading, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many stretches each read to the end of the source had, from now on."""
    read, found = reading._logs.source.records, []

    def records(stretches: Iterable[Stretch], seconds: float) -> Windows:
        asked = list(stretches)
        if asked and asked[0].limit == compaction.LATER_LOOK:
            found.append(len(asked))
        return read(asked, seconds)

    monkeypatch.setattr(reading._logs.source, "records", records)
    return found


def test_one_stretch_serves_every_window_of_its_partition(
    reading: _Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies.Copies, "far", lambda _, probes: list(probes))
    asked = whole_reads(reading, monkeypatch)
    found = probes(reading, WHOLE)
    assert {probe_verdict(one, exactly_once=True).state for one in found.values()} == {"same"}
    assert set(asked) == {1}, "head, middle and tail of one partition"


def test_windows_are_read_one_by_one_where_a_stretch_does_not_reach_the_end(
    reading: _Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "LATER_LOOK", 8)
    asked = whole_reads(reading, monkeypatch)
    found = probes(reading, WHOLE)
    assert asked[0] == 1
    assert asked[1] > 1, "the later windows, which reach the end by themselves"
    assert found["tail"].later is not None
    assert found["tail"].later.source, "its keys were read"


def test_both_sides_are_read_at_once(reading: _Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2)

    def at_once(read: Records) -> Records:
        def records(stretches: Iterable[Stretch], seconds: float) -> Windows:
            asked = list(stretches)
            if asked and asked[0].limit == compaction.LATER_LOOK:
                both.wait(5)
            return read(asked, seconds)

        return records

    sides = reading._logs.sides
    for reader in (sides.source_reader, sides.target_reader):
        monkeypatch.setattr(reader, "records", at_once(reader.records))
    found = probes(reading, WHOLE)
    assert {probe_verdict(one, exactly_once=True).state for one in found.values()} == {"same"}


def test_a_small_log_is_read_whole_and_not_looked_for_elsewhere(
    reading: _Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = list[str]()

    def by_proportion(_: copies.Copies, probes: Sequence[Probe]) -> list[Probe]:
        tried.extend(one.place for one in probes if needs_more(one))
        return list(probes)

    monkeypatch.setattr(copies.Copies, "by_proportion", by_proportion)
    found = probes(reading, WHOLE)
    assert {probe_verdict(one, exactly_once=True).state for one in found.values()} == {"same"}
    assert tried == []


def test_a_log_that_may_be_too_long_to_be_read_whole_is_looked_for_elsewhere_first(
    reading: _Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excuses, "LATER_LOOK", 2 * COUNT)
    asked = list[list[str]]()
    given = excuses.Excuses.given

    def noted(self: excuses.Excuses, probes: Sequence[Probe], *among: Callable[[Probe], bool]) -> list[Probe]:
        asked.append([one.place for one in probes if all(choose(one) for choose in among)])
        return given(self, probes, *among)

    monkeypatch.setattr(excuses.Excuses, "given", noted)
    probes(reading, WHOLE)
    assert "head" not in asked[0], "more than that follows it"


def test_the_configuration_is_asked_for_once(reading: _Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a topic is compacted, however often its windows are looked for."""
    asked = list[list[str]]()

    def configs(topics: Iterable[str]) -> dict[str, dict[str, str]]:
        asked.append(list(topics))
        return {topic: {"cleanup.policy": "delete"} for topic in asked[-1]}

    for side in (reading._logs.sides.source, reading._logs.sides.target):
        monkeypatch.setattr(side, "topic_configs", configs)
    probes(reading, LOST)
    assert asked == [["customers"]] * 2, "once on each side"
