"""What is known of a group's commits: the last look, and MM2's checkpoints."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mirror.clients.records import TopicPartition
from mirror.cutover.failover.placement import Commit, Known
from mirror.cutover.failover.target import known_commits
from mirror.last_look.record import GroupLook, LastLook, OffsetLook
from mirror.mm2.formats import Checkpoint, CheckpointKey, OffsetSync
from mirror.mm2.store import OffsetSyncStore
from mirror.mm2.topics import Dated
from tests.unit.support.made_up import NOW, ORDERS
from tests.unit.support.offset_syncs import store_of

COPY = TopicPartition("east.orders", 0)
SOURCES = {COPY: ORDERS}
NONE = OffsetSyncStore()
LOOK = LastLook(
    "m", "east", "west", NOW, "verify", {}, {"billing": GroupLook("exact", 0, {ORDERS: OffsetLook(40, 45)})}
)


def checkpoint(upstream: int, downstream: int, age: float) -> dict[CheckpointKey, Dated]:
    made = Checkpoint("billing", COPY, upstream, downstream, "")
    return {CheckpointKey("billing", COPY): Dated(made, NOW - age)}


def joined(upstream: int, downstream: int, age: float) -> Commit:
    return known_commits(LOOK, checkpoint(upstream, downstream, age), SOURCES, NONE)["billing"][ORDERS]


def test_the_newer_commit_counts() -> None:
    assert joined(50, 55, age=-5) == Commit(50, NOW + 5, 55, furthest=50)
    assert joined(30, 35, age=5) == Commit(40, NOW, 35, furthest=40)


@pytest.mark.parametrize("age", [-5.0, 5.0])
def test_what_a_client_keeps_with_its_offset_is_known_by_mm2s_checkpoint(age: float) -> None:
    made = Dated(Checkpoint("billing", COPY, 40, 45, "AgAB"), NOW - age)
    found = known_commits(LOOK, {CheckpointKey("billing", COPY): made}, SOURCES, NONE)
    assert found["billing"][ORDERS].metadata == "AgAB"
    seen = Known(found, {}, {}, NONE)
    assert (seen.metadata("billing", ORDERS), seen.metadata("billing", COPY)) == ("AgAB", "")
    assert seen.metadata("nobody", ORDERS) == ""
    gone_back = Dated(Checkpoint("billing", COPY, 60, 65, "AgAB"), NOW - 5.0)
    found = known_commits(LOOK, {CheckpointKey("billing", COPY): gone_back}, SOURCES, NONE)
    assert found["billing"][ORDERS].metadata == "", "it is of a later position"


def test_a_translation_of_a_commit_that_the_group_has_taken_back_does_not_count() -> None:
    """The group was at 60, MM2 has translated that, then somebody set the group back to 40."""
    assert joined(60, 65, age=5) == Commit(40, NOW, None, furthest=60)


@pytest.mark.parametrize(
    ("upstream", "age", "furthest"), [(60, 31, 40), (60, 29, 60), (30, -29, 40), (30, -31, 30), (60, -31, 60)]
)
def test_of_two_that_clocks_do_not_tell_apart_the_further_counts(
    upstream: int, age: float, furthest: int
) -> None:
    assert joined(upstream, upstream, age).furthest == furthest


def test_without_a_last_look_checkpoints_are_all_that_is_known() -> None:
    assert known_commits(None, checkpoint(50, 55, 5), SOURCES, NONE) == {
        "billing": {ORDERS: Commit(50, NOW - 5, 55, furthest=50)}
    }


def test_a_group_rests_until_a_checkpoint_shows_another_commit() -> None:
    resting = replace(LOOK, groups={"billing": replace(LOOK.groups["billing"], rested=True)})

    def rested(upstream: int, age: float) -> bool:
        return known_commits(resting, checkpoint(upstream, 45, age), SOURCES, NONE)["billing"][ORDERS].rested

    assert rested(40, age=-5)
    assert rested(30, age=5)
    assert not rested(41, age=-5)
    assert not joined(40, 45, age=-5).rested


def test_a_checkpoint_of_a_topic_that_is_gone_is_ignored() -> None:
    assert known_commits(None, checkpoint(50, 55, 5), {}, NONE) == {}


def test_a_checkpoint_of_an_earlier_copy_skips_no_record() -> None:
    """The copy was destroyed and made anew, with lower offsets: MM2 writes no checkpoint that goes back."""
    syncs = store_of([OffsetSync(ORDERS, 0, 0), OffsetSync(ORDERS, 80, 80)])

    def translated(upstream: int, downstream: int) -> int | None:
        found = known_commits(None, checkpoint(upstream, downstream, 5), SOURCES, syncs)
        return found["billing"][ORDERS].translated

    assert (translated(50, 80), translated(50, 81)) == (80, None)
    assert (translated(80, 80), translated(80, 81)) == (80, None)
    assert (translated(90, 81), translated(90, 82)) == (81, None), "behind the newest sync there is one more"
    found = known_commits(LOOK, checkpoint(30, 90, 5), SOURCES, syncs)["billing"][ORDERS]
    assert (found.offset, found.translated) == (40, None)
    assert joined(90, 700, age=-5).translated == 700, "without a sync nothing tells"
