"""Judges which groups are moved, which are waited for, and what cannot be exact. Pure.

An offset is exact if it is that of the first record that the group has not read on the source: nothing is
read again, nothing is skipped. It is found by content (`mirror.offsets.proposal`). Streams groups (KIP-1071)
are moved the same way: their committed offsets can be read, though MM2 does not translate them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from mirror.clients.other_groups import MEMBERS_UNSEEN
from mirror.clients.records import TopicPartition, Unread
from mirror.cutover.step import Verdict
from mirror.offsets.proposal import MOVED, Proposal
from mirror.text.names import few
from mirror.text.numbers import counted

GroupState = Literal[
    "set", "to-set", "moved", "active", "pending", "active-on-target", "unprovable", "unreadable"
]


@dataclass(frozen=True, slots=True)
class Words:
    """How messages name the two sides: where groups have read, and where they continue."""

    here: str = "at the source"
    there: str = "on the target"
    by_hand: str = "set its offset by hand (`region-mirror offsets export`)"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look saw of the groups that are to be moved."""

    rows: Sequence[Proposal]
    on_source: Mapping[str, int | Unread]
    """Members at the source by group."""
    on_target: Mapping[str, int | Unread]
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Groups whose committed offsets could not be read, and why."""
    untranslated: Collection[str] = ()
    """Streams and share groups."""
    left_out: Collection[str] = ()
    """Groups that are not moved by choice."""
    pending: Mapping[str, Sequence[TopicPartition]] = field(default_factory=dict)
    """Groups with offsets that wait for the end of a transaction: what was read is not the last."""
    words: Words = field(default_factory=Words)


@dataclass(frozen=True, slots=True)
class GroupMove:
    """One group. `rereads`: records that it would read again; `more`: there may be more of them."""

    group: str
    state: GroupState
    rows: Sequence[Proposal] = ()
    rereads: int = 0
    more: bool = False
    reason: str = ""

    @property
    def changes(self) -> list[Proposal]:
        """The offsets that differ from the ones on the target."""
        return [one for one in self.rows if one.offset is not None and one.offset != one.current]

    @property
    def rereads_in_words(self) -> str:
        """The number of records that it would read again."""
        return f"more than {self.rereads:,} records" if self.more else counted(self.rereads, "record")


def moves(seen: Seen) -> list[GroupMove]:
    """Judge each group, by name; groups that are left out are not among them."""
    by_group: dict[str, list[Proposal]] = {}
    for row in seen.rows:
        by_group.setdefault(row.group, []).append(row)
    found = [
        GroupMove(group, "unreadable", reason=reason)
        for group, reason in seen.unreadable.items()
        if group not in seen.left_out
    ]
    found += [
        _until_committed(_move(group, rows, seen), seen.pending.get(group) or ())
        for group, rows in by_group.items()
        if group not in seen.left_out and group not in seen.unreadable
    ]
    return sorted(found, key=lambda one: one.group)


def settable(found: Sequence[GroupMove]) -> list[GroupMove]:
    """The groups whose offsets are set now."""
    return [one for one in found if one.state == "to-set"]


def judge(found: Sequence[GroupMove], seen: Seen) -> Verdict:
    """The verdict over all groups. Groups that can be set are set before others are waited for."""
    evidence, words = _evidence(found, seen), seen.words
    state = {
        name: [one for one in found if one.state == name]
        for name in ("to-set", "active", "pending", "active-on-target", "unprovable", "unreadable")
    }
    for name, text, remedy in (
        (
            "unprovable",
            "no offset of {groups} is proven to skip nothing",
            f"let the group continue {words.here} until it is near the end, or leave it out by name "
            f"(`--leave-out-group NAME`) and {words.by_hand}",
        ),
        (
            "active-on-target",
            f"{{groups}} has members {words.there} and offsets that would be changed",
            f"stop its consumers {words.there}, or leave it out by name (`--leave-out-group NAME`)",
        ),
        (
            "unreadable",
            "the committed offsets of {groups} could not be read",
            "check the health of the brokers, and that the source user may Describe the group",
        ),
    ):
        if state[name]:
            reasons = few([f"{one.group}: {one.reason}" for one in state[name]], between="; ")
            said = text.format(groups=_groups(state[name]))
            return Verdict("blocked", f"{said} ({reasons})", remedy, evidence, len(state["to-set"]))
    waits, ways_out = [], []
    if state["active"]:
        waits.append(f"{_groups(state['active'])} {_verb(state['active'])} members {words.here}")
        ways_out.append(f"stop their consumers {words.here}")
    if state["pending"]:
        reasons = few([f"{one.group}: {one.reason}" for one in state["pending"]], between="; ")
        waits.append(f"{_groups(state['pending'])} {_verb(state['pending'])} pending offsets ({reasons})")
        ways_out.append("wait until the transactions end, at the latest by their transaction.timeout.ms")
    waiting = "; ".join(waits)
    if state["to-set"]:
        offsets = sum(len(one.changes) for one in state["to-set"])
        text = f"{counted(len(state['to-set']), 'group')} to set, {counted(offsets, 'offset')}: "
        text += _exactness(found) + _not_moved(seen)
        text += f". Not set yet: {waiting}" if waiting else ""
        return Verdict("todo", text, evidence=evidence, remaining=len(state["to-set"]))
    if waiting:
        remedy = f"{', '.join(ways_out)}, or leave the groups out by name (`--leave-out-group NAME`)"
        late = len(state["active"]) + len(state["pending"])
        return Verdict("waiting", waiting, remedy, evidence, late)
    text = "no group has offsets"
    if found:
        text = f"{counted(len(found), 'group')} {words.there}: {_exactness(found)}"
    text += _not_moved(seen)
    return Verdict("done", text, evidence=evidence, remaining=0)


def _move(group: str, rows: Sequence[Proposal], seen: Seen) -> GroupMove:
    here, there = seen.on_source.get(group), seen.on_target.get(group)
    if all(row.how == MOVED for row in rows):
        return GroupMove(group, "moved", rows, reason=rows[0].note)
    open_rows = [row for row in rows if row.how != MOVED]
    rereads = sum(row.rereads or 0 for row in open_rows)
    more = any(not row.rereads_exact or row.rereads is None for row in open_rows)
    if isinstance(here, Unread) and here.reason != MEMBERS_UNSEEN:
        return GroupMove(group, "unreadable", open_rows, reason=here.reason)
    if isinstance(here, int) and here:
        reason = f"{counted(here, 'member')} {seen.words.here}"
        return GroupMove(group, "active", open_rows, rereads, more, reason)
    if unknown := [row for row in open_rows if row.offset is None or row.skips]:
        reason = f"{unknown[0].source}: {unknown[0].note or 'the first unread record was not found'}"
        return GroupMove(group, "unprovable", open_rows, reason=reason)
    found = GroupMove(group, "set", open_rows, rereads, more)
    if not found.changes:
        return found
    if isinstance(there, Unread) and there.reason != MEMBERS_UNSEEN:
        return GroupMove(group, "unreadable", open_rows, reason=there.reason)
    if isinstance(there, int) and there:
        return GroupMove(
            group, "active-on-target", open_rows, reason=f"{counted(there, 'member')} {seen.words.there}"
        )
    return GroupMove(group, "to-set", open_rows, rereads, more)


def _until_committed(one: GroupMove, pending: Sequence[TopicPartition]) -> GroupMove:
    """Wait for transactions (`sendOffsetsToTransaction`) before the group's offset is taken for its last."""
    if not pending or one.state not in ("set", "to-set", "unprovable"):
        return one
    where = few([str(partition) for partition in pending])
    return replace(one, state="pending", reason=f"a transaction with its offset of {where} has not ended")


