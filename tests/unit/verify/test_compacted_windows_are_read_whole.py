"""A compacted topic that the two log cleaners have treated differently, against two mock clusters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from mirror.clients.records import TopicPartition
from mirror.clients.sides import Joined, Sides
from mirror.verify.reading.places import BothLogs
from mirror.verify.reading.windows import _Reading
from mirror.verify.values.probe import Probe, probe_verdict
from tests.unit.support.mock_kafka import MockCluster

COUNT = 10
FAR_APART = 60
"""Superseded records between two that are kept: the source's cleaner has been there, the target's not yet."""
KEPT = COUNT * 4
WHOLE, LOST = TopicPartition("customers", 0), TopicPartition("customers", 1)
Rows = dict[int, tuple[bytes, bytes]]


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
