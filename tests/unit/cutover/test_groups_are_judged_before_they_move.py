"""Which groups are moved, which are waited for, and what is said before anyone agrees."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.clients.other_groups import MEMBERS_UNSEEN
from mirror.clients.records import TopicPartition, Unread
from mirror.cutover.groups.judge import Seen, judge, moves, settable
from mirror.cutover.step import Verdict, World
from mirror.cutover.steps.move_groups import BEFORE, MOVE, Kept, MoveGroups, changes, restoring, with_offsets
from mirror.offsets.proposal import Proposal
from tests.unit.support.made_up import ORDERS, settings
from tests.unit.support.memory_journal import MemoryJournal

TWO = TopicPartition("orders", 1)


def row(
    group: str,
    offset: int | None,
    current: int | None,
    how: str = "by-content",
    rereads: int | None = 0,
    **more: Any,
) -> Proposal:
    one = more.pop("partition", ORDERS)
    exact = more.pop("exact", True)
    return Proposal(group, one, 5, one, offset, how, rereads, exact, current, more.pop("note", ""))


def told(*rows: Proposal, **more: Any) -> Verdict:
    seen = Seen(rows, more.pop("on_source", {}), more.pop("on_target", {}), **more)
    return judge(moves(seen), seen)


def test_a_group_without_a_proven_offset_ends_the_cutover() -> None:
    verdict = told(row("billing", None, None, "none", None, note="MM2 has no translation"), row("a", 5, 3))
    assert verdict.state == "blocked"
    assert "no offset of group billing is proven" in verdict.text
    assert "billing: orders-0: MM2 has no translation" in verdict.text
    assert "--leave-out-group" in verdict.remedy
    assert told(row("billing", None, None, "none", None), left_out=["billing"]).state == "done"


def test_a_group_whose_unread_records_the_targets_retention_has_deleted_ends_the_cutover() -> None:
    """It was set to the log start: the source still had what it had not read."""
    overtaken = replace(row("billing", 16, 8, "log-start", None, note="the source has them"), skips=True)
    verdict = told(overtaken)
    assert verdict.state == "blocked"
    assert "billing: orders-0: the source has them" in verdict.text
    assert told(replace(overtaken, skips=False)).state == "todo"


def test_a_group_that_reads_on_the_target_is_not_set_under_its_consumers() -> None:
    verdict = told(row("billing", 15, 13), on_target={"billing": 2})
    assert verdict.state == "blocked"
    assert "billing: 2 members on the target" in verdict.text
    assert told(row("billing", 15, 15), on_target={"billing": 2}).state == "done"


def test_what_could_not_be_read_ends_the_cutover() -> None:
    assert told(unreadable={"billing": "no answer in time"}).state == "blocked"
    assert told(row("billing", 15, 13), on_source={"billing": Unread("no answer")}).state == "blocked"
    assert told(row("billing", 15, 13), on_target={"billing": Unread("no answer")}).state == "blocked"


def test_groups_with_members_at_the_source_are_waited_for_and_the_others_set() -> None:
    verdict = told(row("billing", 15, 13), row("idle", 15, 13), on_source={"billing": 2, "idle": 0})
    assert verdict.state == "todo"
    assert verdict.text.startswith("1 group to set, 1 offset: 1 exact")
    assert verdict.text.endswith("Not set yet: group billing has members at the source")
    verdict = told(row("billing", 15, 13), on_source={"billing": 2})
    assert (verdict.state, verdict.remaining) == ("waiting", 1)


def test_an_offset_that_waits_for_a_transaction_is_not_the_last() -> None:
    """An application with transactions was killed: its offset was taken for exact before its commit ended."""
    pending = {"billing": [ORDERS]}
    verdict = told(row("billing", 15, 13), row("idle", 15, 13), pending=pending)
    assert verdict.state == "todo"
    assert verdict.text.startswith("1 group to set, 1 offset")
    assert verdict.text.endswith(
        "Not set yet: group billing has pending offsets (billing: a transaction with its offset of orders-0 "
        "has not ended)"
    )
    verdict = told(row("billing", 15, 15), pending=pending)
    assert (verdict.state, verdict.remaining) == ("waiting", 1)
    assert verdict.remedy.startswith("wait until the transactions end, at the latest by their transaction.")
    verdict = told(row("billing", 15, 15), row("a", 5, 3), pending=pending, on_source={"a": 1})
    assert (verdict.state, verdict.remaining) == ("waiting", 2)
    assert verdict.remedy.startswith("stop their consumers at the source, wait until the transactions end")
    moved = told(row("billing", None, 19, "moved", None, note="it has moved"), pending=pending)
    assert moved.state == "done"


def test_what_is_not_exact_is_named_with_its_count_before_anything_is_set() -> None:
    verdict = told(
        row("audit", 12, 11, "behind 3", 3),
        row("audit", 4, 4, "behind more than 2", 2, exact=False, partition=TWO),
        row("billing", 15, 13),
    )
    assert verdict.state == "todo"
    assert "2 groups to set, 2 offsets: 1 exact" in verdict.text
    assert "1 not exact (audit reads more than 5 records again)" in verdict.text
    assert verdict.evidence["groups"]["audit"]["rereads"] == 5
    assert verdict.evidence["groups"]["audit"]["rereads_exact"] is False


def test_a_group_that_moved_by_itself_is_left_where_it_reads() -> None:
    verdict = told(row("billing", None, 19, "moved", None, note="the group has moved"))
    assert verdict.state == "done"
    assert "1 already moved by their own consumers" in verdict.text


def test_a_streams_group_is_moved_though_its_members_cannot_be_seen() -> None:
    unseen = {"streams": Unread(MEMBERS_UNSEEN)}
    verdict = told(
        row("streams", 15, None), on_source=unseen, on_target=unseen, untranslated=["streams", "share"]
    )
    assert verdict.state == "todo"
    assert verdict.evidence["members_unseen"] == ["streams"]
    assert verdict.evidence["not_moved"] == ["share"]


def test_nothing_is_to_do_where_every_offset_is_right() -> None:
    verdict = told(row("billing", 15, 15), row("billing", 9, 9, partition=TWO))
    assert (verdict.state, verdict.remaining) == ("done", 0)
    assert told().text == "no group has offsets"


def test_offsets_are_kept_as_they_were_first() -> None:
    todo = settable(moves(Seen([row("billing", 15, 13), row("new", 15, None)], {}, {})))
    before: Kept = {"billing": {"orders": {"0": 2}}}
    assert with_offsets(before, todo) == {"billing": {"orders": {"0": 2}}, "new": {"orders": {"0": None}}}
    assert before == {"billing": {"orders": {"0": 2}}}
    assert [(one.row.group, one.before, one.row.offset) for one in changes(todo)] == [
        ("billing", 13, 15),
        ("new", None, 15),
    ]


def test_only_offsets_that_were_there_are_set_back() -> None:
    before: Kept = {"billing": {"orders": {"0": 13, "1": 4}}, "new": {"orders": {"0": None}}}
    now = {"billing": {ORDERS: 15, TWO: 4}, "new": {ORDERS: 15}}
    (back,) = restoring(before, now)
    assert (back.row.group, back.row.target, back.row.offset, back.before) == ("billing", ORDERS, 13, 15)
    assert len(restoring(before, {"billing": Unread("refused")})) == 2


@pytest.mark.parametrize(
    ("kept", "left"),
    [
        ({}, "the groups' offsets stay as they were set: the journal had no room for the former."),
        ({"new": {"orders": {"0": None}}}, "left as set: 1 offset where there was none before."),
        ({"billing": {"orders": {"0": 13}}}, None),
        (None, None),
    ],
)
def test_a_rollback_says_which_offsets_stay(kept: Kept | None, left: str | None) -> None:
    """It said of each step that nothing of it is left."""
    target = SimpleNamespace(alias="west", group_offsets=lambda groups: {"billing": {ORDERS: 13}})
    world = cast(World, SimpleNamespace(settings=settings(), sides=lambda: SimpleNamespace(target=target)))
    journal = MemoryJournal()
    if kept is not None:
        journal.keep(MOVE, BEFORE, kept)
    said = MoveGroups().undo(world, journal)
    assert (said or "").startswith(left or "")
    assert (said is None) is (left is None)
    assert journal.kept(MOVE, BEFORE) is None
