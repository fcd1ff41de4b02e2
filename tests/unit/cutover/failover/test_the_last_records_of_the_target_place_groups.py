"""How many of the target's last records a failover reads, and where they place a group near the end."""

from __future__ import annotations

from dataclasses import replace

from mirror.clients.records import Bounds, Unread
from mirror.cutover.failover.placement import (
    TargetSeen,
    placements,
    tail_needed,
)
from tests.unit.cutover.failover.known_groups import COPY, OTHER, at, known, only, several
from tests.unit.support.made_up import ORDERS
from tests.unit.support.offset_syncs import store_of


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


def test_records_that_a_way_back_has_left_out_are_not_counted_on_its_target() -> None:
    """The old region has records that never crossed, between the originals of what the way back has left out
    (up to offset 94) and its own records. They were counted, so a group without an offset there, as one that
    began on the promoted target, was set behind records that it had not read.

        source of the way back   ... 92 93 94 | 95 ... 99
        target                   ... r  r  r  x x | 105 ... 109
    """
    log = TargetSeen(ORDERS, Bounds(0, 110), 99, range(90, 110), start=94)
    early, late, near = ({"billing": {ORDERS: at(offset)}} for offset in (93, 94, 95))
    for commits in (early, late):
        assert tail_needed(several(commits, partitions={ORDERS: log})) == {}
        [group] = placements(replace(several(commits, partitions={ORDERS: log}), syncs=store_of(())))
        assert [(one.offset, one.how) for one in group.rows] == [(0, "log-start")]
    [group] = placements(several(near, partitions={ORDERS: log}))
    assert [(one.offset, one.how) for one in group.rows] == [(105, "tail")]


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
    nearest_last = several({"billing": {ORDERS: at(30)}, "zulu": {ORDERS: at(97)}})
    assert tail_needed(nearest_last) == {ORDERS: 70}
    assert tail_needed(several({"billing": {ORDERS: at(99)}})) == {ORDERS: 1}
    assert tail_needed(several({"billing": {ORDERS: at(100)}})) == {}, "everything is read"
    unknown = {ORDERS: TargetSeen(ORDERS, Bounds(0, 110), None)}
    assert tail_needed(several({"billing": {ORDERS: at(40)}}, partitions=unknown)) == {}


def test_a_group_with_an_offset_on_one_partition_needs_the_records_of_the_other() -> None:
    both = {ORDERS: known().partitions[ORDERS], OTHER: TargetSeen(OTHER, Bounds(0, 60), 49)}
    seen = several({"billing": {ORDERS: at(40), OTHER: at(48)}}, {"billing": {COPY: 51}}, partitions=both)
    assert tail_needed(seen) == {OTHER: 2}


def test_a_group_with_an_offset_past_the_end_needs_the_records() -> None:
    assert tail_needed(known(at(97), current=110)) == {}
    assert tail_needed(known(at(97), current=111)) == {ORDERS: 3}


def test_the_records_that_were_read_may_just_suffice() -> None:
    _, row = only(known(at(97), tail=range(107, 110)))
    assert (row.offset, row.how, row.rereads) == (107, "tail", 3)
    _, row = only(known(at(96), tail=range(107, 110)))
    assert (row.offset, row.how) == (51, "sync"), "one record too few was read"


def test_a_single_unread_record_is_not_behind_the_end() -> None:
    _, row = only(known(at(99), tail=range(107, 110)))
    assert (row.offset, row.how, row.rereads) == (109, "tail", 1)


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
