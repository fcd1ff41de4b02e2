"""Where groups resume when the source does not answer: never behind a record that they have not read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mirror.clients.records import Bounds
from mirror.cutover.failover.groups import judge_groups
from mirror.cutover.failover.placed import Placement
from mirror.cutover.failover.placement import Commit, Known, placements
from mirror.mm2.formats import OffsetSync
from tests.unit.cutover.failover.known_groups import COPY, OTHER, at, known, only
from tests.unit.support.made_up import ORDERS


def test_a_translation_is_kept_and_its_rereads_are_counted() -> None:
    group, row = only(known(at(45), current=51))
    assert (group.state, row.offset, row.how) == ("kept", None, "kept")
    assert row.rereads == 4, "source offsets 41 to 44, by the sync at 40"


def test_a_translation_at_the_end_is_exact() -> None:
    _, row = only(known(at(100), current=110))
    assert row.exact


def test_without_a_commit_everything_ahead_may_be_read_again() -> None:
    _, row = only(known(current=100))
    assert row.rereads == 10


def test_a_group_that_has_read_everything_is_placed_at_the_end() -> None:
    group, row = only(known(at(100)))
    assert (group.state, row.offset, row.how, row.exact) == ("to-set", 110, "end", True)


def test_mm2s_own_translation_is_used_where_it_did_not_write_it() -> None:
    _, row = only(known(at(40), exactly_once=False))
    assert (row.offset, row.how, row.rereads) == (50, "sync", 0)
    _, row = only(known(at(45, translated=56), exactly_once=False))
    assert (row.offset, row.how) == (56, "checkpoint")


def test_a_group_before_every_sync_starts_at_the_logs_start() -> None:
    _, row = only(known(at(3), log=Bounds(5, 110), syncs=(OffsetSync(ORDERS, 10, 10),)))
    assert (row.offset, row.how, row.rereads) == (5, "log-start", 105)


def test_an_offset_below_the_log_would_be_reset_by_the_consumer() -> None:
    group, row = only(known(at(99), 2, log=Bounds(5, 110)))
    assert (group.state, row.offset, row.how) == ("to-set", 5, "below-start")


@pytest.mark.parametrize(
    ("commit", "offset", "how", "rereads"),
    [(at(100), 110, "end", 0), (at(97), 107, "tail", 3), (at(3), 1, "sync", 2), (None, 0, "log-start", 100)],
)
def test_an_offset_past_the_end_is_none(commit: Commit | None, offset: int, how: str, rereads: int) -> None:
    """The copy was created again, or an older MM2 wrote the source's offset there (KAFKA-12635). The group
    was set to the end, behind records that it had not read, and the report said that it skips none.
    """
    group, row = only(known(commit, 200, tail=range(100, 110)))
    assert group.state == "to-set"
    assert row == Placement("billing", ORDERS, COPY, 200, offset, how, rereads)  # type: ignore[arg-type]


def test_a_translation_past_the_end_is_of_an_earlier_copy() -> None:
    _, row = only(known(at(45, translated=400), exactly_once=False))
    assert (row.offset, row.how) == (51, "sync")
    syncs = (OffsetSync(ORDERS, 0, 300), OffsetSync(ORDERS, 40, 350))
    _, row = only(known(at(45), syncs=syncs, exactly_once=False))
    assert (row.offset, row.how) == (0, "log-start")


def test_a_partition_that_is_not_on_the_target_needs_no_offset() -> None:
    seen = known(at(100))
    more = {"billing": {ORDERS: at(100), OTHER: at(7)}}
    [group] = placements(Known(more, seen.current, seen.partitions, seen.syncs, names=seen.names))
    assert [one.source for one in group.rows] == [ORDERS]


def test_a_sync_at_the_logs_start_is_the_logs_start() -> None:
    _, row = only(known(at(40), log=Bounds(50, 110), exactly_once=False))
    assert (row.offset, row.how) == (50, "log-start")


def test_rereads_are_counted_up_to_the_last_mirrored_record() -> None:
    """The group has read source offset 199; 99 is the last one on the target."""
    _, row = only(known(at(200), current=51))
    assert row.rereads == 59, "source offsets 41 to 99"
    _, row = only(known(at(98), current=51, log=Bounds(0, 400)))
    assert row.rereads == 57, "source offsets 41 to 97"
    _, row = only(known(at(200), current=51, position=None))
    assert row.rereads == 59, "target offsets 51 to 109"


def test_a_group_that_was_committing_may_have_read_everything_that_was_mirrored() -> None:
    """The last look saw it at source offset 98 and later mirrored records may have been read since."""
    _, row = only(known(at(45, rested=False), current=51, log=Bounds(0, 400)))
    assert row.rereads == 59, "source offsets 41 to 99"
    _, row = only(known(at(45), current=51, log=Bounds(0, 400)))
    assert row.rereads == 4, "source offsets 41 to 44"


def test_an_at_least_once_mirror_may_have_mirrored_more_than_its_position_says() -> None:
    seen = known(at(98, rested=False), current=51, log=Bounds(0, 400))
    _, row = only(replace(seen, exactly_once=False))
    assert row.rereads == 349, "target offsets 51 to 399"
    seen = known(at(98), current=51, log=Bounds(0, 400))
    _, row = only(replace(seen, exactly_once=False))
    assert row.rereads == 57, "source offsets 41 to 97"


def test_a_group_that_was_set_back_on_the_source_is_kept_and_named() -> None:
    """MM2 follows no reset: it was told that no record is skipped."""
    back = at(20)._replace(furthest=20)
    group, row = only(known(back, current=110))
    assert (group.state, row.offset, row.how) == ("kept", None, "kept")
    assert (row.passes_by, row.exact, group.to_json()["passes_by_at_most"]) == (21, False, 21)
    verdict = judge_groups([group], "")
    assert "1 group: 0 exact (no record is read again), 1 PASS BY records" in verdict.text
    assert "(billing up to 21)" in verdict.text
    assert "none skips" not in verdict.text


def test_what_a_copy_that_was_created_again_passes_by_is_counted_by_its_own_syncs() -> None:
    """The copy ended at 295, somebody deleted it, and MM2 went on with source offset 96 at its new start."""
    pairs = ((0, 200), (40, 240), (80, 280), (96, 0), (100, 4))
    syncs = tuple(OffsetSync(ORDERS, source, target) for source, target in pairs)
    _, row = only(known(at(50)._replace(furthest=50), current=1, log=Bounds(0, 20), syncs=syncs))
    assert (row.how, row.passes_by) == ("kept", 47), "source offsets 50 to 96"


def test_a_group_at_the_first_record_of_the_source_passes_nothing_by_where_no_sync_is_known() -> None:
    _, row = only(known(at(0)._replace(furthest=0), current=0, syncs=()))
    assert (row.how, row.passes_by) == ("kept", 0)


def test_one_that_resumes_right_at_a_sync_is_named_too() -> None:
    """No record is shown to be passed by, since the sync's own is read: it was told that none is skipped."""
    _, row = only(known(at(15)._replace(furthest=15), current=50))
    assert (row.offset, row.passes_by) == (None, 25), "source offsets 15 to 39"
    _, row = only(known(at(40)._replace(furthest=40), current=50))
    assert row.passes_by == 0