def _exactness(found: Sequence[GroupMove]) -> str:
    judged = [one for one in found if one.state in ("set", "to-set")]
    inexact = [one for one in judged if one.rereads or one.more]
    moved = sum(one.state == "moved" for one in found)
    exact = len(judged) - len(inexact)
    parts = [f"{exact} exact (no record is read again, none is skipped)"]
    if inexact:
        again = few([f"{one.group} reads {one.rereads_in_words} again" for one in inexact])
        parts.append(f"{len(inexact)} not exact ({again})")
    if moved:
        parts.append(f"{moved} already moved by their own consumers")
    return ", ".join(parts)


def _evidence(found: Sequence[GroupMove], seen: Seen) -> dict[str, object]:
    return {
        "groups": {
            one.group: {
                "state": one.state,
                "offsets": {str(row.target): row.offset for row in one.rows},
                "rereads": one.rereads,
                "rereads_exact": not one.more,
                **({"reason": one.reason} if one.reason else {}),
            }
            for one in found
        },
        "left_out": sorted(seen.left_out),
        "members_unseen": sorted(
            one.group for one in found if isinstance(seen.on_source.get(one.group), Unread)
        ),
        # A share group (KIP-932) has no committed offsets that an Admin client of other groups can read.
        "not_moved": _without_rows(seen),
    }


def _without_rows(seen: Seen) -> list[str]:
    return sorted(set(seen.untranslated) - {one.group for one in seen.rows} - set(seen.left_out))


def _not_moved(seen: Seen) -> str:
    names = _without_rows(seen)
    return f"; NOT moved, because nobody can read their offsets (share groups): {few(names)}" if names else ""


def _groups(found: Sequence[GroupMove]) -> str:
    return f"group{'' if len(found) == 1 else 's'} {few([one.group for one in found])}"


def _verb(found: Sequence[GroupMove]) -> str:
    return "has" if len(found) == 1 else "have"
