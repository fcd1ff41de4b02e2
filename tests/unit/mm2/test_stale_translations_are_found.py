"""A checkpoint that MM2 ought to have replaced; one that is old because its group rests is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mirror.clients.records import Bounds, TopicPartition
from mirror.mm2.expected import Expected, expected, patience
from mirror.mm2.formats import Checkpoint, CheckpointKey, OffsetSync
from mirror.mm2.store import OffsetSyncStore
from mirror.mm2.topics import Dated
from mirror.problems import Finding
from mirror.verify.checks.groups_translated import judge
from mirror.verify.reading.bookkeeping import REFRESH_AT_MOST, with_expectations
from mirror.verify.values.group_partition import GroupPartition
from tests.unit.support.clock import Clock
from tests.unit.support.made_up import NOW, ORDERS, window
from tests.unit.support.offset_syncs import store_of

COPY = TopicPartition("east.orders", 0)
INTERVAL = 10.0
LIMIT = patience(INTERVAL)


def syncs(*pairs: tuple[int, int]) -> OffsetSyncStore:
    return store_of(OffsetSync(ORDERS, up, down) for up, down in pairs)


def dated(up: int, down: int, age: float) -> dict[CheckpointKey, Dated]:
    return {CheckpointKey("billing", COPY): Dated(Checkpoint("billing", COPY, up, down, ""), NOW - age)}


def at(upstream: int, store: OffsetSyncStore, checkpoints: dict[CheckpointKey, Dated]) -> Expected:
    return expected("billing", ORDERS, COPY, upstream, checkpoints=checkpoints, syncs=store, now=NOW)


def test_a_group_that_rests_is_never_overdue() -> None:
    one = at(100, syncs((100, 90)), dated(100, 90, age=86_400))
    assert not one.emits
    assert not one.overdue(LIMIT)
    assert one.settles_at == 90


def test_a_group_that_moved_between_two_syncs_is_not_overdue() -> None:
    """105 is still translated to the newest sync's downstream + 1, which is what the checkpoint says."""
    one = at(105, syncs((100, 90)), dated(102, 91, age=86_400))
    assert not one.overdue(LIMIT)
    assert one.settles_at == 91


def test_a_group_that_moved_past_a_newer_sync_is_overdue_when_the_checkpoint_is_old() -> None:
    store = syncs((100, 90), (200, 180))
    assert at(200, store, dated(100, 90, age=LIMIT + 1)).overdue(LIMIT)
    assert not at(200, store, dated(100, 90, age=LIMIT - 1)).overdue(LIMIT)
    assert at(200, store, dated(100, 90, age=1)).settles_at == 180


def test_a_group_that_was_set_back_is_overdue_too() -> None:
    one = at(100, syncs((90, 80)), dated(150, 81, age=LIMIT + 1))
    assert one.emits
    assert one.overdue(LIMIT)


def test_nothing_is_claimed_of_a_group_behind_the_newest_sync() -> None:
    """A running MM2 may have given up the sync at 100, and then translates no better than it has."""
    assert not at(150, syncs((100, 90), (200, 180)), dated(50, 50, age=LIMIT + 1)).overdue(LIMIT)


def test_without_checkpoint_or_without_sync_there_is_nothing_to_be_late_with() -> None:
    assert not at(100, syncs((100, 90)), {}).overdue(LIMIT)
    without = at(100, OffsetSyncStore(), dated(50, 50, age=LIMIT + 1))
    assert without.next is None
    assert not without.overdue(LIMIT)


class Topic:
    """Says what a script says, the last line for ever."""

    def __init__(self, *script: object) -> None:
        self._script = list(script)

    def read(self) -> object:
        return self._script.pop(0) if len(self._script) > 1 else self._script[0]


GROUP = GroupPartition(
    "billing", ORDERS, COPY, 200, 90, 199, Bounds(0, 200), Bounds(0, 200), ahead=window("ab", 90)
)
Look = Callable[..., tuple[GroupPartition, float]]


@pytest.fixture
def look() -> Look:
    def looked(*checkpoints: dict[CheckpointKey, Dated]) -> tuple[GroupPartition, float]:
        clock, store = Clock(), Topic(syncs((100, 90), (200, 180)))
        [one] = with_expectations([GROUP], Topic(*checkpoints), store, INTERVAL, clock)  # type: ignore[arg-type]
        return one, clock.passed

    return looked


