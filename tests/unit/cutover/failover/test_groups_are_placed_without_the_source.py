"""Where groups resume when the source does not answer: never behind a record that they have not read."""

from __future__ import annotations

from typing import Any

import pytest

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.cutover.failover.placement import (
    Commit,
    GroupPlacement,
    Known,
    Placement,
    TargetSeen,
    placements,
    tail_needed,
)
from mirror.mm2.formats import OffsetSync
from mirror.mm2.store import store_of
from tests.unit.support.made_up import NOW, ORDERS

COPY = TopicPartition("east.orders", 0)
OTHER = TopicPartition("orders", 1)
SYNCS = (OffsetSync(ORDERS, 0, 0), OffsetSync(ORDERS, 40, 50))


def known(
    commit: Commit | None = None,
    current: int | None = None,
    *,
    log: Bounds | Unread | None = None,
    position: int | None = 99,
    tail: range = range(0),
    syncs: tuple[OffsetSync, ...] = SYNCS,
    **more: Any,
) -> Known:
    seen = TargetSeen(ORDERS, log or Bounds(0, 110), position, tail)
    return Known(
        {"billing": {ORDERS: commit}} if commit else {},
        {"billing": {COPY: current} if current is not None else {}},
        {ORDERS: seen},
        store_of(syncs),
        names=lambda one: TopicPartition(f"east.{one.topic}", one.partition),
        **more,
    )


def only(seen: Known) -> tuple[GroupPlacement, Placement]:
    [group] = placements(seen)
    [row] = group.rows
    return group, row


def at(offset: int, translated: int | None = None) -> Commit:
    return Commit(offset, NOW, translated)


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


def test_the_last_records_of_the_target_place_a_group_near_the_end() -> None:
    """Source offsets 97 to 99 are unread, so the third record from the target's end is the first of them."""
    seen = known(at(97), tail=range(100, 110))
    assert tail_needed(seen) == {ORDERS: 3}
    _, row = only(seen)
    assert (row.offset, row.how, row.rereads) == (107, "tail", 3)


def test_positions_that_may_be_late_place_nobody_by_them() -> None:
    """At-least-once: the target may hold records behind the position, which the group has not read."""
    seen = known(at(100), tail=range(100, 110), exactly_once=False)
    assert tail_needed(seen) == {}
    _, row = only(seen)
    assert (row.offset, row.how) == (51, "sync")


def test_a_group_before_every_sync_starts_at_the_logs_start() -> None:
    _, row = only(known(at(3), log=Bounds(5, 110), syncs=(OffsetSync(ORDERS, 10, 10),)))
    assert (row.offset, row.how, row.rereads) == (5, "log-start", 105)


@pytest.mark.parametrize(("current", "offset", "how"), [(200, 110, "past-end"), (2, 5, "below-start")])
def test_an_offset_outside_the_log_would_be_reset_by_the_consumer(
    current: int, offset: int, how: str
) -> None:
    group, row = only(known(at(99), current, log=Bounds(5, 110)))
    assert (group.state, row.offset, row.how) == ("to-set", offset, how)


def test_no_offset_is_ever_outside_the_log() -> None:
    _, row = only(known(at(45, translated=400), exactly_once=False))
    assert row.offset == 110


def test_a_group_with_members_on_the_target_is_not_set() -> None:
    group, _ = only(known(at(100), members={"billing": 2}))
    assert (group.state, group.reason) == ("active", "it has 2 members on the target")
    group, _ = only(known(at(100), current=110, members={"billing": 2}))
    assert group.state == "kept", "nothing is to be set"


def test_a_partition_that_is_not_on_the_target_needs_no_offset() -> None:
    seen = known(at(100))
    more = {"billing": {ORDERS: at(100), OTHER: at(7)}}
    [group] = placements(Known(more, seen.current, seen.partitions, seen.syncs, names=seen.names))
    assert [one.source for one in group.rows] == [ORDERS]


def test_a_group_whose_offsets_nobody_knows_is_named() -> None:
    [group] = placements(known(dropped=frozenset({"billing"})))
    assert group.state == "unknown"
    [group] = placements(known(current=110, dropped=frozenset({"billing"})))
    assert group.state == "kept", "its translation counts"


