"""The check, `status` and `offsets apply` never disagree whether an offset on the target is safe."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from mirror.clients.records import Bounds, Window
from mirror.offsets.applying import TargetGroups, problems
from mirror.offsets.table import OffsetRow
from mirror.status.groups import group_row
from mirror.status.snapshot import GroupSeen, OffsetSeen
from mirror.status.trouble import GroupTrouble
from mirror.verify.values.group_partition import GroupPartition
from mirror.verify.values.translation import TranslationState, resets_on_both, translation
from tests.unit.support.made_up import ORDERS, records

WORD: dict[TranslationState, GroupTrouble] = {
    "nothing-read": GroupTrouble.EXACT,
    "before-start": GroupTrouble.EXACT,
    "absent": GroupTrouble.NOT_TRANSLATED,
    "past-end": GroupTrouble.PAST_END,
    "below-start": GroupTrouble.BELOW_START,
}
"""What `status` says of a state for which no record is read."""


@dataclass(frozen=True)
class Scene:
    """A source's log, a letter a record, `.` a marker; the target's; and a group with no offset there yet."""

    source: str
    target: str
    group: GroupPartition

    def at(self, translated: int | None) -> GroupPartition:
        """The group with this offset on the target, and the records that are read then."""
        one = replace(self.group, translated=translated)
        unread, ahead = one.first_unread, one.resumes_from
        found = records(self.source[unread:], unread)
        right = self.target.find(self.source[found[0].offset]) if found else -1
        start = one.target.start if isinstance(one.target, Bounds) else 0
        return replace(
            one,
            unread=Window(unread, len(self.source), found, True),
            ahead=None
            if ahead is None
            else Window(ahead, len(self.target), records(self.target[ahead:], ahead), True),
            located=right if right >= start else None,
        )


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    gaps = st.lists(st.integers(0, 2), min_size=8, max_size=8)
    source = "".join("." * gap + letter for gap, letter in zip(draw(gaps), "abcdefgh", strict=True))
    source += "." * draw(st.integers(0, 2))
    position = draw(st.none() | st.integers(0, len(source) - 1))
    excluded = draw(st.none() | st.integers(0, len(source) - 1))
    first = 0 if excluded is None else excluded + 1
    copied = "" if position is None else source[first : position + 1].replace(".", "")
    target = "".join("." * gap + letter for gap, letter in zip(draw(gaps), copied, strict=False))
    begin, committed = draw(st.integers(0, len(source))), draw(st.integers(0, len(source)))
    group = GroupPartition(
        "billing",
        ORDERS,
        ORDERS,
        committed,
        None,
        position,
        Bounds(begin, len(source)),
        Bounds(draw(st.integers(0, len(target))), len(target)),
        read_before=bool(source[begin:committed].replace(".", "")),
        start=excluded,
    )
    return Scene(source, target, group)


OFFSETS = st.integers(0, 30)


@given(scenes(), st.none() | OFFSETS)
def test_status_says_what_the_check_says(scene: Scene, translated: int | None) -> None:
    one = scene.at(translated)
    state = translation(one).state
    row = group_row(GroupSeen("billing", [OffsetSeen(
        one.partition, one.committed, one.translated, one.position, one.source, one.target, one.start,
        read_before=one.read_before,
    )]))  # fmt: skip
    if state == "below-start" and resets_on_both(one.committed, one.source):
        assert row.trouble is GroupTrouble.EXACT  # the check reports it, and does not fail
    elif state in WORD:
        assert row.trouble is WORD[state]
    else:  # records decide, which `status` does not read
        assert row.trouble in (GroupTrouble.EXACT, GroupTrouble.BEHIND)
        assert state in ("safe", "unsafe")


@given(scenes(), st.none() | OFFSETS)
def test_what_apply_sets_the_check_calls_safe(scene: Scene, before: int | None) -> None:
    one = scene.at(before)
    now = TargetGroups({("billing", ORDERS): one}, {"billing": 0}, checkpoints_run=False, sync_seconds=10)
    for offset in range(31):
        row = OffsetRow(2, "billing", ORDERS, ORDERS, offset)
        if offset != before and not problems([row], now, allow_rewind=True):
            # No offset brings back what the target's retention has deleted: its log's start skips the least.
            at_start = one.target == Bounds(offset, len(scene.target))
            assert at_start or translation(scene.at(offset)).state == "safe"
        if before is not None and offset < before:
            assert problems([row], now)
