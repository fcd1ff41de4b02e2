"""Which groups are set, kept, active, unknown or unreadable, and what the JSON says of each."""

from __future__ import annotations

from typing import Any

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.cutover.failover.first_placed import first_offsets, first_placed, first_reported
from mirror.cutover.failover.groups import judge_groups
from mirror.cutover.failover.placed import GroupPlacement
from mirror.cutover.failover.placement import Known, TargetSeen, placements
from mirror.cutover.promoted_ends.journal_entries import size
from mirror.mm2.store import OffsetSyncStore
from tests.unit.cutover.failover.known_groups import COPY, OTHER, at, known, only, several
from tests.unit.support.made_up import ORDERS


def test_a_group_with_members_on_the_target_is_not_set() -> None:
    group, _ = only(known(at(100), members={"billing": 2}))
    assert group == GroupPlacement("billing", "active", group.rows, "it has 2 members on the target")
    group, _ = only(known(at(100), current=110, members={"billing": 2}))
    assert group.state == "kept", "nothing is to be set"


def test_a_group_whose_offsets_nobody_knows_is_named() -> None:
    [group] = placements(known(dropped=frozenset({"billing"})))
    assert (group.group, group.state, group.rows) == ("billing", "unknown", [])
    [group] = placements(known(current=110, dropped=frozenset({"billing"})))
    assert group.state == "kept", "its translation counts"


def test_a_partition_that_cannot_be_read_stops_its_group() -> None:
    [group] = placements(known(at(100), log=Unread("no leader")))
    assert (group.state, group.reason) == ("unreadable", "east.orders-0: no leader")


def test_a_group_is_placed_on_the_partitions_that_can_be_read_where_the_others_are_accepted() -> None:
    """Left out by name, it began by its auto.offset.reset on all of them; and a broker may lead partitions
    of more groups than anybody can name."""
    two = {ORDERS: TargetSeen(ORDERS, Bounds(0, 110), 99), OTHER: TargetSeen(OTHER, Unread("no leader"), 99)}
    commits = {"billing": {ORDERS: at(100), OTHER: at(100)}}
    [group] = placements(several(commits, partitions=two))
    assert (group.group, group.state, group.reason) == ("billing", "unreadable", "east.orders-1: no leader")
    assert [row.source for row in group.rows] == [ORDERS]
    [group] = placements(several(commits, partitions=two, unread_accepted=True))
    assert (group.state, [row.offset for row in group.rows]) == ("to-set", [110])
    assert group.to_json()["reason"] == "east.orders-1: no leader"
    there: dict[str, Any] = {"billing": {COPY: 110}}
    text = judge_groups(placements(several(commits, there, partitions=two, unread_accepted=True)), "").text
    assert text == (
        "1 group: 0 exact (no record is read again), 1 not judged on partitions that cannot be read, where "
        "their offsets stay as they are (billing)"
    )


def test_a_group_that_is_left_out_is_not_judged() -> None:
    assert placements(known(at(100), left_out=frozenset({"billing"}))) == []


def test_partitions_behind_one_without_a_copy_or_a_leader_are_placed() -> None:
    last = TopicPartition("orders", 2)
    seen = {
        OTHER: TargetSeen(OTHER, Unread("no leader"), 49),
        last: TargetSeen(last, Bounds(0, 60), 49),
    }
    commits = {"billing": {ORDERS: at(100), OTHER: at(50), last: at(50)}}
    [group] = placements(several(commits, partitions=seen, unread_accepted=True))
    assert [(row.source, row.offset) for row in group.rows] == [(last, 60)]


def test_an_offset_is_set_with_what_its_client_had_committed_beside_it() -> None:
    """Kafka Streams keeps the time of a partition there."""
    seen = known(at(100)._replace(metadata="AgAAAY"))
    assert seen.metadata("billing", ORDERS) == "AgAAAY"
    assert seen.metadata("billing", OTHER) == ""
    assert seen.metadata("audit", ORDERS) == ""


def test_json_has_counts_and_the_offsets_to_set() -> None:
    group, _ = only(known(at(100)))
    assert group.to_json() == {
        "state": "to-set",
        "partitions": 1,
        "placed_by": {"end": 1},
        "rereads_at_most": 0,
        "offsets": {"east.orders-0": 110},
    }


def test_the_offsets_at_which_groups_resume_fit_the_journal_or_are_left_out() -> None:
    to_set, kept = placements(known(at(100))), placements(known(at(100), current=105))
    assert first_offsets(None, to_set) == {"billing": {"east.orders": {"0": 110}}}
    assert first_offsets(None, kept) == {"billing": {"east.orders": {"0": 105}}}
    assert first_offsets(None, kept, 20) is None
    limit = size({"billing": {"east.orders": {"0": 105}}})
    assert first_offsets(None, kept, limit) is not None
    assert first_offsets(None, kept, limit - 1) is None


def test_the_journal_keeps_no_offset_twice_and_the_report_has_those_to_set() -> None:
    """The offsets at which groups resume are in it by group, topic and partition already."""
    placed = placements(known(at(100)))
    assert first_placed(None, placed) == {
        "offsets": {"billing": {"east.orders": {"0": 110}}},
        "groups": {
            "billing": {
                "state": "to-set",
                "partitions": 1,
                "placed_by": {"end": 1},
                "rereads_at_most": 0,
                "offsets": {},
            }
        },
    }
    assert first_reported(None, placed)["billing"]["offsets"] == {"east.orders-0": 110}
    assert first_reported(None, placed, 0)["billing"]["offsets"] == {}


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
    assert found[2].reason == "the last look could not read or keep its offsets, and MM2 has translated none"


def test_a_group_whose_offsets_or_members_could_not_be_read_is_not_set() -> None:
    seen = several({"billing": {ORDERS: at(100)}}, {"billing": Unread("not authorized")})
    [group] = placements(seen)
    assert group == GroupPlacement("billing", "unreadable", (), "not authorized")
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


def test_thousands_of_groups_and_partitions_are_placed_at_once() -> None:
    """Clients wait: with the names of all copies for each group, 2,000 groups on 30,000 partitions took half
    a minute, several times in one failover.
    """
    asked: list[TopicPartition] = []

    def names(one: TopicPartition) -> TopicPartition:
        asked.append(one)
        return one

    partitions = [TopicPartition("orders", number) for number in range(300)]
    seen = {one: TargetSeen(one, Bounds(0, 110), 99) for one in partitions}
    commits = {f"group-{number}": {partitions[number]: at(100)} for number in range(200)}
    found = placements(Known(commits, {}, seen, OffsetSyncStore(), names=names))
    assert [one.state for one in found] == ["to-set"] * 200
    assert len(asked) <= 300 + 2 * 200
