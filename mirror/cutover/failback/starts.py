"""Chooses where the way back begins, so that only what is new since the promotion crosses. Pure.

    target of the way out   ... copies ............. | written by clients since the promotion ...
                                                     ^ the way back begins here

A topic that the old region has lost is copied as a whole, if nothing of it is there: then nothing is doubled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mirror.clients.records import Bounds, TopicPartition

EARLIEST = "earliest"


@dataclass(frozen=True, slots=True)
class Copy:
    """One partition of the target of the way out, which the way back reads."""

    partition: TopicPartition
    log: Bounds
    promoted: int | None
    """Its end at the promotion; None: neither recorded nor found by content."""
    original: Bounds | None
    """Its original in the old region; None where that has no such partition."""
    anew: str = ""
    """Why the original is not the log that was mirrored; empty: it is."""


@dataclass(frozen=True, slots=True)
class Starts:
    """Where the way back begins, and what prevents it."""

    by_topic: Mapping[str, str] = field(default_factory=dict)
    """Values of `mirror.start_from_by_topic`, by the topic's name on the target of the way out."""
    whole: Sequence[str] = ()
    """Topics that are copied as a whole: the old region has nothing of them."""
    unknown: Sequence[str] = ()
    """Topics with copies whose end at the promotion is not known."""
    doubled: Mapping[str, str] = field(default_factory=dict)
    """Topics that the old region has again, with records, and why its offsets cannot be trusted."""
    deleted: Mapping[TopicPartition, int] = field(default_factory=dict)
    """Offsets behind the promotion that retention has deleted: these records cannot go back."""
    new: int = 0
    """Offsets that are to cross, of all topics; markers count as well."""


def choose(copies: Iterable[Copy], *, full_copy: bool = False) -> Starts:
    """Choose the start of each topic. `full_copy`: of all topics, everything."""
    topics: dict[str, list[Copy]] = {}
    for one in copies:
        topics.setdefault(one.partition.topic, []).append(one)
    by_topic, whole, unknown, doubled, deleted, new = {}, [], [], {}, {}, 0
    for topic, partitions in sorted(topics.items()):
        partitions.sort(key=lambda one: one.partition)
        if full_copy or any(one.anew or one.original is None for one in partitions):
            there = sum(_records(one.original) for one in partitions)
            added = not full_copy and all(not one.anew for one in partitions) and there > 0
            if not added:
                if there:
                    reason = next((one.anew for one in partitions if one.anew), "")
                    doubled[topic] = reason or "it has records, and a full copy was asked for"
                by_topic[_pattern(topic)] = EARLIEST
                whole.append(topic)
                new += sum(_records(one.log) for one in partitions)
                continue
        if any(_start(one) is None for one in partitions):
            unknown.append(topic)
            continue
        starts = [_start(one) or 0 for one in partitions]
        by_topic[_pattern(topic)] = "offsets " + ",".join(map(str, starts))
        for one, start in zip(partitions, starts, strict=True):
            new += max(0, one.log.end - max(start, one.log.start))
            if one.log.start > start:
                deleted[one.partition] = one.log.start - start
    return Starts(by_topic, whole, unknown, doubled, deleted, new)


def _start(one: Copy) -> int | None:
    """All of a partition that the old region does not have is new."""
    if one.original is None or one.log.end == 0:
        return 0
    return one.promoted


def _records(log: Bounds | None) -> int:
    return 0 if log is None else log.end - log.start


def _pattern(topic: str) -> str:
    """A Java regular expression that matches this name only: names of topics need no other escape."""
    return re.sub(r"\.", r"\\.", topic)
