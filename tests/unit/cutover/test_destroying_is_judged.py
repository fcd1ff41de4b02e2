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


def test_a_partition_that_cannot_be_counted_hides_no_records_of_others() -> None:
    cut = window("abc", at_end=False)
    lags = [
        PartitionLag(ONE, 1, Bounds(0, 9), Unread("no answer")),
        PartitionLag(TWO, None, Bounds(0, 3), window("abc")),
        PartitionLag(TopicPartition("orders", 2), None, Bounds(0, 900), cut),
        PartitionLag(TopicPartition("orders", 3), None, Bounds(0, 3), window("abc")),
    ]
    waiting, unknown = waiting_records(lags, time.time())
    assert waiting == Waiting(906, False, {"orders-1": 3, "orders-2": 900, "orders-3": 3})
    assert unknown == ["orders-0: no answer"]


def test_the_first_record_that_a_client_has_read_is_a_use() -> None:
    assert moved_offsets({"billing": {ONE: 1}}, {}) == [MovedOffset("billing", ONE, 1, None)]
    assert moved_offsets({"billing": {ONE: 0}}, {}) == []


def test_a_name_with_a_space_is_no_two_names() -> None:
    assert not overridden({"REGION_MIRROR_DESTROY": "a b"}, "a")


def test_the_whole_refusal() -> None:
    hidden = GroupOnTarget("hidden", "STABLE", (), "no coordinator")
    many = GroupOnTarget("many", "STABLE", tuple(Member(f"c{one}", f"/10.0.0.{one}") for one in range(5)))
    committed = [MovedOffset("audit", ONE, 1_200, 1_000), MovedOffset("own", TWO, 7, None)]
    partitions = {"orders-0": 1_000, "orders-1": 3}
    use = Use([hidden, many], committed, Waiting(1_003, False, partitions), move="cutover", unknown=["why"])
    assert (
        said(use, ("billing",))
        == """\
mirror east-to-west: destroying it is refused. Nothing has been deleted.
  A cutover is in progress. Complete it with `region-mirror cutover`, or undo it with `region-mirror cutover \
rollback`.
  Consumer groups use the copies on west:
    hidden: not readable: no coordinator
    many: 5 members (c0 at /10.0.0.0, c1 at /10.0.0.1, c2 at /10.0.0.2 and 2 more)
    audit: no members now; its offset 1,200 on orders-0 is ahead of MM2's newest checkpoint 1,000: a client \
committed it
    own: no members now; its offset 7 on orders-1 is without a checkpoint by MM2: a client committed it
  up to 1,003 records of east are not mirrored yet, in 2 partitions (most in orders-0: 1,000). They would \
remain on east only.
  Unknown: why
  Destroying deletes the KafkaMirrorMaker2, its two users and its Secrets. No topic is deleted.
  It also deletes 1 copied KafkaUsers with their credentials on west (billing): their clients are refused \
within seconds (TOPIC_AUTHORIZATION_FAILED).
  To keep the copied users: set users.retain: true, run `pulumi up`, then destroy.
  To mirror the records: stop the producers on east, and wait until `region-mirror verify` reports 0 records \
behind.
  To destroy it nevertheless: set REGION_MIRROR_DESTROY=east-to-west in the environment of `pulumi` (several \
names: separated by commas)."""
    )


def test_of_many_groups_the_first_are_named_and_the_others_counted() -> None:
    groups = [GroupOnTarget(f"group-{one}", "STABLE", ()) for one in range(7)]
    committed = [MovedOffset(f"moved-{one}", ONE, 5, 1) for one in range(6)]
    lines = said(Use(groups, committed)).splitlines()
    assert "    and 2 more groups" in lines
    assert "    and 1 more groups" in lines
    members = Use(phase="retired", on_source={f"group-{one}": 1 for one in range(8)}, move="failover")
    text = refusal(phased("retired"), (), members) or ""
    assert "    and 3 more groups" in text.splitlines()
    assert "A failover is in progress" in text
    five = said(Use(active=groups[:5], waiting=Waiting(3, True, {"orders-0": 3})))
    assert "more groups" not in five
    assert five.splitlines()[7].startswith("  3 records")


def test_a_mirror_that_only_one_side_knows_to_be_promoted_copies_nothing() -> None:
    waiting = Waiting(3, True, {"orders-0": 3})
    for declared, deployed in (("promoted", "replicate"), ("replicate", "promoted")):
        assert "it never copies these records" in (
            refusal(phased(declared), (), Use(phase=deployed, waiting=waiting)) or ""
        )
