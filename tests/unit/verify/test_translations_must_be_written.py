"""MM2's checkpoints come, and its offsets in the group on the target stay behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import pytest

from mirror.clients.records import TopicPartition, Unread
from mirror.mm2.expected import Expected, patience
from mirror.mm2.formats import Checkpoint
from mirror.verify.checks.groups_translated import judge
from mirror.verify.reading.bookkeeping import with_unwritten, writes_group_offsets
from mirror.verify.values.group_partition import GroupPartition, UnwrittenCheckpoints
from tests.unit.support.clock import Clock
from tests.unit.support.made_up import NOW, ORDERS, settings
from tests.unit.verify.translations import at

INTERVAL = 10.0
LIMIT = patience(INTERVAL)
KEY = ("billing", ORDERS)


def seen(translated: int | None, downstream: int, age: float, committed: int = 6) -> GroupPartition:
    """A group whose last checkpoint MM2 wrote `age` seconds ago."""
    last = Checkpoint("billing", ORDERS, committed, downstream, "")
    return replace(at(committed, translated), mm2=Expected(committed, last, age, downstream, certain=True))


class Target:
    """The group on the target: the offsets that it has from look to look, the last one for ever."""

    def __init__(self, *offsets: int | Unread | None, members: int | Unread = 0) -> None:
        self._offsets: list[Any] = list(offsets)
        self._members = members

    def members(self, groups: Sequence[str]) -> dict[str, int | Unread]:
        return dict.fromkeys(groups, self._members)

    def group_offsets(self, groups: Sequence[str]) -> dict[str, dict[TopicPartition, int] | Unread]:
        now = self._offsets.pop(0) if len(self._offsets) > 1 else self._offsets[0]
        return dict.fromkeys(groups, now if isinstance(now, Unread) else {} if now is None else {ORDERS: now})


def looked(
    one: GroupPartition, target: Target, known: UnwrittenCheckpoints | None = None
) -> tuple[GroupPartition, float]:
    clock = Clock()
    [found] = with_unwritten([one], known or UnwrittenCheckpoints(), cast(Any, target), INTERVAL, clock)
    return found, clock.passed


def test_a_checkpoint_that_is_not_written_is_stale_although_checkpoints_come() -> None:
    """The offset is safe, so the check passed, and a group that moved would have read a week again."""
    one = seen(2, 6, age=600)
    assert judge([one]).passed
    found, waited = looked(one, Target(2))
    assert (found.overdue, waited) == (600, LIMIT)
    [finding] = judge([found]).findings
    assert finding.message == (
        "its offset on the target stays at 2, although MM2 has translated it to 6 (source offset 6): MM2 has "
        "not written that into the group for 600 s"
    )
    assert "Unable to sync offsets" in finding.remedy
    assert "checkpoint_overdue_seconds" in judge([found]).facts["groups"]["billing"]["orders-0"]


@pytest.mark.parametrize(
    ("target", "waits"),
    [(Target(6), 0), (Target(2, 2, 5), 2), (Target(None), 0), (Target(Unread("x")), 0)],
)
def test_what_moves_meanwhile_is_not_stale(target: Target, waits: float) -> None:
    found, waited = looked(seen(2, 6, age=600), target)
    assert (found.overdue, waited) == (None, waits)


@pytest.mark.parametrize("members", [2, Unread("no answer")])
def test_a_group_that_may_be_active_on_the_target_is_left_to_another_check(members: int | Unread) -> None:
    assert looked(seen(2, 6, age=600), Target(2, members=members)) == (seen(2, 6, age=600), 0)


@pytest.mark.parametrize(
    "one", [seen(6, 6, 600), seen(7, 6, 600), seen(None, 6, 600), seen(2, 6, LIMIT - 1), at(6, 2)]
)
def test_what_is_written_or_was_written_a_moment_ago_is_not_asked_for(one: GroupPartition) -> None:
    assert looked(one, Target(Unread("never asked"))) == (one, 0)


def test_a_group_that_never_rests_is_found_by_several_looks() -> None:
    """Its newest checkpoint is always young."""
    known = UnwrittenCheckpoints()
    assert known.look([seen(2, 3, age=5, committed=3)], NOW - 120) == {KEY: 5}
    assert known.look([seen(2, 5, age=5, committed=5)], NOW - 60) == {KEY: 65}
    assert looked(seen(2, 6, age=5), Target(2), known)[0].overdue is not None
    assert known.look([seen(5, 6, age=5)], NOW + 60) == {KEY: 5}, "that one was written"
    assert known.look([seen(6, 6, age=5)], NOW + 120) == {}
    assert known.look([seen(2, 6, age=5)], NOW + 180) == {KEY: 5}


def test_a_group_that_was_active_on_the_target_has_the_whole_interval_to_be_written() -> None:
    """MM2 writes up to an interval after the group's end there, and no look waits for hours."""
    known, clock, interval = UnwrittenCheckpoints(), Clock(), 3600.0
    for members in (2, 0):
        target = cast(Any, Target(2, members=members))
        [found] = with_unwritten([seen(2, 6, age=80_000)], known, target, interval, clock)
        assert (found.overdue, clock.passed) == (None, 0)


def test_a_group_that_was_set_back_has_nothing_to_be_written() -> None:
    known = UnwrittenCheckpoints()
    known.look([seen(4, 6, age=5)], NOW)
    assert known.look([seen(4, 3, age=5, committed=3)], NOW + 60) == {}


def test_where_mm2_writes_no_offsets_nothing_is_expected() -> None:
    off = {"config": {"checkpoint_connector": {"sync.group.offsets.enabled": "false"}}}
    assert writes_group_offsets(settings())
    assert not writes_group_offsets(settings(**off, allow_data_loss=["group-offsets-synced"]))
