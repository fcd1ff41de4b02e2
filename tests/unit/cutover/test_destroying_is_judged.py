"""Reasons against destroying a mirror: what counts, what is said, and when nothing speaks against it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.cutover.teardown.judge import (
    MovedOffset,
    Use,
    Waiting,
    moved_offsets,
    overridden,
    refusal,
    waiting_records,
)
from mirror.mm2.formats import CheckpointKey
from mirror.mm2.phase import Move
from mirror.verify.values.active_group import GroupOnTarget, Member
from mirror.verify.values.partition_lag import PartitionLag
from settings.acls import mirror_user_acls
from settings.names import internal_topics
from tests.unit.settings.sample import settings
from tests.unit.support.made_up import window

ONE, TWO = TopicPartition("orders", 0), TopicPartition("orders", 1)
ACTIVE = GroupOnTarget("billing", "STABLE", (Member("billing-1", "/10.0.0.1"),))
MOVED = MovedOffset("audit", ONE, 120, 100)


def said(use: Use, copied: tuple[str, ...] = ("billing", "orders")) -> str:
    return refusal(settings(), copied, use) or ""


def test_nothing_speaks_against_a_quiet_mirror() -> None:
    assert refusal(settings(), ("billing",), Use()) is None


def test_groups_that_use_the_target_are_named_with_what_would_be_deleted() -> None:
    text = said(Use(active=[ACTIVE], moved=[MOVED]))
    assert "billing: 1 member (billing-1 at /10.0.0.1)" in text
    assert "audit: no members now; its offset 120 on orders-0 is ahead of MM2's newest checkpoint 100" in text
    assert "deletes 2 copied KafkaUsers with their credentials on west (billing, orders)" in text
    assert "users.retain: true" in text


def test_clients_do_not_count_where_no_copied_user_is_deleted() -> None:
    assert refusal(settings(), (), Use(active=[ACTIVE], moved=[MOVED])) is None
    assert "copied KafkaUsers" not in said(Use(waiting=Waiting(1, True, {"orders-0": 1})), ())


def test_a_part_that_cannot_be_read_is_a_reason() -> None:
    text = said(Use(unknown=["whether records wait on east: connecting to east: no answer"]))
    assert "Unknown: whether records wait on east: connecting to east: no answer" in text
    assert "REGION_MIRROR_DESTROY=east-to-west" in text


def test_an_offset_that_mm2_has_written_is_no_use() -> None:
    offsets: dict[str, dict[TopicPartition, int] | Unread]
    offsets = {"billing": {ONE: 100, TWO: 5}, "new": {ONE: 0}, "hidden": Unread("refused")}
    checkpoints = {CheckpointKey("billing", ONE): 100, CheckpointKey("billing", TWO): 9}
    assert moved_offsets(offsets, checkpoints) == []


@pytest.mark.parametrize(("checkpoints", "last"), [({}, None), ({CheckpointKey("billing", ONE): 99}, 99)])
def test_an_offset_ahead_of_it_is(checkpoints: dict[CheckpointKey, int], last: int | None) -> None:
    offsets = {"billing": {ONE: 100}}
    assert moved_offsets(offsets, checkpoints) == [MovedOffset("billing", ONE, 100, last)]


def test_waiting_records_are_counted_by_partition() -> None:
    lags = [
        PartitionLag(ONE, None, Bounds(0, 3), window("abc")),
        PartitionLag(TWO, 9, Bounds(0, 10), None),
    ]
    waiting, unknown = waiting_records(lags, time.time())
    assert waiting == Waiting(3, True, {"orders-0": 3})
    assert unknown == []


def test_partitions_that_cannot_be_counted_are_reasons() -> None:
    lags = [
        PartitionLag(ONE, 1, Unread("no leader"), None),
        PartitionLag(TWO, 30, Bounds(0, 10), None),
    ]
    waiting, unknown = waiting_records(lags, time.time())
    assert not waiting.records
    assert unknown == ["orders-0: no leader", "orders-1: MM2's position 30 is past the end 10"]


def test_the_override_is_a_list_of_names() -> None:
    assert overridden({"REGION_MIRROR_DESTROY": "a, b"}, "b")
    assert not overridden({"REGION_MIRROR_DESTROY": "ab"}, "a")
    assert not overridden({}, "a")


def phased(phase: str) -> Any:
    return settings(mirror__phase=phase)


def test_a_promoted_mirror_is_retired_before_it_is_destroyed() -> None:
    """The stack's state may be from before the promotion: its users would not be retained."""
    for declared in ("replicate", "promoted"):
        text = refusal(phased(declared), (), Use(phase="promoted")) or ""
        assert "It was promoted" in text
        assert "set mirror.phase: retired" in text
    assert refusal(phased("retired"), (), Use(phase="promoted")) is None
    assert refusal(phased("retired"), (), Use(phase="retired")) is None


@pytest.mark.parametrize("move", ["cutover", "failover"])
def test_a_move_in_progress_is_completed_first(move: Move) -> None:
    assert f"region-mirror {move} rollback" in (refusal(phased("replicate"), (), Use(move=move)) or "")


def test_a_retired_mirror_is_needed_while_clients_are_at_the_source() -> None:
    use = Use(phase="retired", on_source={"billing": 2}, waiting=Waiting(1, True, {"orders-0": 1}))
    text = refusal(phased("retired"), (), use) or ""
    assert "billing: 2 members" in text
    assert "1 records of east are not mirrored yet" in text
    assert "deletes the mirror's internal topics, and no other topic: __east-to-west-config, " in text


def test_only_a_retired_mirror_may_delete_its_internal_topics() -> None:
    for phase in ("replicate", "promoted"):
        assert not any("Delete" in acl.operations for acl in mirror_user_acls(phased(phase)))
    may = {acl.name for acl in mirror_user_acls(phased("retired")) if "Delete" in acl.operations}
    assert may == set(internal_topics(phased("retired")))
    assert not any(
        acl.pattern_type == "prefix" and "Delete" in acl.operations
        for acl in mirror_user_acls(phased("retired"))
    )


@pytest.mark.parametrize("phase", ["promoted", "retired"])
def test_nobody_is_told_to_wait_for_a_mirror_that_is_promoted(phase: str) -> None:
    use = Use(phase=phase, waiting=Waiting(3, True, {"orders-0": 3}))
    text = refusal(phased("retired"), (), use) or ""
    assert "it never copies these records" in text
    assert "If production has moved home to east, they are its own" in text, "nobody stops production"
    assert "stop the producers" not in text
    assert "`recover --write` brings the records to west" in text
    assert "wait until" not in text
    assert "wait until" in said(Use(waiting=Waiting(3, True, {"orders-0": 3})))
