"""Groups: how many records were read on both sides, and how many that never crossed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from mirror.audit.blocks import RecordBlock, RecordLog
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.clients.topics import Topics
from mirror.cutover.recovery.groups import ReadTwice, read_twice
from mirror.cutover.recovery.read_twice import NOTHING, Counter, counter, groups_of, one_group
from mirror.cutover.recovery.render import group_rows
from mirror.cutover.recovery.report import RecoveryReport
from mirror.cutover.recovery.scan import Extent
from mirror.cutover.step import World
from mirror.mm2.formats import Checkpoint, CheckpointKey
from mirror.mm2.topics import Dated
from mirror.problems import CouldNotRead
from settings.model import MovedSettings
from tests.unit.audit.made_up import MadeUpLog, records
from tests.unit.support.made_up import settings

ONE, COPY = TopicPartition("orders", 0), TopicPartition("east.orders", 0)
# 100 records have crossed (source offsets 0 to 99, target offsets 0 to 99); 20 have not.
EXTENT = Extent(ONE, COPY, 99, -1, Bounds(0, 120), 120, Bounds(0, 130), promoted=100)


def on_source(partition: TopicPartition, start: int, stop: int) -> int:
    assert partition == ONE
    return max(0, stop - start)


def on_target(partition: TopicPartition, start: int, stop: int) -> int:
    assert partition == COPY
    return max(0, stop - start)


def unreadable(_: TopicPartition, __: int, ___: int) -> None:
    return None


def test_a_translation_behind_the_commit_is_read_twice_up_to_the_commit() -> None:
    found = one_group("billing", EXTENT, 80, (52, 50), False, on_source, on_target)
    assert found == ReadTwice("billing", ONE, 80, 50, 52, 30, False, 0)


def test_an_exact_translation_reads_nothing_twice() -> None:
    assert one_group("billing", EXTENT, 80, (80, 80), False, on_source, on_target).twice == 0


def test_what_never_crossed_and_was_read_is_counted_apart() -> None:
    found = one_group("billing", EXTENT, 110, (90, 90), False, on_source, on_target)
    assert (found.twice, found.uncrossed) == (10, 10)


def test_without_a_translation_or_an_end_it_is_not_known() -> None:
    assert one_group("billing", EXTENT, 80, (None, None), False, on_source, on_target).twice is None
    unknown_end = replace(EXTENT, promoted=None)
    assert one_group("billing", unknown_end, 80, (50, 50), False, on_source, on_target).twice is None
    assert read_twice(None, 3) is None
    assert read_twice(3, 5) == 0


def test_a_group_that_the_cutover_has_moved_reads_nothing_twice() -> None:
    found = one_group("billing", EXTENT, 80, (50, 50), True, on_source, on_target)
    assert (found.twice, found.moved) == (0, True)


def test_what_cannot_be_read_is_not_known_and_never_zero() -> None:
    found = one_group("billing", EXTENT, 110, (50, 50), False, unreadable, on_target)
    assert (found.twice, found.uncrossed) == (None, None)
    moved = one_group("billing", EXTENT, 110, (50, 50), True, unreadable, on_target)
    assert (moved.twice, moved.uncrossed) == (0, None)
    report = RecoveryReport("east-to-west", "east", "west", "", "", "", True, (), [found, moved])
    assert group_rows(report) == [
        ("billing", "orders-0", "110", "not known", "not known"),
        ("billing", "orders-0", "110", "0", "not known"),
    ]


def test_the_records_between_two_offsets_are_counted_once() -> None:
    log = MadeUpLog({ONE: records(10)}, block_records=4)
    count = counter(log)
    assert (count(ONE, 2, 9), count(ONE, 9, 9), count(ONE, 9, 2)) == (7, 0, 0)
    blocks = log.blocks_read
    assert count(ONE, 2, 9) == 7
    assert log.blocks_read == blocks

    class Refused:
        @contextmanager
        def blocks(self, *_: object) -> Iterator[Iterator[RecordBlock]]:
            raise CouldNotRead("reading", "not authorized", "check the ACLs")
            yield

    assert counter(cast(RecordLog, Refused()))(ONE, 2, 9) is None


TOPICS = Topics({}, {}, {})


class Clusters:
    """What the groups have committed on the source, and MM2's checkpoints."""

    def __init__(
        self,
        commits: Mapping[str, dict[TopicPartition, int] | Unread],
        checkpoints: Mapping[CheckpointKey, Dated] | CouldNotRead,
        others: Mapping[str, dict[TopicPartition, int] | Unread] | None = None,
        **mirror: Any,
    ) -> None:
        self.settings, self.others = settings(**mirror), others or {}
        self.commits, self.checkpoints = commits, checkpoints
        self.session = SimpleNamespace(bookkeeping=self.bookkeeping)

    def sides(self) -> Any:
        every = {**self.commits, **self.others}
        source = SimpleNamespace(
            groups=lambda: sorted(self.commits),
            other_groups=lambda: sorted(self.others),
            group_offsets=lambda names: {name: every[name] for name in names},
            alias="east",
        )
        return SimpleNamespace(source=source)

    def bookkeeping(self, topics: Topics) -> tuple[Any, None]:
        assert topics is TOPICS
        return SimpleNamespace(read=self.read), None

    def read(self) -> Mapping[CheckpointKey, Dated]:
        if isinstance(self.checkpoints, CouldNotRead):
            raise self.checkpoints
        return self.checkpoints

    def groups(
        self,
        *extents: Extent,
        moved: Any = None,
        source: Counter = on_source,
        parts: MovedSettings = NOTHING,
        resumed: Any = None,
    ) -> tuple[list[ReadTwice], list[str]]:
        world = cast(World, self)
        return groups_of(world, TOPICS, extents or [EXTENT], moved, source, on_target, parts, resumed)


