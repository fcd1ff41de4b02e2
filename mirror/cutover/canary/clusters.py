"""Both clusters as the canary sees them: its copy and its group on the target, and all ACLs of the mirror."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from mirror.clients.cluster import Cluster
from mirror.clients.reader import Reader
from mirror.clients.records import Entry, TopicPartition, Unread
from mirror.cutover.canary.canary import Canary
from mirror.cutover.fence.strimzi import source_users
from mirror.cutover.step import World
from mirror.estate.fenced_user import annotation
from mirror.estate.origin import named
from mirror.estate.target_clients import copied_resources
from mirror.problems import CouldNotRead


class Copied(NamedTuple):
    """A record on the target. `record`: its name (`Canary.name_of`)."""

    offset: int
    record: str


@dataclass(frozen=True, slots=True)
class Clusters:
    """Reads only."""

    world: World
    canary: Canary

    def copied(self) -> list[Copied]:
        """Return the records of the copy, oldest first; none before MM2 has created it. Raises
        CouldNotRead.
        """
        sides = self.world.sides()
        return [
            Copied(one.offset, self.canary.name_of(one.key, one.value))
            for one in entries(sides.target, sides.target_reader, self.canary.copy)
        ]

    def committed(self) -> int | None:
        """Return the offset of the group on the target; None where it has none. Raises CouldNotRead."""
        target, group = self.world.sides().target, self.canary.group
        found = target.group_offsets([group])[group]
        if isinstance(found, Unread):
            raise CouldNotRead(f"reading the offsets of group {group}", found.reason, "check its ACLs")
        return found.get(TopicPartition(self.canary.copy, 0))

    def permissions(self) -> frozenset[str]:
        """Return every ACL that a fence could have changed, as text: of the source's and the copied
        KafkaUsers, and Kafka's own on topics of the source. Raises CouldNotRun.
        """
        world = self.world
        found = set(
            acls_of(
                world.settings.target.alias,
                copied_resources(world.settings, world.target_kubernetes).values(),
            )
        )
        if world.settings.fence == "strimzi":
            found |= acls_of(world.settings.source.alias, source_users(world), world.settings.mirror.name)
        if world.source_admin is not None:
            acls = world.source_admin.acls(world.sides().source.access).of_topics()
            found |= {f"ACL of Kafka on {world.settings.source.alias}: {' '.join(one)}" for one in acls}
        return frozenset(found)


def acls_of(alias: str, users: Iterable[Mapping[str, Any]], mirror: str = "") -> set[str]:
    """Return each ACL of KafkaUsers as text, and that the fence of `mirror` is on one. Pure."""
    found = set()
    for user in users:
        who = f"KafkaUser {named(user)} on {alias}"
        for one in ((user.get("spec") or {}).get("authorization") or {}).get("acls") or []:
            found.add(f"{who}: {json.dumps(one, sort_keys=True)}")
        if mirror and annotation(mirror) in ((user.get("metadata") or {}).get("annotations") or {}):
            found.add(f"{who}: annotation {annotation(mirror)}")
    return found


def differences(before: frozenset[str], after: frozenset[str]) -> list[str]:
    """Return what was removed and what was added, one sentence each. Pure."""
    removed = [f"removed: {one}" for one in sorted(before - after)]
    return [*removed, *(f"added: {one}" for one in sorted(after - before))]


def entries(cluster: Cluster, reader: Reader, topic: str) -> list[Entry]:
    """Read partition 0 of a topic; nothing where there is no such topic. Raises CouldNotRead."""
    if topic not in cluster.topics():
        return []
    one = TopicPartition(topic, 0)
    bounds = cluster.bounds([one])[one]
    found = bounds if isinstance(bounds, Unread) else reader.entries({one: (bounds.start, bounds.end)})[one]
    if isinstance(found, Unread):
        raise CouldNotRead(
            f"reading {topic} of {cluster.access.describe()}",
            found.reason,
            f"the user needs Read on topic {topic}; check the brokers",
        )
    return found