def test_a_partition_that_cannot_be_read_stops_its_group() -> None:
    [group] = placements(known(at(100), log=Unread("no leader")))
    assert (group.state, group.reason) == ("unreadable", "east.orders-0: no leader")


def test_a_group_that_is_left_out_is_not_judged() -> None:
    assert placements(known(at(100), left_out=frozenset({"billing"}))) == []


def test_json_has_counts_and_the_offsets_to_set() -> None:
    group, _ = only(known(at(100)))
    assert group.to_json() == {
        "state": "to-set",
        "partitions": 1,
        "placed_by": {"end": 1},
        "rereads_at_most": 0,
        "offsets": {"east.orders-0": 110},
    }


def several(
    commits: dict[str, dict[TopicPartition, Commit]],
    current: dict[str, dict[TopicPartition, int] | Unread] | None = None,
    *,
    partitions: dict[TopicPartition, TargetSeen] | None = None,
    **more: Any,
) -> Known:
    base = known()
    return Known(commits, current or {}, partitions or base.partitions, base.syncs, names=base.names, **more)


def test_records_are_read_for_the_group_that_is_furthest_behind() -> None:
    seen = several(
        {
            "audit": {ORDERS: at(40), OTHER: at(7)},  # no record of the other partition is on the target
            "billing": {ORDERS: at(97)},
            "kept": {ORDERS: at(3)},
            "left-out": {ORDERS: at(2)},
            "unreadable": {ORDERS: at(1)},
            "zulu": {OTHER: at(7), ORDERS: at(30)},
        },
        {"kept": {COPY: 5}, "unreadable": Unread("not authorized")},
        left_out=frozenset({"left-out"}),
    )
    assert tail_needed(seen) == {ORDERS: 70}
    assert tail_needed(several({"billing": {ORDERS: at(99)}})) == {ORDERS: 1}
    assert tail_needed(several({"billing": {ORDERS: at(100)}})) == {}, "everything is read"
    unknown = {ORDERS: TargetSeen(ORDERS, Bounds(0, 110), None)}
    assert tail_needed(several({"billing": {ORDERS: at(40)}}, partitions=unknown)) == {}


def test_a_group_with_an_offset_on_one_partition_needs_the_records_of_the_other() -> None:
    both = {ORDERS: known().partitions[ORDERS], OTHER: TargetSeen(OTHER, Bounds(0, 60), 49)}
    seen = several({"billing": {ORDERS: at(40), OTHER: at(48)}}, {"billing": {COPY: 51}}, partitions=both)
    assert tail_needed(seen) == {OTHER: 2}


def test_the_records_that_were_read_may_just_suffice() -> None:
    _, row = only(known(at(97), tail=range(107, 110)))
    assert (row.offset, row.how, row.rereads) == (107, "tail", 3)
    _, row = only(known(at(96), tail=range(107, 110)))
    assert (row.offset, row.how) == (51, "sync"), "one record too few was read"


def test_a_single_unread_record_is_not_behind_the_end() -> None:
    _, row = only(known(at(99), tail=range(107, 110)))
    assert (row.offset, row.how, row.rereads) == (109, "tail", 1)


def test_a_sync_at_the_logs_start_is_the_logs_start() -> None:
    _, row = only(known(at(40), log=Bounds(50, 110), exactly_once=False))
    assert (row.offset, row.how) == (50, "log-start")


def test_where_the_log_has_no_more_records_its_first_one_is_the_place() -> None:
    whole = TargetSeen(ORDERS, Bounds(0, 110), 99, range(107, 110), whole_tail=True)
    [group] = placements(several({"billing": {ORDERS: at(90)}}, partitions={ORDERS: whole}))
    assert [(one.offset, one.how) for one in group.rows] == [(107, "tail")]
    empty = TargetSeen(ORDERS, Bounds(60, 60), 99, (), whole_tail=True)
    [group] = placements(several({"billing": {ORDERS: at(90)}}, partitions={ORDERS: empty}))
    assert [(one.offset, one.how) for one in group.rows] == [(60, "log-start")]