def test_an_overdue_checkpoint_is_waited_for_before_it_is_reported(look: Look) -> None:
    one, seconds = look(dated(100, 90, age=600))
    assert seconds == LIMIT
    assert one.overdue == LIMIT
    [finding] = judge([one]).findings
    assert finding.subject == "group billing, orders-0"
    assert finding.message == (
        "its translation is stale: MM2's last checkpoint (100 -> 90) is 600 s old, the group is at 200 and "
        "should be translated to 180; no new one came within 35 s"
    )
    assert "checkpoint connector" in finding.remedy


def test_a_checkpoint_that_comes_while_waiting_is_none_to_report(look: Look) -> None:
    old = dated(100, 90, age=600)
    one, seconds = look(old, old, old, dated(200, 180, age=0))
    assert seconds == 3.0
    assert one.overdue is None
    assert judge([one]).passed


def test_a_group_with_the_right_offset_on_the_target_is_not_stale() -> None:
    """The checkpoint 200 -> 180 was in a transaction that was aborted: MM2, restarted, has read it, set the
    group to 180 and writes it no more; only committed checkpoints are read here."""
    for translated, stale in ((90, True), (179, True), (180, False), (195, False)):
        clock, old = Clock(), Topic(dated(100, 90, age=600))
        store = Topic(syncs((100, 90), (200, 180)))
        group = replace(GROUP, translated=translated)
        [one] = with_expectations([group], old, store, INTERVAL, clock)  # type: ignore[arg-type]
        assert (one.overdue is not None, clock.passed > 0) == (stale, stale)


def test_a_sync_that_is_pushed_out_before_mm2_looks_is_none_to_wait_for() -> None:
    """A burst right after the group's commit: MM2 gives up the sync at 101, which is too near the one at 100,
    for the one at 400. It translates 102 to what the checkpoint says."""
    group = replace(GROUP, committed=102, translated=91)
    old = Topic(dated(101, 91, age=600))
    before, after = [(100, 90), (101, 91)], [(100, 90), (101, 91), (400, 380)]
    assert at(102, syncs(*before), dated(101, 91, age=600)).overdue(LIMIT)
    assert at(102, syncs(*after), {}).next == 91
    clock, store = Clock(), Topic(syncs(*before), syncs(*after))
    [one] = with_expectations([group], old, store, INTERVAL, clock)  # type: ignore[arg-type]
    assert (one.overdue, clock.passed) == (None, 1.0)
    assert judge([one]).passed


@pytest.mark.parametrize(("refresh", "waits"), [(0, LIMIT), (30, LIMIT + 30), (600, LIMIT + REFRESH_AT_MOST)])
def test_a_group_that_came_back_is_known_to_mm2_from_its_next_refresh_on(
    refresh: float, waits: float
) -> None:
    """A monthly job, whose offsets had expired: its checkpoint is a month old, and the next comes after the
    refresh of groups, the restart of the tasks and an interval."""
    store = Topic(syncs((100, 90), (200, 180)))
    old, new = dated(100, 90, age=30 * 86_400), dated(200, 180, age=0)
    for comes_after, overdue in ((waits - 2, None), (waits + 2, waits)):
        clock, script = Clock(), [old] * int(comes_after) + [new]
        [one] = with_expectations(
            [GROUP],
            Topic(*script),  # type: ignore[arg-type]
            store,  # type: ignore[arg-type]
            INTERVAL,
            clock,
            refresh_interval_seconds=refresh,
        )
        assert one.overdue == overdue


def test_a_current_checkpoint_costs_no_wait(look: Look) -> None:
    one, seconds = look(dated(200, 180, age=3_600))
    assert seconds == 0
    facts = judge([one]).facts["groups"]["billing"]["orders-0"]
    assert facts["checkpoint_age_seconds"] == 3600
    assert facts["checkpoint_source_offset"] == 200
    assert facts["next_target_offset"] == 180


def test_bookkeeping_that_cannot_be_read_fails_the_check_where_there_are_groups() -> None:
    blind = Finding("MM2's bookkeeping", "refused", "let the verifier read")
    assert judge([GROUP], blind=blind).findings == (blind,)
    assert judge([], blind=blind).passed


def test_of_a_group_of_another_type_mm2_writes_nothing() -> None:
    clock, store = Clock(), Topic(syncs((100, 90), (200, 180)))
    [one] = with_expectations(
        [GROUP],
        Topic({}),  # type: ignore[arg-type]
        store,  # type: ignore[arg-type]
        INTERVAL,
        clock,
        untranslated={"billing"},
    )
    assert one.mm2 is not None
    assert (one.mm2.emits, one.mm2.settles_at) == (False, None)
