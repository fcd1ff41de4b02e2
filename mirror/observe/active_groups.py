"""Reads which of the synced groups are not idle on the target, in bulk.

One request a broker lists all groups with their states; only those that are not empty are described. A group
that is not listed does not exist there, or may not be described by the verifier, which looks the same: those
are asked for by name, and a refusal is told.
"""

from __future__ import annotations

from mirror.checks.groups_idle_on_target import GroupOnTarget, Member
from mirror.observe.cluster import Cluster
from mirror.observe.look import Look
from mirror.observe.model import Unread
from mirror.observe.parts import source_groups

_IDLE = frozenset({"EMPTY", "DEAD"})
# What a coordinator says of a group that does not exist, from DescribeGroups version 6 on (KIP-1043).
_NOT_THERE = "GROUP_ID_NOT_FOUND"


def groups_on_target(look: Look) -> list[GroupOnTarget]:
    """Those of the source's synced groups that are active on the target, or cannot be seen."""
    return read_active(look.sides.target, look.of(source_groups))


def read_active(target: Cluster, synced: list[str]) -> list[GroupOnTarget]:
    states = target.group_states()
    unclear = [group for group in synced if states.get(group) not in _IDLE]
    found = []
    for group, answer in target.described_groups(unclear).items():
        state = states.get(group, "not listed")
        if isinstance(answer, Unread):
            if group in states or not _unknown(answer):
                found.append(GroupOnTarget(group, state, unseen=answer.reason))
            continue
        members = tuple(Member(one.client_id or "?", one.host or "?") for one in answer.members or ())
        if members:
            found.append(GroupOnTarget(group, answer.state.name, members))
    return found


def _unknown(answer: Unread) -> bool:
    return _NOT_THERE in answer.reason or "group id does not exist" in answer.reason.lower()