def translated(group: str, upstream: int, downstream: int) -> dict[CheckpointKey, Dated]:
    return {CheckpointKey(group, COPY): Dated(Checkpoint(group, COPY, upstream, downstream, ""), 1.0)}


def test_groups_that_read_something_on_both_sides_are_reported_and_no_other() -> None:
    elsewhere = [TopicPartition(topic, 0) for topic in ("audit", "payments")]
    clusters = Clusters(
        {
            "search": {ONE: 110},
            "billing": {elsewhere[0]: 5, ONE: 80, elsewhere[1]: 5},
            "exact": {ONE: 80},
            "hidden": Unread("Group authorization failed"),
            "internal-7": {ONE: 3},
        },
        {**translated("billing", 50, 50), **translated("exact", 80, 80)},
        groups_exclude=["internal-.*"],
    )
    found, notes = clusters.groups()
    assert found == [
        ReadTwice("billing", ONE, 80, 50, 50, 30, False, 0),
        ReadTwice("search", ONE, 110, None, None, None, False, 10),
    ]
    assert notes == ["offsets of group hidden on east were not read: Group authorization failed"]
    assert found[0].to_json() == {
        "group": "billing",
        "topic": "orders",
        "partition": 0,
        "committed": 80,
        "translated": 50,
        "translated_from": 50,
        "twice": 30,
        "moved": False,
        "uncrossed": 0,
    }


def test_where_a_group_has_resumed_counts_and_not_mm2s_newer_checkpoint() -> None:
    """MM2 writes an offset into a group up to an interval after its checkpoint; then the source was lost."""
    clusters = Clusters({"billing": {ONE: 95}}, translated("billing", 90, 90))
    (found,), _ = clusters.groups()
    assert found.twice == 5
    (found,), _ = clusters.groups(resumed={"billing": {COPY.topic: {"0": 60}}})
    assert (found.twice, found.translated, found.translated_from) == (35, 60, 90)
    assert clusters.groups(resumed={"billing": {"other": {"0": 60}}})[0][0].twice == 5
    assert clusters.groups(resumed={"search": {COPY.topic: {"0": 60}}})[0][0].twice == 5


def test_a_streams_group_that_nobody_translates_is_reported_and_a_share_group_is_not() -> None:
    others: dict[str, dict[TopicPartition, int] | Unread]
    others = {
        "totals": {ONE: 110},
        "shared": Unread("GROUP_ID_NOT_FOUND"),
        "hidden": Unread("Group authorization failed"),
    }
    found, notes = Clusters({}, {}, others).groups()
    assert found == [ReadTwice("totals", ONE, 110, None, None, None, False, 10)]
    assert notes == ["offsets of group hidden on east were not read: Group authorization failed"]


def test_the_journal_says_which_groups_the_cutover_has_moved() -> None:
    clusters = Clusters({"billing": {ONE: 110}}, translated("billing", 50, 50))
    (found,), _ = clusters.groups(moved={"billing": {COPY.topic: {"0": 110}}})
    assert (found.twice, found.moved, found.uncrossed) == (0, True, 10)
    (unread,), _ = clusters.groups(moved={"billing": {COPY.topic: {"0": 110}}}, source=unreadable)
    assert (unread.twice, unread.uncrossed) == (0, None), "what is not known is reported"
    for others in (
        {},
        {"search": {COPY.topic: {"0": 110}}},
        {"billing": {"orders": {"0": 110}}},
        {"billing": {COPY.topic: {"1": 110}}},
    ):
        (found,), _ = clusters.groups(moved=others)
        assert (found.twice, found.moved) == (50, False)


def test_a_group_that_an_earlier_part_has_moved_reads_nothing_twice() -> None:
    """The journal of a cutover forgets which groups an earlier part moved; the mirror names them."""
    clusters = Clusters({"billing": {ONE: 110}}, translated("billing", 50, 50))
    parts = MovedSettings((ONE.topic,), ("billing",))
    (found,), _ = clusters.groups(parts=parts)
    assert (found.twice, found.moved, found.uncrossed) == (0, True, 10)
    for others in (MovedSettings(("payments",), ("billing",)), MovedSettings((ONE.topic,), ("search",))):
        (found,), _ = clusters.groups(parts=others)
        assert (found.twice, found.moved) == (50, False)


def test_a_topic_that_was_created_again_or_has_no_copy_is_compared_with_no_translation() -> None:
    clusters = Clusters({"billing": {ONE: 110}}, translated("billing", 50, 50))
    assert clusters.groups(replace(EXTENT, anew="its id differs")) == ([], [])
    (found,), _ = clusters.groups(replace(EXTENT, target=None), moved={"billing": {COPY.topic: {"0": 110}}})
    assert (found.translated, found.twice, found.moved) == (None, None, False)


def test_without_checkpoints_groups_are_left_out_and_the_report_says_so() -> None:
    refused = CouldNotRead("reading checkpoints", "not authorized", "check the ACLs")
    found, notes = Clusters({"billing": {ONE: 110}}, refused).groups()
    assert (found, notes) == ([], ["MM2's checkpoints were not read, so groups are left out: not authorized"])
