"""Chooses the offset from which each partition is mirrored. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from mirror.clients.records import Bounds, TopicPartition
from mirror.mm2.connect_format import StartPosition
from mirror.problems import CouldNotRun
from mirror.text.names import few
from settings.model import MirrorSettings
from settings.patterns import matches
from settings.rules.kafka import moment, offsets
from settings.scopes import literal_names

EARLIEST, LATEST = "earliest", "latest"


def start_of(mirror: MirrorSettings, topic: str) -> str:
    """Return where mirroring of a topic starts: `earliest`, `latest`, a timestamp or offsets, as in the stack
    file. The order of the patterns does not count: Pulumi sorts the keys of a mapping. Raises CouldNotRun.
    """
    matching = {one: at for one, at in mirror.start_from_by_topic.items() if matches((one,), topic)}
    # A name with dots is written as it is, or as a regular expression (`orders\.eu`).
    named = {one: at for one, at in matching.items() if topic in (one, *literal_names(one))}
    starts = named or matching
    if len(set(starts.values())) > 1:
        told = " and ".join(f"{one} ({at})" for one, at in sorted(starts.items()))
        raise CouldNotRun(
            f"choosing where mirroring of topic {topic} begins",
            f"it matches {told} in mirror.start_from_by_topic",
            "add the topic's own name, which counts before a pattern",
        )
    return next(iter(starts.values()), mirror.start_from)


def begins_elsewhere(mirror: MirrorSettings) -> bool:
    """Tell whether mirroring of any topic may start later than at its beginning."""
    return any(start != EARLIEST for start in (mirror.start_from, *mirror.start_from_by_topic.values()))


def moments(mirror: MirrorSettings, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
    """Return the timestamp, in milliseconds since the epoch, of each partition that starts at one."""
    found = {}
    for one in partitions:
        at = moment(start_of(mirror, one.topic))
        if at is not None:
            found[one] = int(at.timestamp() * 1000)
    return found


def positions(
    mirror: MirrorSettings,
    bounds: Mapping[TopicPartition, Bounds],
    offsets_at: Mapping[TopicPartition, int],
    known: Collection[TopicPartition] = (),
) -> list[StartPosition]:
    """Choose the position of each partition whose mirroring starts later than at its beginning.

    `bounds` are those of the source with read_committed: records of an open transaction are not committed
    yet, so they are mirrored. `offsets_at` is the offset of the first record at or after the partition's
    timestamp; a partition without such a record, or without a timestamp, starts at its end. Partitions in
    `known` already have a position of MM2, which is kept. A partition from which no record would be left out
    gets no position.
    With offsets, each partition gets one, -1 where all is mirrored: its copy may have other records before.
    An offset behind the end of the log is left to `beyond`.
    """
    found = []
    for one, log in bounds.items():
        start = start_of(mirror, one.topic)
        if start == EARLIEST or one in known:
            continue
        first = _first(start, one, log, offsets_at)
        if first > log.start or offsets(start) is not None:
            found.append(StartPosition(one, first - 1, first - log.start))
    return found


def beyond(mirror: MirrorSettings, bounds: Mapping[TopicPartition, Bounds]) -> dict[TopicPartition, int]:
    """Return the offsets of the stack file that are behind the end of their logs. MM2 would start these
    partitions at their beginning, without a word.
    """
    found = {}
    for one, log in bounds.items():
        given = offsets(start_of(mirror, one.topic)) or ()
        if one.partition < len(given) and given[one.partition] > log.end:
            found[one] = given[one.partition]
    return found


def not_later(
    mirror: MirrorSettings, chosen: Iterable[StartPosition], before: Mapping[TopicPartition, int]
) -> list[StartPosition]:
    """Return the start positions, of which `latest` is none later than the one that an interrupted deployment
    has chosen: what was written since was not to be left out.
    """
    found = []
    for one in chosen:
        sooner = one.position - before.get(one.partition, one.position)
        if sooner > 0 and start_of(mirror, one.partition.topic) == LATEST:
            one = replace(one, position=one.position - sooner, left_out=max(0, one.left_out - sooner))
        found.append(one)
    return found


def resumed_before(mirror: MirrorSettings, known: Mapping[TopicPartition, int]) -> list[TopicPartition]:
    """Return the partitions of which MM2's own position is before the offset that the stack file gives: it
    belongs to an earlier mirror of this name. MM2 never goes back.
    """
    found = []
    for one, position in sorted(known.items()):
        given = offsets(start_of(mirror, one.topic)) or ()
        if one.partition < len(given) and position + 1 < given[one.partition]:
            found.append(one)
    return found


def _first(start: str, one: TopicPartition, log: Bounds, offsets_at: Mapping[TopicPartition, int]) -> int:
    if (given := offsets(start)) is not None:
        # Partitions that were added later begin at their beginning.
        return min(given[one.partition], log.end) if one.partition < len(given) else log.start
    return min(offsets_at.get(one, log.end), log.end)


def summary(chosen: Iterable[StartPosition]) -> str:
    """Say in one line how many records are left out on purpose."""
    by_topic: dict[str, int] = {}
    for one in chosen:
        by_topic[one.partition.topic] = by_topic.get(one.partition.topic, 0) + one.left_out
    if not by_topic:
        return "every record is mirrored from the beginning"
    most = sorted(by_topic.items(), key=lambda item: -item[1])
    shown = few([f"{topic} {count:,}" for topic, count in most])
    total = sum(by_topic.values())
    return f"up to {total:,} records are left out on purpose (mirror.start_from): {shown}"