def test_markers_of_transactions_are_not_read_again() -> None:
    tail = TargetSeen(ORDERS, Bounds(0, 110), 99, (100, 103, 107))
    [group] = placements(
        several({"billing": {ORDERS: at(100)}}, {"billing": {COPY: 103}}, partitions={ORDERS: tail})
    )
    assert group.rereads == 2
    [group] = placements(
        several({"billing": {ORDERS: at(100)}}, {"billing": {COPY: 100}}, partitions={ORDERS: tail})
    )
    assert group.rereads == 3


def test_rereads_are_counted_up_to_the_last_mirrored_record() -> None:
    """The group has read source offset 199; 99 is the last one on the target."""
    _, row = only(known(at(200), current=51))
    assert row.rereads == 59, "source offsets 41 to 99"
    _, row = only(known(at(98), current=51, log=Bounds(0, 400)))
    assert row.rereads == 57, "source offsets 41 to 97"
    _, row = only(known(at(200), current=51, position=None))
    assert row.rereads == 59, "target offsets 51 to 109"


def test_below_the_log_start_the_rereads_begin_there() -> None:
    _, row = only(known(at(99), 2, log=Bounds(100, 110)))
    assert row == Placement("billing", ORDERS, COPY, 2, 100, "below-start", 10)
    _, row = only(known(at(99), 200))
    assert row == Placement("billing", ORDERS, COPY, 200, 110, "past-end", 0)
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


def test_a_group_is_judged_on_the_partitions_of_both_sides_by_name() -> None:
    both = {OTHER: TargetSeen(OTHER, Bounds(0, 60), 49), ORDERS: known().partitions[ORDERS]}
    foreign = TopicPartition("of-nobody", 0)
    seen = several(
        {"zulu": {OTHER: at(50)}, "audit": {}},
        {"zulu": {COPY: 110, foreign: 3}, "billing": {}},
        partitions=both,
        dropped=frozenset({"dropped"}),
    )
    found = placements(seen)
    assert [one.group for one in found] == ["audit", "billing", "dropped", "zulu"]
    zulu = found[-1]
    assert [(one.source, one.how, one.offset) for one in zulu.rows] == [
        (ORDERS, "kept", None),
        (OTHER, "end", 60),
    ]
    assert zulu.state == "to-set"
    assert [one.source for one in zulu.changes] == [OTHER]
    assert found[2].reason == "the last look had no room for its offsets, and MM2 has translated none"


def test_a_group_whose_offsets_or_members_could_not_be_read_is_not_set() -> None:
    seen = several({"billing": {ORDERS: at(100)}}, {"billing": Unread("not authorized")})
    [group] = placements(seen)
    assert (group.state, group.reason, group.rows) == ("unreadable", "not authorized", ())
    [group] = placements(known(at(100), members={"billing": Unread("no coordinator")}))
    assert (group.state, group.reason, len(group.rows)) == ("active", "no coordinator", 1)
    [group] = placements(known(at(100), members={"billing": 1}))
    assert group.reason == "it has 1 member on the target"
    [group] = placements(known(at(100), members={"billing": 0, "search": 2}))
    assert group.state == "to-set"


def test_json_counts_the_partitions_by_way_and_names_the_reason() -> None:
    both = {ORDERS: known().partitions[ORDERS], OTHER: TargetSeen(OTHER, Bounds(0, 60), 49)}
    [group] = placements(
        several({"billing": {ORDERS: at(100), OTHER: at(50)}}, partitions=both, members={"billing": 2})
    )
    assert group.to_json(offsets=1) == {
        "state": "active",
        "partitions": 2,
        "placed_by": {"end": 2},
        "rereads_at_most": 0,
        "offsets": {"east.orders-0": 110},
        "reason": "it has 2 members on the target",
    }
    assert group.to_json()["offsets"] == {"east.orders-0": 110, "east.orders-1": 60}
    kept = only(known(at(45), current=51))[0].to_json()
    assert kept == {"state": "kept", "partitions": 1, "placed_by": {"kept": 1}, "rereads_at_most": 4}
