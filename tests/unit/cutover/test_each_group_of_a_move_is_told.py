"""What a cutover says of every group, and keeps of it as evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mirror.clients.records import Unread
from mirror.cutover.groups.judge import GroupMove, GroupState, Seen, judge, moves
from mirror.cutover.step import Verdict
from mirror.offsets.proposal import Proposal
from tests.unit.cutover.test_groups_are_judged_before_they_move import TWO, row, told
from tests.unit.support.made_up import ORDERS

BEHIND = row("audit", 12, 11, "behind 3", 3)
MORE = row("audit", 4, 4, "behind more than 2", 2, exact=False, partition=TWO)
LEFT = row("audit", None, 19, "moved", None, note="its consumers read there")
NO_ANSWER = Unread("no answer")


def one(*rows: Proposal, **more: Any) -> GroupMove:
    [found] = moves(Seen(rows, more.pop("on_source", {}), more.pop("on_target", {}), **more))
    return found


def test_a_group_that_is_to_be_set_has_its_open_partitions_and_all_it_reads_again() -> None:
    assert one(BEHIND, MORE, replace(LEFT, source=TWO)) == GroupMove(
        "audit", "to-set", [BEHIND, MORE], 5, True
    )
    assert one(BEHIND) == GroupMove("audit", "to-set", [BEHIND], 3)
    assert one(replace(BEHIND, current=12)).state == "set"
    assert one(MORE) == GroupMove("audit", "set", [MORE], 2, True)
    below = row("audit", 16, 8, "log-start", None)
    assert one(below) == GroupMove("audit", "to-set", [below], 0, True), "nobody has counted them"


def test_a_group_that_has_moved_or_is_waited_for_says_why() -> None:
    assert one(LEFT) == GroupMove("audit", "moved", [LEFT], reason="its consumers read there")
    active = GroupMove("audit", "active", [BEHIND, MORE], 5, True, "1 member at the source")
    assert one(BEHIND, MORE, on_source={"audit": 1}) == active
    on_target = GroupMove("audit", "active-on-target", [BEHIND], reason="2 members on the target")
    assert one(BEHIND, on_target={"audit": 2}) == on_target


def test_what_cannot_be_read_or_proven_says_why() -> None:
    unread = GroupMove("audit", "unreadable", [BEHIND], reason="no answer")
    assert one(BEHIND, on_source={"audit": NO_ANSWER}) == unread
    assert one(BEHIND, on_target={"audit": NO_ANSWER}) == unread
    assert one(unreadable={"audit": "no answer"}) == replace(unread, rows=())
    unknown = row("audit", None, None, "none", None)
    reason = "orders-0: the first unread record was not found"
    assert one(unknown) == GroupMove("audit", "unprovable", [unknown], reason=reason)
    pending = one(unknown, pending={"audit": [ORDERS, TWO]})
    reason = "a transaction with its offset of orders-0, orders-1 has not ended"
    assert (pending.state, pending.reason) == ("pending", reason), "its offset is not the last"


@pytest.mark.parametrize(
    ("count", "more", "said"),
    [(1, False, "1 record"), (2, False, "2 records"), (1_200, True, "more than 1,200 records")],
)
def test_records_that_are_read_again_in_words(count: int, more: bool, said: str) -> None:
    assert GroupMove("audit", "set", (), count, more).rereads_in_words == said


def test_the_evidence_has_every_group_and_whom_nobody_moves() -> None:
    verdict = told(
        BEHIND,
        row("billing", 15, 13),
        row("idle", 9, 9),
        row("out", 15, 13),
        on_source={"billing": 2},
        left_out=["out"],
        untranslated=["shared"],
    )
    assert verdict == Verdict(
        "todo",
        "1 group to set, 1 offset: 1 exact (no record is read again, none is skipped), 1 not exact (audit "
        "reads 3 records again); NOT moved, because nobody can read their offsets (share groups): shared. "
        "Not set yet: group billing has members at the source",
        evidence={
            "groups": {
                "audit": _evidence("to-set", 12, rereads=3),
                "billing": {**_evidence("active", 15), "reason": "2 members at the source"},
                "idle": _evidence("set", 9),
            },
            "left_out": ["out"],
            "members_unseen": [],
            "not_moved": ["shared"],
        },
        remaining=1,
    )
    assert told(BEHIND).text.endswith("audit reads 3 records again)")


def _evidence(state: GroupState, offset: int, rereads: int = 0) -> dict[str, object]:
    return {"state": state, "offsets": {"orders-0": offset}, "rereads": rereads, "rereads_exact": True}


def test_groups_that_end_the_cutover_are_told_with_what_else_is_to_do() -> None:
    rows = [*(row(name, None, None, "none", None, note="none") for name in "ab"), row("c", 15, 13)]
    seen = Seen(rows, {}, {})
    verdict = judge(moves(seen), seen)
    assert verdict.text == (
        "no offset of groups a, b is proven to skip nothing (a: orders-0: none; b: orders-0: none)"
    )
    assert (verdict.state, verdict.remaining) == ("blocked", 1)
    assert list(verdict.evidence["groups"]) == ["a", "b", "c"]


def test_groups_that_are_waited_for_are_told_together() -> None:
    active = told(row("a", 15, 13), row("b", 15, 13), on_source={"a": 1, "b": 2})
    assert active.text == "groups a, b have members at the source"
    assert active.evidence["groups"]["a"]["state"] == "active"
    pending = told(row("a", 15, 13), row("b", 15, 13), pending={"a": [ORDERS], "b": [ORDERS]})
    ended = "a transaction with its offset of orders-0 has not ended"
    assert pending.text == f"groups a, b have pending offsets (a: {ended}; b: {ended})"


def test_groups_that_are_where_they_belong_are_counted() -> None:
    verdict = told(row("a", 15, 15), row("b", 12, 12, "behind 3", 3), untranslated=["shared"])
    assert verdict.text == (
        "2 groups on the target: 1 exact (no record is read again, none is skipped), 1 not exact (b reads 3 "
        "records again); NOT moved, because nobody can read their offsets (share groups): shared"
    )
    assert list(verdict.evidence["groups"]) == ["a", "b"]
