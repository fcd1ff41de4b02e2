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
