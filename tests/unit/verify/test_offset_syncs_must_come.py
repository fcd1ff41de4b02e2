"""MM2 goes on copying records, and writes no offset syncs any more: translations stay at the last one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.clients.records import TopicPartition
from mirror.mm2.expected import Expected
from mirror.mm2.formats import Checkpoint
from mirror.verify.checks.groups_translated import judge
from mirror.verify.values.copied_unsynced import LIMIT_SECONDS, SYNCS_A_COMMIT, CopiedUnsynced, with_unsynced
from mirror.verify.values.group_partition import GroupPartition
from mirror.verify.values.translation import translation
from tests.unit.support.made_up import NOW, ORDERS
from tests.unit.verify.translations import at, consumed

MINUTE = 60.0


def seen(position: int, synced: int | None, committed: int = 6) -> GroupPartition:
    """A group on the source at `committed`, whose checkpoint is as new as the offset sync lets it be."""
    last = Checkpoint("billing", ORDERS, committed, (synced or 0) + 1, "")
    mm2 = Expected(committed, last, 5.0, (synced or 0) + 1, certain=True, synced=synced)
    return replace(at(committed, 3), position=position, mm2=mm2)


def looked(*looks: tuple[int, int | None], committed: int = 6, partitions: int = 1) -> list[GroupPartition]:
    """The group at each look, a minute apart, by position and newest sync."""
    known = CopiedUnsynced()
    return [
        with_unsynced([seen(*look, committed)], known, NOW + number * MINUTE, partitions, number)[0]
        for number, look in enumerate(looks)
    ]


def test_a_translation_that_stays_at_the_last_sync_is_stale_although_checkpoints_are_right() -> None:
    assert judge([seen(10, 2)]).passed, "the offset is safe, so a single look passes"
    *before, found = looked((10, 2), (20, 2), (30, 2), (40, 2))
    assert [one.overdue for one in before] == [None] * 3
    assert found.overdue == 3 * MINUTE
    [finding] = judge([found]).findings
    assert finding.message == (
        "its translation stays at MM2's newest offset sync (source offset 2), although the group is at 6 and "
        "MM2 has copied up to 40: MM2 has written no offset sync of this partition for 180 s, so the group "
        "would read again all that comes after it"
    )
    assert "Failure sending offset sync" in finding.remedy
    assert "checkpoint_overdue_seconds" in judge([found]).facts["groups"]["billing"]["orders-0"]


@pytest.mark.parametrize(
    "looks",
    [
        pytest.param([(10, 2)] * 9, id="a worker died, and the partition rests since"),
        pytest.param([(10, 2), (20, 2), *[(20, 2)] * 7], id="the same, a moment later"),
        pytest.param([(10, 2), (20, 12), (30, 22), (40, 32), (50, 42)], id="syncs come late"),
        pytest.param([(10, 10), (20, 20), (30, 30), (40, 40)], id="syncs come"),
        pytest.param([(10, None), (20, None), (30, None), (40, None)], id="there was never one"),
        pytest.param([(40, 2), (10, 2), (20, 2), (20, 2)], id="the position was set back"),
    ],
)
def test_what_may_come_of_itself_is_not_stale(looks: list[tuple[int, int | None]]) -> None:
    assert [one.overdue for one in looked(*looks)] == [None] * len(looks)


@pytest.mark.parametrize("committed", [1, 2, 3])
def test_a_group_that_has_not_read_past_the_sync_loses_nothing(committed: int) -> None:
    found = looked((10, 2), (20, 2), (30, 2), (40, 2), committed=committed)
    assert [one.overdue for one in found] == [None] * 4


@pytest.mark.parametrize("state", ["moved", "safe"])
def test_a_group_that_reads_nothing_again_is_not_stale(state: str) -> None:
    """It has moved, or `offsets apply` has set its exact offset: it was told to read all again."""
    group = consumed() if state == "moved" else at(6, 6)
    known = CopiedUnsynced()
    for number in range(4):
        one = replace(group, position=10 + number, mm2=seen(10, 0, group.committed).mm2)
        [found] = with_unsynced([one], known, NOW + number * MINUTE, 1, number)
    assert translation(found).state == state
    assert judge([found]).passed


def test_looks_within_seconds_do_not_hurry_mm2() -> None:
    known = CopiedUnsynced()
    for number in range(int(LIMIT_SECONDS) + 1):
        assert not known.look([seen(10 + number, 2)], NOW + number, 1, 0)
    assert known.look([seen(1000, 2)], NOW + LIMIT_SECONDS + 1, 1, 0) == {ORDERS: LIMIT_SECONDS + 1}


@dataclass
class Writer:
    """`OffsetSyncWriter`: each commit of the positions hands on at most ten pending syncs, in their order."""

    positions: dict[TopicPartition, int]
    syncs: dict[TopicPartition, int]
    pending: dict[TopicPartition, int] = field(default_factory=dict)
    end: int = 0

    def commit(self, moved: frozenset[int], *, dies: bool) -> None:
        for one in self.positions:
            if one.partition in moved:
                self.positions[one] += 1
                self.pending[one] = self.positions[one]
        if dies:
            self.pending.clear()

    def fire(self) -> None:
        for one in list(self.pending)[:SYNCS_A_COMMIT]:
            self.syncs[one] = self.pending.pop(one)
            self.end += 1

    def groups(self, positions: dict[TopicPartition, int] | None = None) -> Iterator[GroupPartition]:
        for one, position in (positions or self.positions).items():
            group = seen(position, self.syncs[one], committed=position)
            yield replace(group, partition=one, remote=one)


@given(data=st.data(), partitions=st.integers(1, 35))
def test_a_writer_that_works_and_died_once_is_never_stale(data: st.DataObject, partitions: int) -> None:
    """Each look comes at the worst moment: positions are committed, and their syncs are not handed on; or a
    commit comes between the reading of the positions and that of the syncs."""
    ones = [TopicPartition("orders", number) for number in range(partitions)]
    writer, known = Writer(dict.fromkeys(ones, 10), dict.fromkeys(ones, 10)), CopiedUnsynced()
    dies_at = data.draw(st.integers(0, 12))
    everywhere = frozenset(range(partitions))
    for look in range(12):
        moved = data.draw(st.just(everywhere) | st.frozensets(st.integers(0, partitions - 1)))
        writer.commit(moved, dies=look == dies_at)
        positions = dict(writer.positions)
        if data.draw(st.booleans()):
            writer.fire()
            writer.commit(moved, dies=False)
            writer.fire()
        groups = writer.groups(positions)
        assert not known.look(groups, look * 2 * LIMIT_SECONDS, partitions, writer.end)
        writer.fire()


@pytest.mark.parametrize("partitions", [35, 1_000])
def test_where_no_sync_of_any_partition_is_written_the_number_of_partitions_does_not_matter(
    partitions: int,
) -> None:
    """With 1,000 partitions it took 202 looks."""
    ones = [TopicPartition("orders", number) for number in range(partitions)]
    writer, known, found = Writer(dict.fromkeys(ones, 10), dict.fromkeys(ones, 10)), CopiedUnsynced(), []
    for look in range(7):
        writer.commit(frozenset(range(partitions)), dies=False)
        if look < 2:
            writer.fire()
        found.append(len(known.look(writer.groups(), look * MINUTE, partitions, writer.end)))
    assert found == [0, 0, 0, 0, 0, partitions - 10, partitions], "ten were written right before look 1"


def test_a_task_that_writes_no_syncs_is_found_beside_one_that_does() -> None:
    ones = [TopicPartition("orders", number) for number in range(20)]
    writer, known, found = Writer(dict.fromkeys(ones, 10), dict.fromkeys(ones, 10)), CopiedUnsynced(), {}
    for look in range(8):
        writer.commit(frozenset(range(20)), dies=False)
        writer.pending = {one: at for one, at in writer.pending.items() if one.partition >= 10}
        writer.fire()
        found = known.look(writer.groups(), look * MINUTE, 20, writer.end)
    assert {one.partition for one in found} == set(range(10))


def test_what_skips_records_comes_before_what_is_stale() -> None:
    """The terminal shows the first findings only, and syncs that end are found on every partition."""
    stale = looked((10, 2), (20, 2), (30, 2), (40, 2))[-1]
    others = [replace(stale, group=f"group-{number:02}") for number in range(20)]
    unsafe = replace(at(3, 6), group="zebra")
    subjects = [one.subject for one in judge([*others, unsafe]).findings]
    assert subjects[0] == "group zebra, orders-0"
    assert len(subjects) == 21


def test_a_look_that_cannot_read_the_group_does_not_begin_anew() -> None:
    known = CopiedUnsynced()
    for number in range(3):
        known.look([seen(10 + number, 2)], NOW + number * MINUTE, 1, number)
    known.look([], NOW + 3 * MINUTE, 1, 3)
    assert known.look([seen(20, 2)], NOW + 4 * MINUTE, 1, 4) == {ORDERS: 4 * MINUTE}
    assert known.look([seen(21, 21)], NOW + 5 * MINUTE, 1, 5) == {}


def test_a_streams_group_beside_it_hides_nothing() -> None:
    """MM2 leaves it out, so that it has no sync here."""
    known, streams = CopiedUnsynced(), replace(seen(10, 2), group="streams", mm2=Expected.nothing(6))
    for number in range(4):
        found = with_unsynced([seen(10 + number, 2), streams], known, NOW + number * MINUTE, 1, number)
    assert [one.overdue for one in found] == [3 * MINUTE, None]