@pytest.mark.parametrize(("furthest", "consumed"), [(41, False), (20, True), (None, False)])
def test_it_is_not_said_of_one_that_went_on_or_has_moved(furthest: int | None, consumed: bool) -> None:
    moved = frozenset({("billing", COPY)} if consumed else ())
    group, row = only(known(at(20)._replace(furthest=furthest), current=110, consumed=moved))
    assert (row.passes_by, group.to_json().get("passes_by_at_most")) == (0, None)
    assert "none skips a record" in judge_groups([group], "").text


@pytest.mark.parametrize(("current", "how"), [(2, "below-start"), (None, "log-start")])
def test_what_the_targets_retention_has_deleted_unread_is_named(current: int | None, how: str) -> None:
    """The report said that no record is skipped."""
    group, row = only(known(at(20), current, log=Bounds(60, 110)))
    assert (row.offset, row.how, row.passes_by) == (60, how, 21), "source offsets 20 to 40"
    assert "none skips a record" not in judge_groups([group], "").text
    _, read = only(known(at(45), current, log=Bounds(60, 110)))
    assert (read.offset, read.passes_by) == (60, 0)


def test_below_the_log_start_the_rereads_begin_there() -> None:
    _, row = only(known(at(99), 2, log=Bounds(100, 110)))
    assert row == Placement("billing", ORDERS, COPY, 2, 100, "below-start", 10)
    _, row = only(known(at(99), 105))
    assert row == Placement("billing", ORDERS, COPY, 105, None, "kept", 5)
    _, row = only(known(at(100)))
    assert row == Placement("billing", ORDERS, COPY, None, 110, "end", 0)


@pytest.mark.parametrize("current", [5, 110])
def test_the_edges_of_the_log_are_within_it(current: int) -> None:
    group, row = only(known(at(99), current, log=Bounds(5, 110)))
    assert (group.state, row.offset, row.how) == ("kept", None, "kept")


def test_of_two_ways_to_the_same_offset_the_highest_counts() -> None:
    _, row = only(known(at(40, translated=60), exactly_once=False))
    assert (row.offset, row.how) == (60, "checkpoint")
    _, row = only(known(at(40, translated=30), exactly_once=False))
    assert (row.offset, row.how) == (50, "sync")
