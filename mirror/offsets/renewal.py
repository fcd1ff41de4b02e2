"""Sets old offsets on the target anew before a promotion, so that they are there when the consumers come.

On the target a group of the source has had no member. The offsets of such a group expire by their own commit
time, each partition by itself (`ClassicGroup.offsetExpirationCondition` of Kafka 4.3.1,
`offsets.retention.minutes`, 7 days by default); those of the running group on the source do not. MM2 sets an
expired offset anew, until it is stopped for good. Consumers that come days after the move, or that read a
partition without traffic, would start by their `auto.offset.reset`, and skip records by `latest`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from mirror.clients.access import ClusterAccess
from mirror.clients.cluster import Cluster
from mirror.clients.group_offsets import Commits
from mirror.clients.records import Unread
from mirror.mm2.formats import CheckpointKey
from mirror.mm2.topics import Dated
from mirror.offsets.applying import OffsetChange
from mirror.offsets.commit import commit_all
from mirror.offsets.metadata import with_metadata
from mirror.offsets.table import OffsetRow

OLD_SECONDS = 86_400.0
"""An offset may have been set as long ago as MM2's checkpoint. Younger ones are left: the last day of a
retention is nobody's plan, and clients wait for a promotion.
"""


@dataclass(frozen=True, slots=True)
class Renewed:
    """How many offsets were set anew, and why those of a group were not: it has members, for example."""

    offsets: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)


def aged(
    checkpoints: Mapping[CheckpointKey, Dated],
    commits: Mapping[str, Commits | Unread],
    now: float,
) -> list[OffsetChange]:
    """Return the offsets to set anew, at what they are. Not those that consumers of the target have
    committed: such a group lives there, and might go on meanwhile. Pure.
    """
    found = []
    for key in sorted(_old(checkpoints, now)):
        answer = commits.get(key.group)
        commit = None if answer is None or isinstance(answer, Unread) else answer.get(key.partition)
        if commit is not None and commit.leader_epoch is None:
            row = OffsetRow(0, key.group, key.partition, key.partition, commit.offset)
            found.append(OffsetChange(row, commit.offset))
    return with_metadata(found, commits)


def renew(
    cluster: Cluster,
    access: Callable[[], ClusterAccess],
    checkpoints: Mapping[CheckpointKey, Dated],
    now: float,
    groups: Collection[str] | None = None,
    left_out: Collection[str] = (),
) -> Renewed:
    """Set the old offsets of these groups (None: of all) anew as the mirror's user. Raises CouldNotRun only
    where the target does not answer at all.
    """
    names = {key.group for key in _old(checkpoints, now)} - set(left_out)
    wanted = sorted(names if groups is None else names & set(groups))
    changes = aged(checkpoints, cluster.group_commits(wanted), now) if wanted else []
    if not changes:
        return Renewed()
    refused = commit_all(access(), changes)
    return Renewed(sum(one.row.group not in refused for one in changes), refused)


def _old(checkpoints: Mapping[CheckpointKey, Dated], now: float) -> list[CheckpointKey]:
    return [key for key, dated in checkpoints.items() if now - dated.at > OLD_SECONDS]
