"""The parts that are judged together, in the order that makes it right:

    t0  topics of both sides, the source's groups        one request a broker
    t1  D: the groups' offsets on the target             before what they were translated from
    t2  P: MM2's committed source positions              before the target's ends: what P says is there
    t3  lag: source after P
    t4  tails: target ends and newest records, then the source from P on
    t5  groups: target ends, then C: the groups' offsets on the source, then records

Data that moves in between makes the mirror look further behind and the groups more cautious than they are,
never the other way round. One thing can still look wrong for some milliseconds: a transaction's markers
reach the offsets topic and the mirrored partitions one after the other, so P may be visible before P's
record. What looks wrong is therefore read a second time, with the same D and P, before it is reported.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from mirror.clients.answers import not_there
from mirror.clients.records import TopicPartition, Unread, Window
from mirror.mm2.positions import Positions
from mirror.problems import CouldNotRead, Finding
from mirror.verify.reading.bookkeeping import with_expectations, with_unwritten, writes_group_offsets
from mirror.verify.reading.groups import GroupOffsets, read_groups
from mirror.verify.reading.lags import DRAINED_SECONDS, drained, read_lags, watched
from mirror.verify.reading.look import Look, about_groups
from mirror.verify.reading.tails import read_tails, with_hidden
from mirror.verify.values.copied_unsynced import with_unsynced
from mirror.verify.values.group_partition import GroupPartition
from mirror.verify.values.partition_lag import PartitionLag, behind
from mirror.verify.values.tail import Tail, tail_verdict
from mirror.verify.values.translation import translation
from settings import filters
from settings.patterns import unmatched

# Long enough for a transaction's markers to arrive everywhere, short for people.
SECOND_GLANCE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Committed:
    """P: source offset of the last mirrored record of each source partition that has one.

    `starts` are the offsets up to which records were left out on purpose (`mirror.start_from`); `at` is when
    this was read, in seconds since the epoch.
    """

    positions: Mapping[TopicPartition, int]
    starts: Mapping[TopicPartition, int] = field(default_factory=dict)
    at: float = 0.0
    reader: Positions | None = field(default=None, repr=False)

    @property
    def copy_ends(self) -> Mapping[TopicPartition, int]:
        """The end of each copy before MM2 wrote to it, where it was not empty."""
        return self.reader.copy_ends if self.reader else {}


@dataclass(frozen=True, slots=True)
class Groups:
    """What there is of each group on each partition, and the groups whose offsets could not be read."""

    partitions: Sequence[GroupPartition] = ()
    unreadable: Mapping[str, str] = field(default_factory=dict)
    blind: Finding | None = None
    """Why MM2's checkpoints and offset syncs could not be read."""
    untranslated: Sequence[str] = ()
    """Streams and share groups, which MM2 does not translate."""
    unmatched: Sequence[str] = ()
    """Patterns of `mirror.groups` that match no group of the source."""


@about_groups
def all_groups(look: Look) -> list[str]:
    """The source's consumer groups, also those that the mirror leaves out."""
    return look.sides.source.groups()


@about_groups
def source_groups(look: Look) -> list[str]:
    """The source's groups that the mirror takes along."""
    mirror = look.settings.mirror
    return [group for group in look.of(all_groups) if filters.group_matches(mirror, group)]


@about_groups
def groups_to_translate(look: Look) -> list[str]:
    """The source's groups for which MM2 has something to translate: those with a commit on a mirrored topic.

    A group whose offsets cannot be read counts: MM2 reads them with the same user.
    """
    offsets = look.sides.source.group_offsets(look.of(source_groups))
    matched = look.topics.matched
    return [
        group
        for group, committed in offsets.items()
        if isinstance(committed, Unread) or any(one.topic in matched for one in committed)
    ]


@about_groups
def untranslated_groups(look: Look) -> list[str]:
    """The source's streams and share groups that the group patterns match: MM2 does not translate them."""
    mirror = look.settings.mirror
    return [group for group in look.sides.source.other_groups() if filters.group_matches(mirror, group)]


@about_groups
def translated(look: Look) -> GroupOffsets:
    """D: the committed offsets of the source's groups on the target."""
    of_other_types, offsets = look.sides.together(
        lambda: look.of(untranslated_groups), lambda: look.sides.target.group_offsets(look.of(source_groups))
    )
    return offsets | look.sides.target.group_offsets(of_other_types) if of_other_types else offsets


def committed(look: Look) -> Committed:
    """P, read after D where both are read."""
    look.first(translated)
    topic = look.topics.target.get(look.names.offsets_topic)
    if topic is None:
        raise CouldNotRead(
            f"reading MM2's committed source positions on {look.sides.target.alias}",
            f"there is no topic {look.names.offsets_topic}, or the verifier may not Describe it",
            "Connect makes it when its worker starts: look at the worker's log and the mirror's ACLs",
        )
    reader = look.session.positions(topic.partitions)
    positions = reader.read()
    return Committed(positions, reader.starts, time.time(), reader)


