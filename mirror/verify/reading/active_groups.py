"""Reads which of the synced groups are not idle on the target, in bulk.

One request a broker lists all groups with their states; only those that are not empty are described. A group
that is not listed does not exist there, or may not be described by the verifier, which looks the same: those
are asked for by name, and a refusal is reported.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from mirror.clients.answers import not_there
from mirror.clients.cluster import Cluster
from mirror.clients.group_states import is_idle
from mirror.clients.other_groups import MEMBERS_UNSEEN
from mirror.clients.records import TopicPartition, Unread
from mirror.verify.reading.look import Look, about_groups
from mirror.verify.reading.parts import source_groups
from mirror.verify.values.active_group import GroupOnTarget, Member


@about_groups
def groups_on_target(look: Look) -> list[GroupOnTarget]:
    """Those of the source's synced groups that are active on the target, or cannot be seen."""
    found = read_active(look.sides.target, look.of(source_groups))
    offsets = look.sides.source.group_offsets([one.group for one in found])
    return concerned(found, offsets, look.topics.matched)


def concerned(
    active: Iterable[GroupOnTarget],
    offsets: Mapping[str, Mapping[TopicPartition, int] | Unread],
    mirrored: Container[str],
) -> list[GroupOnTarget]:
    """Those with an offset on a mirrored topic of the source: MM2 translates nothing for others, which two
    regions that both are written to have under the same name. What cannot be read is kept.
    """
    return [
        one
        for one in active
        if isinstance(known := offsets.get(one.group), Unread)
        or any(partition.topic in mirrored for partition in known or ())
    ]


def read_active(target: Cluster, synced: list[str]) -> list[GroupOnTarget]:
    """Read those of the synced groups that have members on the target, or cannot be described there."""
    states = target.group_states()
    unclear = [group for group in synced if not is_idle(states.get(group, ""))]
    found = []
    answers = target.described_groups(unclear)
    # Streams and share groups are not listed either, and described as a group that does not exist.
    hidden = frozenset(target.other_groups() if any(group not in states for group in answers) else ())
    for group, answer in answers.items():
        state = states.get(group, "not listed")
        if group in hidden:
            found.append(GroupOnTarget(group, "of another type", unseen=MEMBERS_UNSEEN))
            continue
        if isinstance(answer, Unread):
            if group in states or not not_there(answer):
                found.append(GroupOnTarget(group, state, unseen=answer.reason))
            continue
        members = tuple(Member(one.client_id or "?", one.host or "?") for one in answer.members or ())
        if members:
            found.append(GroupOnTarget(group, answer.state.name, members))
    return found
