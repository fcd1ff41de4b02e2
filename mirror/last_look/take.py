"""Makes a last look from what `status` has read. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.last_look.record import GroupLook, LastLook, OffsetLook, PartitionLook, still_missing
from mirror.status.groups import group_row
from mirror.status.snapshot import GroupSeen, PartitionSeen, Snapshot, Waiting
from mirror.verify.reading.held_back import TOO_LONG_SECONDS

_LEAST_SECONDS = 1.0
"""Between two looks whose difference is a rate."""
_LEAST_TO_REST = 10.0
"""Clients of Kafka commit every 5 seconds by default (`auto.commit.interval.ms`)."""


def take(
    seen: Snapshot, by: str, before: LastLook | None = None, every: float | None = None
) -> LastLook | None:
    """Return the last look; None where the snapshot has no partition that was read at the source: it would
    replace one that has. A partition that was not read stays as `before` has it: brokers of a region that is
    lost may die one after the other. `by`: the command that looked, and looks again within `every` seconds.
    """
    partitions = {
        one.partition: _partition(one, one.source, before)
        for one in seen.partitions
        if isinstance(one.source, Bounds)
    }
    if not partitions:
        return None
    unread = len(seen.partitions) - len(partitions)
    kept = _kept(seen, before) if before is not None else {}
    return LastLook(
        seen.mirror,
        seen.source,
        seen.target,
        seen.at,
        by,
        partitions | kept,
        _groups(seen, before),
        _appended(partitions, kept, seen.at, before),
        unread,
        tuple(seen.problems),
        every,
    )


def _partition(one: PartitionSeen, log: Bounds, before: LastLook | None) -> PartitionLook:
    """Where the records behind could not be counted, every offset behind counts as one; so does each that a
    hanging transaction holds back: others have committed there since, and their records are not mirrored."""
    oldest: int | None = None
    if isinstance(one.waiting, Unread):
        first = log.start if one.position is None else max(log.start, one.position + 1)
        behind = max(0, log.end - first)
    else:
        behind, oldest = one.waiting.records, _oldest(one.partition, one.waiting, before)
    return PartitionLook(log.end + one.held, one.position, behind + one.held, oldest, one.start)


def _oldest(one: TopicPartition, waiting: Waiting, before: LastLook | None) -> int | None:
    """Return when the oldest record behind was written: by its timestamp, which a producer may set. A record
    that the look before did not see came after that look, unless an open transaction hid it: so where its
    timestamp is further back than any transaction lasts, that look counts. None for a record without a
    timestamp (-1) of which no look tells.
    """
    stamp = None if waiting.oldest is None or waiting.oldest < 0 else waiting.oldest
    was = before.partitions.get(one) if before else None
    if before is None or was is None or waiting.first is None or waiting.oldest is None:
        return stamp
    since: int | None = int(before.at * 1000)
    if before.unread or waiting.first < was.end:  # seen before, or the look before may not have read it
        since = was.oldest
    hidden = int(TOO_LONG_SECONDS * 1000)
    return since if since is not None and waiting.oldest < since - hidden else stamp


def _kept(seen: Snapshot, before: LastLook) -> dict[TopicPartition, PartitionLook]:
    """Return the partitions that were not read now, as they were before, less what was mirrored since. Of the
    time since nothing is known: they are covered until the look that read them, also with nothing behind."""
    then = int(before.at * 1000)
    found = {}
    for one in seen.partitions:
        was = before.partitions.get(one.partition)
        if was is None or isinstance(one.source, Bounds):
            continue
        position = was.position if one.position is None else one.position
        unaged = was.behind > 0 and was.oldest is None
        oldest = None if unaged else min(then if was.oldest is None else was.oldest, then)
        found[one.partition] = was._replace(
            position=position, behind=still_missing(was, position), oldest=oldest
        )
    return found


def _groups(seen: Snapshot, before: LastLook | None) -> Mapping[str, GroupLook]:
    """Where groups could not be read, or one of them, those of the look before count: an older offset makes a
    group read more again, and skip nothing. Whether they rest is not known then."""
    if seen.problems and not seen.groups and before is not None:
        return {group: replace(one, rested=False) for group, one in before.groups.items()}
    return {
        one.group: _group(one, seen.at, before)
        for one in seen.groups
        if one.offsets or one.unread is not None
    }


def _group(one: GroupSeen, now: float, before: LastLook | None) -> GroupLook:
    row = group_row(one)
    then = before.groups.get(one.group) if before else None
    if one.unread is not None:
        # Not a group without offsets: a failover would take it for one that has read nothing mirrored.
        kept = then or GroupLook(row.trouble.word, row.rereads, dropped=True)
        return replace(kept, state=row.trouble.word, rested=False)
    offsets = {each.partition: OffsetLook(each.committed, each.translated) for each in one.offsets}
    rested = (
        before is not None
        and then is not None
        and not then.dropped
        and _committed(then.offsets) == _committed(offsets)
        and (then.rested or now - before.at >= _LEAST_TO_REST)
    )
    return GroupLook(row.trouble.word, row.rereads, offsets, rested=rested)


def _committed(offsets: Mapping[TopicPartition, OffsetLook]) -> dict[TopicPartition, int]:
    return {one: offset.committed for one, offset in offsets.items()}


def _appended(
    partitions: Mapping[TopicPartition, PartitionLook],
    kept: Collection[TopicPartition],
    at: float,
    before: LastLook | None,
) -> dict[str, float]:
    """Return by how many offsets a second each topic has grown; markers of transactions count, too. With a
    partition that was not read now, a topic has at least grown as before."""
    if before is None or at - before.at < _LEAST_SECONDS:
        return dict(before.appended) if before else {}
    grown: Counter[str] = Counter()
    for one, now in partitions.items():
        then = before.partitions.get(one)
        grown[one.topic] += max(0, now.end - (then.end if then else 0))
    rates = {topic: count / (at - before.at) for topic, count in grown.items()}
    for topic in {one.topic for one in kept}:
        rates[topic] = max(rates.get(topic, 0.0), before.appended.get(topic, 0.0))
    return rates