def lags(look: Look) -> list[PartitionLag]:
    """Records may carry any timestamp. So where a partition looks too old, a second look at the positions
    decides: everything missing at first and mirrored now was late by the time between at most.
    """
    seen = look.of(committed)
    found = read_lags(look.sides, look.topics.partitions, seen.positions)
    known = look.session.memory.seen_after
    for one in found:
        if not isinstance(one.window, Window):
            continue
        if one.window.records:
            first = 0 if one.position is None else one.position + 1
            known.saw_record(one.partition, first, one.window.records[0].offset)
        else:
            known.saw(one.partition, one.window.start, one.window.end)
    allowed = look.settings.verification.max_lag_seconds
    # Of a topic without any position nothing is mirrored: a second look would only cost its time.
    begun = {one.partition.topic for one in found if one.position is not None}
    late = [one for one in found if one.partition.topic in begun and behind(one, seen.at).seconds > allowed]
    if not late or seen.reader is None:
        return found
    limit = min(allowed, DRAINED_SECONDS)
    better = {one.partition: one for one in drained(late, seen.reader.read, seen.at, limit)}
    return [better.get(one.partition, one) for one in found]


def watched_lags(look: Look) -> list[PartitionLag]:
    """The same, where records with timestamps in the future were watched: such a record never looks late."""
    found, seen = look.of(lags), look.of(committed)
    if seen.reader is None:
        return found
    return watched(found, seen.reader.read, seen.at, look.settings.verification.max_lag_seconds)


def tails(look: Look) -> list[Tail]:
    """The newest records of every partition; read again where they look wrong."""
    seen, joined = look.of(committed), look.topics.joined
    found = read_tails(look.sides, joined, seen.positions, seen.starts)
    now = time.time()
    wrong = {one.partition for one in found if tail_verdict(one, now).finding is not None}
    if not wrong:
        return found
    time.sleep(SECOND_GLANCE_SECONDS)
    again = read_tails(
        look.sides, [one for one in joined if one.source in wrong], seen.positions, seen.starts
    )
    better = {one.partition: one for one in with_hidden(look.sides.target, again, now)}
    return [better.get(one.partition, one) for one in found]


@about_groups
def settled(look: Look, *, everywhere: bool = False) -> Groups:
    """The groups' offsets and the records around them; read again where they look wrong. `everywhere`: see
    `read_groups`."""
    offsets, seen, joined = look.of(translated), look.of(committed), look.topics.joined
    found, unreadable = read_groups(
        look.sides, offsets, seen.positions, joined, seen.starts, seen.copy_ends, everywhere=everywhere
    )
    wrong = {
        one.group: offsets[one.group]
        for one in found
        if translation(one).state in ("unsafe", "moved", "past-end", "unknown")
    }
    if wrong:
        time.sleep(SECOND_GLANCE_SECONDS)
        again, more = read_groups(
            look.sides, wrong, seen.positions, joined, seen.starts, seen.copy_ends, everywhere=everywhere
        )
        found = [one for one in found if one.group not in wrong] + again
        unreadable |= more
    others = look.of(untranslated_groups)
    # What is asked for the offsets of a share group answers that there is no such group: it has none.
    unreadable = {
        group: reason
        for group, reason in unreadable.items()
        if group not in others or not not_there(Unread(reason))
    }
    return Groups(found, unreadable, untranslated=others)


@about_groups
def groups(look: Look) -> Groups:
    """The same, with what MM2 has translated and will."""
    seen = look.of(settled)
    there = [*look.of(all_groups), *seen.untranslated]
    asked = [pattern for pattern in look.settings.mirror.groups if pattern != ".*"]
    seen = replace(seen, unmatched=unmatched(asked, there))
    found = seen.partitions
    if not found:
        return seen
    try:
        checkpoints, syncs = look.session.bookkeeping(look.topics)
        mirror = look.settings.mirror
        found = with_expectations(
            found,
            checkpoints,
            syncs,
            mirror.emit_checkpoints_interval_seconds,
            untranslated=frozenset(seen.untranslated),
            refresh_interval_seconds=mirror.refresh_groups_interval_seconds,
        )
        if look.declared_state != "running":  # nothing is copied, nor written into groups
            return replace(seen, partitions=found)
        if writes_group_offsets(look.settings):
            known, interval = look.session.memory.unwritten, mirror.sync_group_offsets_interval_seconds
            found = with_unwritten(found, known, look.sides.target, interval)
        partitions, copied = len(look.topics.partitions), look.session.memory.unsynced
        found = with_unsynced(found, copied, time.monotonic(), partitions, syncs.end)
        return replace(seen, partitions=found)
    except CouldNotRead as error:
        reason = f"{error.tried}: {error.happened}; so a stale translation would not be seen"
        blind = Finding("MM2's bookkeeping", reason, error.way_out)
        return replace(seen, blind=blind)
