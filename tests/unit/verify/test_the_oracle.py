"""What is said of a group's offset is what a consumer of it really reads (`tests.unit.verify.oracle`)."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mirror.clients.records import Bounds
from mirror.offsets.applying import TargetGroups, problems
from mirror.offsets.proposal import LOG_START, first_unread_offset, proposal, proven_to
from mirror.offsets.table import OffsetRow
from mirror.status.groups import group_row
from mirror.status.snapshot import GroupSeen, OffsetSeen
from mirror.status.trouble import GroupTrouble
from mirror.verify.checks.groups_translated import judge
from mirror.verify.values.translation import BY_RESET, translation
from tests.unit.support.made_up import ORDERS
from tests.unit.verify.oracle import RESETS, Entry, World, placed, too_far, worlds

MANY = settings(max_examples=40)


@MANY
@given(placed(), st.booleans(), st.booleans())
def test_safe_skips_nothing_whatever_the_reset(
    case: tuple[World, int | None], whole: bool, located: bool
) -> None:
    world, translated = case
    one = world.group(translated, whole=whole, located=located)
    result = translation(one)
    if result.state != "safe":
        return
    for reset in RESETS:
        at = world.starts_at(translated, reset)
        assert at is not None or world.target.empty, "an offset outside of the log"
        assert at is None or not world.skipped(at)
    if result.exact and not world.compacted and whole and not world.has_equals:
        assert translated is not None
        assert result.rereads == len(world.read_again(translated))


@MANY
@given(too_far())
def test_an_offset_past_an_unread_record_is_unsafe(case: tuple[World, int]) -> None:
    world, translated = case
    assert translation(world.group(translated)).state == "unsafe"


@MANY
@given(placed() | too_far())  # of `placed` alone, one run in four has no unsafe offset at all
def test_unsafe_skips_something(case: tuple[World, int | None]) -> None:
    world, translated = case
    result = translation(world.group(translated))
    if result.state == "unsafe" and not world.compacted:
        assert translated is not None
        missed = [
            one
            for one in world.kept_here
            if one >= world.first_unread
            and one in world.copies
            and (one not in world.kept_there or world.copies[one] < translated)
        ]
        assert missed
        if result.skipped_exact:
            assert result.skipped == len(missed)


@MANY
@given(worlds())
def test_a_group_that_starts_by_its_reset_loses_nothing_from_the_start(world: World) -> None:
    state = translation(world.group(None)).state
    if state in BY_RESET:
        assert not world.skipped(world.target.start)
    if state == "nothing-read" and world.committed >= world.source.start:
        assert not world.skipped(world.target.end) or world.source.empty


@MANY
@given(placed(), st.booleans(), st.booleans())
def test_the_first_unread_offset_is_exact(case: tuple[World, int | None], whole: bool, located: bool) -> None:
    world, translated = case
    found = first_unread_offset(world.group(translated, whole=whole, located=located))
    if found is None:
        return
    assert world.target.start <= found <= world.target.end
    assert not world.skipped(found)
    if not world.compacted and not world.has_equals:
        assert not world.read_again(found)


@MANY
@given(placed(), st.integers(0, 20), st.booleans(), st.booleans())
def test_what_apply_sets_skips_nothing(
    case: tuple[World, int | None], offset: int, whole: bool, located: bool
) -> None:
    world, before = case
    one = world.group(before, whole=whole, located=located)
    now = TargetGroups({("billing", ORDERS): one}, {"billing": 0}, checkpoints_run=False, sync_seconds=10)
    if before == offset or problems(
        [OffsetRow(2, "billing", ORDERS, ORDERS, offset)], now, allow_rewind=True
    ):
        return
    assert world.target.start <= offset <= world.target.end
    assert not world.skipped(offset)


@MANY
@given(placed(), st.booleans(), st.booleans(), st.booleans())
def test_what_export_proposes_skips_nothing_and_can_be_applied(
    case: tuple[World, int | None], exact: bool, whole: bool, located: bool
) -> None:
    world, translated = case
    one = world.group(translated, whole=whole, located=located)
    proposed = proposal(one, exact=exact)
    if proposed.offset is None:
        return
    at = world.starts_at(proposed.offset, "latest")
    assert at is not None
    assert not world.skipped(at)
    limit = proven_to(one)
    if proposed.skips:
        assert limit is None, "the source has records that the target's retention has deleted"
        return
    assert limit is not None
    assert proposed.offset <= limit
    if proposed.how == LOG_START and world.committed >= world.source.start:
        assert world.has_equals or not world.overtaken


OVERTAKEN = World(
    [Entry("r0", "a"), Entry("r1", "a")], Bounds(1, 2), Bounds(1, 2), frozenset({1}), frozenset(), {0: 0},
    position=0, committed=0, start=None, compacted=False,
)  # fmt: skip
"""Retention has overtaken the group on both sides, which fails nothing."""


@MANY
@given(placed())
@example((OVERTAKEN, 0))
def test_status_never_calls_exact_what_the_check_fails(case: tuple[World, int | None]) -> None:
    world, translated = case
    one = world.group(translated)
    state = translation(one).state
    seen = OffsetSeen(
        one.partition, one.committed, translated, one.position, one.source, one.target, one.start,
        read_before=one.read_before,
    )  # fmt: skip
    trouble = group_row(GroupSeen("billing", [seen])).trouble
    if state in ("absent", "past-end", "below-start"):
        assert trouble.bad is not judge([one]).passed
    if trouble.bad:
        assert state not in ("safe", *BY_RESET)
    assert trouble is not GroupTrouble.BLOCKED


def test_compacted_records_say_nothing_of_those_after_them() -> None:
    """What was read of the unread records was compacted away; a further one is skipped."""
    written = [
        *[Entry(f"r{at}", "a") for at in range(6)],
        Entry("r6", "b"),
        Entry("r7", "a"),
        Entry("r8", "c"),
    ]
    copies = {at: at for at in range(9)}
    world = World(
        written,
        Bounds(0, 9),
        Bounds(0, 9),
        frozenset({0, 1, 6, 7, 8}),
        frozenset({6, 7, 8}),
        copies,
        8,
        0,
        None,
        compacted=True,
    )
    assert world.skipped(7) == [6]
    assert translation(world.group(7, whole=False)).state == "unknown"
    assert translation(world.group(7)).state == "unsafe"
