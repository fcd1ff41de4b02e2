"""Made-up looks, as a lab cannot show them on demand: stuck, lost, hostile, large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.status.snapshot import GroupSeen, OffsetSeen, PartitionSeen, Retention, Snapshot, Waiting

NOW = 1_800_000_000.0
"""Seconds since the epoch."""
DAY = 86_400.0
HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>\x1b[2J\u202e\"'&"
"""A name that no broker would take, and no page may trust."""


def partition(
    topic: str = "orders",
    number: int = 0,
    *,
    position: int | None = 99,
    start: int = 0,
    end: int = 100,
    age: float | None = None,
    exact: bool = True,
    copied: bool = True,
    unread: str | None = None,
) -> PartitionSeen:
    """A partition whose oldest unmirrored record was written `age` seconds ago."""
    one = TopicPartition(topic, number)
    if unread is not None:
        return PartitionSeen(one, position, Unread(unread), Waiting(0), copied)
    first = start if position is None else max(start, position + 1)
    waiting = Waiting(0)
    if first < end:
        oldest = None if age is None else int((NOW - age) * 1000)
        waiting = Waiting(end - first, exact, first, oldest)
    return PartitionSeen(one, position, Bounds(start, end), waiting, copied)


def offset(
    committed: int = 50,
    translated: int | None = 50,
    *,
    topic: str = "orders",
    number: int = 0,
    position: int | None = 99,
    end: int = 100,
    target_end: int = 100,
    start: int | None = None,
    resumes_at: int | None = None,
) -> OffsetSeen:
    """A group's offset on one partition."""
    one = TopicPartition(topic, number)
    logs = Bounds(0, end), Bounds(0, target_end)
    return OffsetSeen(one, committed, translated, position, *logs, start, resumes_at)


def group(name: str, *offsets: OffsetSeen, **more: Any) -> GroupSeen:
    """A group with these offsets."""
    return GroupSeen(name, offsets, **more)


def snapshot(
    *partitions: PartitionSeen,
    groups: Sequence[GroupSeen] = (),
    at: float = NOW,
    retention: Mapping[str, float | None] | None = None,
    **more: Any,
) -> Snapshot:
    """A look; `retention` in seconds by topic, a week where nothing is said."""
    kept = {one.partition.topic: Retention(int(7 * DAY * 1000)) for one in partitions}
    for topic, seconds in (retention or {}).items():
        kept[topic] = Retention(None if seconds is None else int(seconds * 1000))
    return Snapshot(
        "east-to-west",
        "east",
        "west",
        at,
        1.2,
        30.0,
        partitions,
        groups,
        kept,
        "2 connectors RUNNING",
        **more,
    )


def moved(seen: Snapshot, seconds: float, *, produced: int, mirrored: int) -> Snapshot:
    """The same mirror some seconds later; timestamps of what waits stay as they were."""
    partitions = []
    for one in seen.partitions:
        assert isinstance(one.source, Bounds)
        assert isinstance(one.waiting, Waiting)
        log = Bounds(one.source.start, one.source.end + produced)
        position = (-1 if one.position is None else one.position) + mirrored
        records = log.end - position - 1
        waiting = Waiting(records, True, position + 1 if records else None, one.waiting.oldest)
        partitions.append(one._replace(source=log, position=position, waiting=waiting))
    return Snapshot(
        seen.mirror, seen.source, seen.target, seen.at + seconds, 1.2, 30.0, partitions, seen.groups,
        seen.retention, seen.connectors, seen.faults, seen.problems,
    )  # fmt: skip


def many(topics: int, partitions: int, groups: int, name: str = "topic-{:04d}") -> Snapshot:
    """A large mirror, of which a few things are wrong."""
    seen = [
        partition(
            name.format(number),
            each,
            end=100 if (number * partitions + each) % 7 else 100_000,
            age=5.0 + number if (number * partitions + each) % 7 == 0 else None,
            exact=False,
        )
        for number in range(topics)
        for each in range(partitions)
    ]
    some = [
        group(f"group-{number:04d}", offset(50, 50 - number % 5), active_on_target=number % 97 == 0)
        for number in range(groups)
    ]
    return snapshot(*seen, groups=some)
