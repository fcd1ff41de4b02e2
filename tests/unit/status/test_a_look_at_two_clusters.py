"""A look reads positions, logs and groups in bulk, and what is wrong with one part leaves the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from mirror.clients.group_offsets import Commit
from mirror.clients.other_groups import ListedGroup
from mirror.clients.records import TopicPartition, Unread, Window
from mirror.clients.sides import Sides
from mirror.clients.stretches import Stretch
from mirror.mm2.connect_format import key, value
from mirror.mm2.formats import OffsetSync
from mirror.mm2.store import OffsetSyncStore
from mirror.problems import CouldNotConnect, CouldNotRead
from mirror.status.picture import UNKNOWN, draw
from mirror.status.rates import Rates
from mirror.status.reading import SnapshotReader, retention
from mirror.status.resuming import ResumePoints
from mirror.status.waits import Waits
from mirror.verify.reading.look import Look, Session
from settings.names import Names
from tests.unit.status.committed import Committed
from tests.unit.support.made_up import settings
from tests.unit.support.mock_kafka import MockCluster

SETTINGS = settings()
NAMES = Names.of(SETTINGS)
RUNS: dict[str, Any] = {
    "metadata": {"namespace": "kafka", "name": NAMES.mirror, "generation": 1},
    "status": {
        "observedGeneration": 1,
        "conditions": [{"type": "Ready", "status": "True"}],
        "connectors": [
            {"name": name, "connector": {"state": "RUNNING"}, "tasks": [{"id": 0, "state": "RUNNING"}]}
            for name in (NAMES.source_connector, NAMES.checkpoint_connector)
        ],
    },
}


@pytest.fixture(scope="module")
def mocks() -> tuple[MockCluster, MockCluster]:
    """Source: orders-0 with 300 records, orders-1 with 10. Mirrored: 250 and 10."""
    source, target = MockCluster(), MockCluster()
    for number, count, mirrored in ((0, 300, 250), (1, 10, 10)):
        source.write("orders", number, [(b"k", b"v")] * count)
        target.write("orders", number, [(b"k", b"v")] * mirrored)
    committed = [
        (key(NAMES.source_connector, "east", TopicPartition("orders", number)), value(position))
        for number, position in ((0, 100), (1, 9), (0, 249))
    ]
    target.write(NAMES.offsets_topic, 0, committed)
    return source, target


@pytest.fixture
def sides(mocks: tuple[MockCluster, MockCluster]) -> Iterator[Sides]:
    with Sides(mocks[0].access, mocks[1].access) as opened:
        for side in (opened.source, opened.target):
            side.topic_configs = lambda topics: {  # type: ignore[method-assign]
                topic: {"retention.ms": "604800000", "cleanup.policy": "delete"} for topic in topics
            }
            side.listed_groups = lambda: {"billing": False}  # type: ignore[method-assign]
            side.other_groups = list  # type: ignore[method-assign]
            side.any_group = lambda group: ListedGroup(  # type: ignore[method-assign]
                group, "Stable", "connect", 1, readable=True
            )
            side._group_offsets = Committed(  # type: ignore[assignment]
                {"billing": {TopicPartition("orders", 0): 200, TopicPartition("elsewhere", 0): 7}}
            )
        yield opened


@pytest.fixture
def eye(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> Iterator[SnapshotReader]:
    monkeypatch.setattr(Look, "resource", property(lambda _: RUNS))
    with ExitStack() as stack:
        made = SnapshotReader(SETTINGS, Path(), stack)
        made._session = Session(SETTINGS, Path(), stack, sides)
        yield made


def test_it_sees_what_is_mirrored_and_what_is_not(eye: SnapshotReader) -> None:
    picture = draw(eye.look(), Rates())
    rows = {str(row.partition): row for row in picture.partitions}
    assert picture.snapshot.problems == ()
    assert (rows["orders-0"].records, rows["orders-0"].exact, rows["orders-0"].position) == (50, True, 249)
    assert rows["orders-1"].trouble.word == "up-to-date"
    assert rows["orders-0"].retention == 7 * 86_400
    [billing] = picture.groups
    assert (billing.group, billing.partitions, billing.trouble.word) == ("billing", 1, "exact")
    assert picture.snapshot.connectors == "2 connectors and 2 tasks RUNNING"


def test_a_glance_and_a_look_make_rates(eye: SnapshotReader) -> None:
    rates, glance = Rates(), eye.glance()
    rates.look(glance.at - 10, glance.partitions)
    assert draw(eye.look(), rates).total is not None
    assert rates.seconds >= 10


def test_what_waits_is_read_once(eye: SnapshotReader, sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    first = eye.look()
    reads: list[Any] = []

    def records(stretches: Iterable[Stretch]) -> dict[TopicPartition, list[Window | Unread]]:
        reads.append(list(stretches))
        return {}

    monkeypatch.setattr(sides.source_reader, "records", records)
    again = eye.look()
    assert reads == []
    assert [one.waiting for one in again.partitions] == [one.waiting for one in first.partitions]


def test_more_than_a_look_may_read_is_bounded_by_offsets(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirror.status.waits.MOST", 1)
    ones = [TopicPartition("orders", 0), TopicPartition("orders", 1)]
    waits, bounds = Waits(sides.source_reader), sides.source.bounds(ones)
    found = waits.read(bounds, {ones[0]: 249, ones[1]: 4})
    assert [(found[one].records, found[one].exact) for one in ones] == [(50, True), (5, False)]  # type: ignore[union-attr]
    # The next look reads the other.
    found = waits.read(bounds, {ones[0]: 249, ones[1]: 4})
    assert [(found[one].records, found[one].exact) for one in ones] == [(50, True), (5, True)]  # type: ignore[union-attr]
    # A position that moves on needs no new read.
    assert waits.read(bounds, {ones[0]: 259, ones[1]: 6})[ones[0]].records == 40  # type: ignore[union-attr]
    assert waits.read(bounds, {ones[0]: 299, ones[1]: 9})[ones[1]].records == 0  # type: ignore[union-attr]


def test_groups_that_cannot_be_read_leave_the_rest(eye: SnapshotReader, sides: Sides) -> None:
    def refuse() -> dict[str, bool]:
        raise CouldNotRead("listing the groups of west", "refused", "let the user Describe groups")

    sides.target.listed_groups = refuse  # type: ignore[method-assign]
    picture = draw(eye.look(), Rates())
    assert picture.snapshot.problems == ("listing the groups of west: refused",)
    assert (len(picture.partitions), picture.groups) == (4, [])


@pytest.mark.parametrize(
    ("epoch", "active", "word"), [(None, False, "ahead"), (3, False, "exact"), (3, True, "ahead")]
)
def test_a_group_that_was_set_back_on_the_source_is_told_from_one_that_has_moved(
    eye: SnapshotReader,
    sides: Sides,
    monkeypatch: pytest.MonkeyPatch,
    epoch: int | None,
    active: bool,
    word: str,
) -> None:
    """MM2 sets no group back; a consumer of the target commits with a leader epoch."""
    one, store = TopicPartition("orders", 0), OffsetSyncStore()
    for offset in (0, 220, 240):
        store.apply(OffsetSync(one, offset, offset))
    monkeypatch.setattr("mirror.status.reading.read_resume_points", lambda look: ResumePoints(store))
    sides.source.listed_groups = lambda: {"billing": active}  # type: ignore[method-assign]
    sides.target.group_commits = lambda groups: {"billing": {one: Commit(250, epoch)}}  # type: ignore[method-assign]
    [billing] = draw(eye.look(), Rates()).groups
    assert billing.trouble.word == word
    assert ("past up to 41 records from 200 on the source" in billing.says) == (word == "ahead")


def test_a_group_of_which_one_side_is_unread(eye: SnapshotReader, sides: Sides) -> None:
    sides.target._group_offsets = Committed({"billing": Unread("not authorized")})  # type: ignore[assignment]
    [billing] = draw(eye.look(), Rates()).groups
    assert (billing.trouble.word, "not authorized" in billing.says) == ("unreadable", True)


def test_without_connects_offsets_nothing_is_known_of_partitions(eye: SnapshotReader, sides: Sides) -> None:
    topics = sides.target.topics()
    del topics[NAMES.offsets_topic]
    sides.target.topics = lambda: topics  # type: ignore[method-assign]
    picture = draw(eye.look(), Rates())
    assert picture.verdict.word == "unknown"
    assert NAMES.offsets_topic in picture.verdict.says
    assert picture.partitions == []


def test_kafka_is_seen_without_kubernetes(eye: SnapshotReader, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: Look) -> Mapping[str, Any]:
        raise CouldNotConnect("asking Kubernetes", "no answer", "check the network")

    monkeypatch.setattr(Look, "resource", property(gone))
    picture = draw(eye.look(), Rates())
    assert picture.snapshot.problems == ("asking Kubernetes: no answer",)
    assert len(picture.partitions) == 4


def test_retention_that_may_not_be_read_is_said(eye: SnapshotReader, sides: Sides) -> None:
    sides.source.topic_configs = lambda topics: dict.fromkeys(topics, Unread("refused"))  # type: ignore[method-assign]
    [problem] = eye.look().problems
    assert problem == "reading the retention of topic orders on mock: refused"


@pytest.mark.parametrize(
    ("config", "milliseconds"),
    [
        ({"retention.ms": "1000", "cleanup.policy": "delete"}, 1000),
        ({"retention.ms": "1000", "cleanup.policy": "compact,delete"}, 1000),
        ({"retention.ms": "1000", "cleanup.policy": "compact"}, None),
        ({"retention.ms": "-1", "cleanup.policy": "delete"}, None),
        ({}, None),
    ],
)
def test_how_long_records_are_kept(config: dict[str, str], milliseconds: int | None) -> None:
    assert retention(config).milliseconds == milliseconds


def test_a_streams_group_is_shown_as_not_translated(eye: SnapshotReader, sides: Sides) -> None:
    sides.source.listed_groups = lambda: {}  # type: ignore[method-assign]
    sides.source.other_groups = lambda: ["billing", "fan-out"]  # type: ignore[method-assign]
    sides.target._group_offsets = Committed({})  # type: ignore[assignment]
    [billing] = draw(eye.look(), Rates()).groups
    assert (billing.group, billing.trouble.word) == ("billing", "not-translated")
    assert "a streams or share group" in billing.says


def test_without_positions_no_group_is_told_that_nothing_is_mirrored(
    eye: SnapshotReader, sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Look) -> None:
        raise CouldNotRead("reading MM2's positions", "refused", "let the user Read the topic")

    monkeypatch.setattr("mirror.status.reading.parts.committed", refuse)
    sides.target._group_offsets = Committed({})  # type: ignore[assignment]
    picture = draw(eye.look(), Rates())
    assert picture.snapshot.problems == ("reading MM2's positions: refused",)
    [billing] = picture.groups
    assert (billing.trouble.word, "could not be read" in billing.says) == ("unreadable", True)


def test_a_mirror_whose_topics_vanished_is_not_empty(eye: SnapshotReader, sides: Sides) -> None:
    """The source user lost its permissions: the mirror was EMPTY with exit code 0, as one that has begun
    nothing yet.
    """
    sides.source.topics = dict  # type: ignore[method-assign]
    verdict = draw(eye.look(), Rates()).verdict
    assert (verdict.word, verdict.good) == (UNKNOWN, False)
    assert "MM2 has mirrored orders: it was deleted, or the source user may not Describe it" in verdict.says
