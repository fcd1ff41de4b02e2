"""Looks at both regions, and writes the stack file of the way back or says why it must not be deployed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from mirror.clients.answers import bounds_of
from mirror.clients.records import TopicPartition
from mirror.cutover.failback.judge import Accepted, Facts, refusals
from mirror.cutover.failback.originals import (
    lost_originals,
    not_in_old_region,
    orphans,
    uncertain_copies,
    written_copies,
)
from mirror.cutover.failback.stack_file import reader, rendered, reversed_sections
from mirror.cutover.failback.starts import Copy, Starts, choose
from mirror.cutover.mirrors_home import refuse_way_back
from mirror.cutover.recovery.choices import RecoveryOptions
from mirror.cutover.recovery.moved_parts import as_one, left_apart
from mirror.cutover.recovery.read_twice import counter
from mirror.cutover.recovery.recover import fence_of, refuse_running
from mirror.cutover.recovery.run import Recovery
from mirror.cutover.recovery.scan import Extent, Scanned
from mirror.cutover.recovery.topics import exclusions
from mirror.cutover.step import World
from mirror.problems import CouldNotRun, Finding
from mirror.text.names import few
from settings.model import Settings
from settings.problems import SettingsError


@dataclass(frozen=True, slots=True)
class WayBack:
    """The stack file of the way back; with `refused`, it must not be deployed yet and is empty."""

    mirror: str
    text: str
    refused: Sequence[Finding]
    facts: Facts


def reverse(
    world: World,
    accepted: Accepted,
    project: str,
    *,
    full_copy: bool = False,
    lanes: int = 2,
    say: Callable[[str], None] = lambda _: None,
) -> WayBack:
    """Judge both regions and write the file. Raises CouldNotRun."""
    name = world.settings.mirror.name
    tried = f"writing the stack file of the way back of mirror {name}"
    promoted_at = refuse_running(world, tried)
    world = as_one(world)
    if unknown := refuse_way_back(world, promoted_at, tried):
        say(unknown)
    fenced, fence = fence_of(world)
    with ExitStack() as stack:
        found = Recovery(world, RecoveryOptions(lanes=lanes, even_empty=True), stack, say)
        extents = found.with_ends(found.extents(), confirmed=True)
        scanned = found.scan(extents)
        starts = choose(copies(world, found, extents), full_copy=full_copy)
        count = counter(found.logs.target)
        there = {name: topic.partitions for name, topic in found.topics.target.items()}
        facts = replace(
            facts_of(world.settings, scanned, starts, (fenced, fence)),
            written_copies=tuple(written_copies(world.settings, extents, count)),
            uncertain_copies=tuple(uncertain_copies(world.settings, extents, count)),
            left_apart=tuple(left_apart(world.settings, found.topics.source)),
            lost_originals=tuple(
                lost_originals(world.settings, extents, orphans(world, there, extents), count)
            ),
            built_anew=not found.topics.matched and not full_copy,
            absent=tuple(not_in_old_region(world.settings, found.recorded_ends, extents)),
        )
    settings = world.settings
    refused = refusals(settings, facts, accepted)
    if refused:
        return WayBack(settings.mirror.name, "", refused, facts)
    try:
        sections = reversed_sections(settings, starts, exclusions(found.topics))
    except SettingsError as error:
        raise CouldNotRun(
            f"writing the stack file of the way back of mirror {settings.mirror.name}",
            str(error),
            "change these settings of the way out, or write the file by hand: docs/failback.md",
        ) from error
    return WayBack(
        settings.mirror.name, rendered(settings, sections, project, remarks(settings, facts)), (), facts
    )


def facts_of(
    settings: Settings, scanned: Sequence[Scanned], starts: Starts, fence: tuple[bool, str]
) -> Facts:
    """Sum up what was found. Pure. What `recover` wrote to a copy with a prefix never goes back."""
    prefixed = settings.mirror.replication_policy == "default"
    written = {} if prefixed else {one.extent.source: one.extent.to_topic for one in scanned}
    return Facts(
        sum(len(one.judgement.missing) for one in scanned if one.judgement),
        tuple(str(one.extent.source) for one in scanned if one.unread),
        sum(one.extent.undecided for one in scanned),
        *fence,
        sum(written.values()),
        starts,
        tuple(dict.fromkeys(one.topic for one, count in sorted(written.items()) if count)),
    )


def copies(world: World, found: Recovery, extents: Sequence[Extent]) -> list[Copy]:
    """Return every partition of the target that the way back reads. With prefixes MM2 mirrors none of the
    copies back, and all of the target's own topics from their beginning. Left out are topics of which a
    partition could not be judged: for these the way back is refused. Raises CouldNotRun.
    """
    settings, topics = world.settings, found.topics
    if settings.mirror.replication_policy == "default":
        return []
    by_copy = {one.target: one for one in extents if one.target is not None}
    names = {one.topic for one in by_copy} | {
        copy for copy in topics.matched.values() if copy in topics.target
    }
    names -= {copy.topic for copy, one in by_copy.items() if one.uncompared}
    partitions = [
        TopicPartition(name, number)
        for name in sorted(names)
        for number in range(topics.target[name].partitions)
    ]
    chosen = []
    for one, answer in world.sides().target.bounds(partitions).items():
        log = bounds_of(one, answer)
        extent = by_copy.get(one)
        if extent is None:
            chosen.append(Copy(one, log, None, None))
        else:
            chosen.append(Copy(one, log, extent.promoted, extent.log, extent.anew))
    return chosen


def remarks(settings: Settings, facts: Facts) -> list[str]:
    """What the operator has to check or to do, as lines of the file's head. Pure."""
    old, new = settings.source.alias, settings.target.alias
    said = [
        f"Check `listener`: {old} has to reach {new} through it.",
        f"KafkaUser {reader(settings)} has to exist on {new}: `region-mirror source-user` prints it.",
        f"The cutover home removes the fence of mirror {settings.mirror.name} from the KafkaUsers of {old}."
        if settings.fence == "strimzi"
        else f"Then remove the fence of mirror {settings.mirror.name} from {old}: `region-mirror reopen`.",
    ]
    if settings.cutover.fence_command:
        said.append(
            f"cutover.fence_command stops the producers of {old}. Set one that stops those of {new}, or stop "
            "them yourself before the cutover home."
        )
    if settings.cutover.switch_command:
        said.append(
            f"cutover.switch_command leads clients to {new}. Set one that leads them to {old}, or do that "
            "yourself after the cutover home."
        )
    if not settings.source.encrypted:
        said.append(f"Set target.listener to a listener of {old} with TLS: a mirror writes over TLS only.")
    starts = facts.starts
    if starts.whole:
        said.append(f"Copied as a whole: {few(list(starts.whole))}.")
    if facts.absent:
        said.append(
            f"{old} does not show these topics to the mirror's user: {few(facts.absent)}. They "
            "are copied as a whole: make sure that they are gone, or their records are doubled."
        )
    if starts.deleted:
        total = sum(starts.deleted.values())
        said.append(
            f"Retention on {new} has deleted at most {total:,} records since the promotion: these do not "
            "cross."
        )
    if facts.to_topic:
        said.append(f"{facts.to_topic:,} recovered records will be on {old} twice (accepted).")
    if settings.mirror.replication_policy == "default":
        prefix = f"{new}{settings.mirror.replication_policy_separator}"
        said.append(
            f"With prefixes: {new}'s own topics arrive on {old} as `{prefix}<topic>`; copies are never "
            "mirrored back."
        )
        said.append(
            f"Groups that have read copies continue in the originals on {old}: `region-mirror reopen`, with "
            "the stack file of the way out, sets their offsets."
        )
    return said
