"""The verdict over all groups: what is set, what is kept, and who has to be decided about. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from mirror.cutover.failover.placed import GroupPlacement, GroupState
from mirror.cutover.step import JSON, Verdict
from mirror.text.names import few
from mirror.text.numbers import counted

_SHOWN = 200
"""Groups in the evidence, which the journal keeps; those that are set, and those that read most again, come
first. A report has all of them."""
_OFFSETS_SHOWN = 20
_BLOCKED: tuple[tuple[GroupState, str, str], ...] = (
    (
        "unreadable",
        "the target does not tell everything about {groups}",
        "check the health of the target's brokers, then run the command again; or leave it out by name "
        "(`--leave-out-group NAME`): its offsets stay, and where it has none, its consumers start where "
        "their auto.offset.reset says",
    ),
    (
        "unknown",
        "nothing is known about where {groups} was",
        "set its offsets by hand, then run the command again; or leave it out by name "
        "(`--leave-out-group NAME`): then its consumers start where their auto.offset.reset says",
    ),
    (
        "active",
        "{groups} has members on the target, and partitions without an offset",
        "stop its consumers on the target until the failover is done, or leave it out by name "
        "(`--leave-out-group NAME`)",
    ),
)


def judge_groups(found: Sequence[GroupPlacement], unread: str) -> Verdict:
    """Judge them together. `unread`: why MM2's checkpoints or offset syncs could not be read; else empty."""
    evidence = _evidence(found, unread)
    to_set = [one for one in found if one.state == "to-set"]
    for state, text, remedy in _BLOCKED:
        groups = _of(found, state)
        if not groups:
            continue
        named = f"group{'' if len(groups) == 1 else 's'} {few([one.group for one in groups])}"
        reasons = few([f"{one.group}: {one.reason}" for one in groups], between="; ")
        return Verdict("blocked", f"{text.format(groups=named)} ({reasons})", remedy, evidence)
    if to_set:
        offsets = sum(len(one.changes) for one in to_set)
        text = f"{counted(len(to_set), 'group')} to place, {counted(offsets, 'offset')}; {_summary(found)}"
        return Verdict("todo", text, evidence=evidence, remaining=len(to_set))
    return Verdict("done", _summary(found), evidence=evidence, remaining=0)


def _of(found: Sequence[GroupPlacement], state: GroupState) -> list[GroupPlacement]:
    return [one for one in found if one.state == state]


def _summary(found: Sequence[GroupPlacement]) -> str:
    if not found:
        return "no group has offsets"
    placed = [one for one in found if one.state in ("kept", "to-set")]
    unread = [one.group for one in placed if one.reason]
    exact = sum(not (one.rereads or one.passes_by or one.reason) for one in placed)
    again = sorted((one for one in placed if one.rereads), key=lambda one: -one.rereads)
    ahead = sorted((one for one in placed if one.passes_by), key=lambda one: -one.passes_by)
    text = f"{counted(len(placed), 'group')}: {exact} exact (no record is read again)"
    if not ahead and not unread:
        text += ", none skips a record"
    if again:
        shown = few([f"{one.group} up to {one.rereads:,}" for one in again])
        text += f", {len(again)} read records again ({shown})"
    if ahead:
        shown = few([f"{one.group} up to {one.passes_by:,}" for one in ahead])
        text += (
            f", {len(ahead)} PASS BY records that were before them on the source ({shown}): set back there, "
            "which MM2 does not follow, already used on the target, or before the target's log, whose "
            "retention has deleted them. Reset their offsets on the target by hand if they are to read those "
            "that it has"
        )
    if unread:
        text += (
            f", {len(unread)} not judged on partitions that cannot be read, where their offsets stay as they "
            f"are ({few(unread)})"
        )
    return text


def _evidence(found: Sequence[GroupPlacement], unread: str) -> dict[str, JSON]:
    ordered = sorted(found, key=lambda one: (-one.passes_by, one.state == "kept", -one.rereads, one.group))
    shown = {one.group: one.to_json(_OFFSETS_SHOWN) for one in ordered[:_SHOWN]}
    evidence: dict[str, JSON] = {"groups": shown}
    if len(ordered) > _SHOWN:
        evidence["groups_left_out"] = len(ordered) - _SHOWN
    if unread:
        evidence["not_read"] = unread
    return evidence
