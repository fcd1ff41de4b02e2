"""Copies that MM2 mirrors to no cluster that their name comes from (`isCycle`): what of them cannot go home.

With `replication_policy: default` these are all copies, with `identity` those whose name MM2 changes
(`...heartbeats`). Their records are back home only if their originals still are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from mirror.clients.answers import bounds_of
from mirror.clients.records import Bounds, TopicPartition
from mirror.cutover.promoted_ends.read import copies_on
from mirror.cutover.recovery.read_twice import Counter
from mirror.cutover.recovery.scan import Extent
from mirror.cutover.step import World
from settings.model import Settings
from settings.names import copy_of
from settings.replication_policy import HEARTBEATS, is_cycle


def stays(settings: Settings, copy: str) -> bool:
    """Whether no mirror to the old region takes a topic of the target along. Pure."""
    mirror = settings.mirror
    policy, separator = mirror.replication_policy, mirror.replication_policy_separator
    return is_cycle(policy, separator, settings.target.alias, settings.source.alias, copy)


def written_copies(settings: Settings, extents: Sequence[Extent], count: Counter) -> list[str]:
    """Return the copies that stay to which clients have written since the promotion: these have more records
    than `recover` has written to them, or cannot be counted.
    """
    found = []
    for one in extents:
        if one.target is None or one.copy is None or one.promoted is None:
            continue
        if not stays(settings, one.target.topic):
            continue
        # A copy that ends before its end at the promotion was created again.
        start = one.promoted if one.promoted <= one.copy.end else one.copy.start
        since = count(one.target, start, one.copy.end)
        if since is None or since > one.to_topic:
            found.append(one.target.topic)
    return list(dict.fromkeys(found))


def uncertain_copies(settings: Settings, extents: Sequence[Extent], count: Counter) -> list[str]:
    """Return the copies that stay that have records, and whose end at the promotion is not known: clients may
    have written some of them. Not those whose original could not be read, where nobody has looked for it.
    """
    found = []
    for one in extents:
        if one.target is None or one.copy is None or one.promoted is not None or one.uncompared:
            continue
        if stays(settings, one.target.topic) and count(one.target, one.copy.start, one.copy.end) != 0:
            found.append(one.target.topic)
    return list(dict.fromkeys(found))


def lost_originals(
    settings: Settings,
    extents: Sequence[Extent],
    orphans: Mapping[TopicPartition, Bounds],
    count: Counter,
) -> list[str]:
    """Return the copies that stay that have records, and whose original the old region has no more: it was
    deleted, emptied, restored or created again. `orphans`: copies without any partition in the old region.
    """
    logs = {
        one.target: one.copy
        for one in extents
        if one.anew and one.target is not None and one.copy is not None
    } | dict(orphans)
    found = [
        one.topic
        for one, log in sorted(logs.items())
        if stays(settings, one.topic) and count(one, log.start, log.end) != 0
    ]
    return list(dict.fromkeys(found))


def not_in_old_region(
    settings: Settings, ended: Collection[TopicPartition], extents: Sequence[Extent]
) -> list[str]:
    """Return the copies that go home as a whole because the old region has no such topic, or its user may not
    see it. `ended`: copies whose ends the promotion has recorded. Pure.
    """
    known = {one.target.topic for one in extents if one.target is not None}
    gone = {one.topic for one in ended if one.topic not in known and not stays(settings, one.topic)}
    return sorted(gone)


def orphans(
    world: World, topics: Mapping[str, int], extents: Sequence[Extent]
) -> dict[TopicPartition, Bounds]:
    """Read the copies on the target whose partitions the old region does not have. `topics`: of the target,
    with their partitions. Raises CouldNotRun.
    """
    settings = world.settings
    known = {one.target for one in extents}
    own = copy_of(settings, HEARTBEATS)
    wanted = [
        one
        for one in copies_on(settings, topics)
        if one not in known and one.topic != own and stays(settings, one.topic)
    ]
    return {one: bounds_of(one, log) for one, log in world.sides().target.bounds(wanted).items()}
