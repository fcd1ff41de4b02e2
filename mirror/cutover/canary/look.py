"""What a canary would change, and why it cannot run: all of it read and judged before the first change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mirror.cutover.canary.canary import AFTER, BEFORE, MORE, Canary, refused
from mirror.cutover.canary.clusters import entries
from mirror.cutover.fence import kafka_user
from mirror.cutover.fence.acls import admin_acls, wanted
from mirror.cutover.fence.chosen import fence_step
from mirror.cutover.fence.strimzi import source_users
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.lease import Lease
from mirror.cutover.part import choose, judge, read
from mirror.cutover.part.judge import Asked
from mirror.cutover.part.part import Part
from mirror.cutover.part.steps import seen_by
from mirror.cutover.step import World
from mirror.estate.origin import named
from mirror.text.names import few
from mirror.text.numbers import counted


@dataclass(frozen=True, slots=True)
class Look:
    """`problems`: why it cannot run. `changes`: what it does, one sentence each. `leftover`: the part is in
    progress, because an earlier canary was killed.
    """

    canary: Canary
    changes: Sequence[str]
    problems: Sequence[str]
    leftover: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "topic": self.canary.topic,
            "group": self.canary.group,
            "copy": self.canary.copy,
            "changes": list(self.changes),
            "problems": list(self.problems),
        }


def look(world: World, canary: Canary, accept_coupled: frozenset[str]) -> Look:
    """Look at everything. Changes nothing. Raises CouldNotRun."""
    leftover = is_in_progress(world, canary)
    found = [*_of_mirror(world, canary, leftover=leftover), *_of_records(world, canary)]
    if world.source_admin is not None:
        found += _of_part(world, canary, accept_coupled, taken=not refused(canary, world.resource()))
    changes = [] if found else list(_changes(world, canary, leftover=leftover))
    return Look(canary, changes, found, leftover)


def is_in_progress(world: World, canary: Canary) -> bool:
    """Whether the journal says that a cutover of the canary's part has begun. Raises CouldNotRun."""
    begun = choose.in_progress(world, ConfigMapJournal(world.target_kubernetes, world.settings))
    return begun is not None and begun.scope == canary.scope


def _of_mirror(world: World, canary: Canary, *, leftover: bool) -> Iterator[str]:
    """Judge what concerns the whole mirror."""
    resource, settings = world.resource(), world.settings
    journal = ConfigMapJournal(world.target_kubernetes, settings)
    yield from refused(canary, resource)
    begun = choose.in_progress(world, journal)
    if begun is not None and not leftover:
        yield (
            f"a cutover of {begun.told} is in progress, and one cutover of a mirror runs at a time: complete "
            f"it with `{begun.command}`, or undo it with `region-mirror cutover rollback`"
        )
    elif begun is None:
        yield from choose.refused(world, resource, journal)
    holder, _ = Lease(world.target_kubernetes, settings).other()
    if holder:
        yield f"{holder} runs a cutover or a rollback of this mirror now"
    if settings.fence == "manual" and settings.cutover.fence_command:
        yield (
            "cutover.fence_command stops the producers of the whole mirror, not those of one topic: rehearse "
            "with `region-mirror drill cutover --dry-run`"
        )
    if world.source_admin is None:
        yield (
            f"no login may write on {settings.source.alias}: add --source-admin-config FILE with one that "
            f"has Create, Describe, Read and Write on topic {canary.topic}, Read on group {canary.group}, "
            "and Describe on the cluster"
        )


def _of_records(world: World, canary: Canary) -> Iterator[str]:
    """Refuse a topic that somebody else writes to."""
    sides = world.sides()
    found = entries(sides.source, sides.source_reader, canary.topic)
    if others := sum(not canary.is_canary(one.key) for one in found):
        yield (
            f"topic {canary.topic} on {sides.source.alias} has {counted(others, 'record')} that no canary "
            "wrote: it belongs to somebody else"
        )


def _of_part(world: World, canary: Canary, accept_coupled: frozenset[str], *, taken: bool) -> Iterator[str]:
    """Judge the cutover of the part as if topic and group existed already."""
    settings = world.settings
    if taken:
        asked = Asked((canary.topic,), (canary.group,), world.options.leave_out_groups, accept_coupled)
        seen = read.read(world, (canary.topic,))
        groups = {canary.group: frozenset({canary.topic}), **seen.groups}
        yield from judge.problems(asked, replace(seen, groups=groups))
    verdict = fence_step(settings).look(seen_by(Part(settings, canary.scope), world))
    if verdict.state == "blocked":
        yield f"{verdict.text}: {verdict.remedy}"


def _changes(world: World, canary: Canary, *, leftover: bool) -> Iterator[str]:
    settings = world.settings
    source, target = settings.source.alias, settings.target.alias
    if leftover:
        yield "rolls back first what a canary that was killed has begun (`cutover rollback`)"
    exists = canary.topic in world.sides().source.topics()
    new = "" if exists else ", which it creates (1 partition, kept for a day); the mirror creates its copy"
    yield (
        f"writes about {BEFORE + MORE + AFTER} small records to topic {canary.topic} on {source}{new}; group "
        f"{canary.group} reads them there"
    )
    yield _fence(world, canary, leftover=leftover)
    yield (
        f"stops the checkpoint connector of mirror {settings.mirror.name} until the rollback: MM2 sets no "
        "offsets of any group meanwhile (7 s in the lab); records of every topic are mirrored all the time"
    )
    yield f"sets the offset of group {canary.group} on {target}, and rolls everything back"


def _fence(world: World, canary: Canary, *, leftover: bool) -> str:
    settings = world.settings
    alias = settings.source.alias
    if leftover:
        return f"fences topic {canary.topic} on {alias} as before, until the rollback"
    if settings.fence == "strimzi":
        users = [
            named(user)
            for user in source_users(world)
            if not kafka_user.is_paused(user) and kafka_user.writable(user, [canary.topic])
        ]
        if not users:
            return f"fences nobody: no KafkaUser on {alias} may write to topic {canary.topic}"
        many = counted(len(users), "KafkaUser")
        return (
            f"adds a deny rule for topic {canary.topic} to {many} on {alias} until the rollback: "
            f"{few(sorted(users))}"
        )
    if settings.fence == "acls":
        if not wanted(admin_acls(world).of_topics(), [canary.topic]):
            return f"fences nobody: no ACL on {alias} is for topic {canary.topic}"
        return f"denies Write on topic {canary.topic} to everybody on {alias} until the rollback (one ACL)"
    return "fences nobody: cutover.fence is manual, and nobody but the canary writes to its topic"
