"""Reads a snapshot: a dozen requests in bulk, two more for each thousand partitions.

    topics of both sides, the groups and who of them is active      one request a broker
    D: the groups' offsets on the target | P: MM2's committed source positions
    C: the groups' offsets on the source | the source's logs after P | the target's ends after D

In each line both are asked at once. The order makes the mirror look further behind and the groups more
cautious than they are, never the other way round.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.clients.topics import Topics
from mirror.mm2.store import OffsetSyncStore
from mirror.problems import CouldNotRead, CouldNotRun, one_line
from mirror.status.resuming import ResumePointReader, ResumePoints
from mirror.status.snapshot import GroupSeen, OffsetSeen, PartitionSeen, Retention, Snapshot
from mirror.status.waits import Waits, without_reading
from mirror.verify.checks import connectors_running
from mirror.verify.reading import parts
from mirror.verify.reading.look import Look, Session
from mirror.verify.reading.parts import Committed
from settings import filters
from settings.model import Settings

# Retention changes rarely, and its answer is long.
RETENTION_SECONDS = 300.0
T = TypeVar("T")
GroupOffsets = Mapping[str, Mapping[TopicPartition, int] | Unread]


class SnapshotReader:
    """Looks at one mirror again and again through the same connections: its own, or those of `session`."""

    def __init__(
        self, settings: Settings, root: Path, stack: ExitStack, session: Session | None = None
    ) -> None:
        self._session = session or Session(settings, root, stack)
        self._pool = stack.enter_context(ThreadPoolExecutor(max_workers=6, thread_name_prefix="status"))
        self._waits: Waits | None = None
        self._resuming = ResumePointReader()
        self._retention: dict[str, Retention] = {}
        self._retention_at = float("-inf")

    def glance(self) -> Snapshot:
        """The positions and the logs' ends alone: what rates are made of. Raises CouldNotRun."""
        look, began = Look(self._session, ()), time.monotonic()
        seen = look.of(parts.committed)
        bounds = look.sides.source.bounds(look.topics.partitions)
        waiting = without_reading(bounds, seen.positions)
        return self._snapshot(look, began, seen, _partitions(look.topics, seen, bounds, waiting))

    def look(self) -> Snapshot:
        """Everything. Raises CouldNotRun when a cluster or the resource itself is out of reach."""
        look, began = Look(self._session, ()), time.monotonic()
        topics, problems = look.topics, list[str]()
        groups = self._pool.submit(lambda: _groups_of(look))
        resource = self._pool.submit(lambda: look.resource)
        retention = self._pool.submit(lambda: self._read_retention(look))
        try:
            seen = look.of(parts.committed)
        except CouldNotRead as error:
            seen = Committed({}, at=time.time())
            problems.append(_said(error))
        bounds = look.sides.source.bounds(topics.partitions)
        waits = self._waits = self._waits or Waits(look.sides.source_reader)
        waiting = waits.read(bounds, seen.positions) if not problems else without_reading(bounds, {})
        partitions = _partitions(topics, seen, bounds, waiting) if not problems else []
        translated, offsets, active_source, active_target, ends = _of(groups, problems, ({}, {}, {}, {}, {}))
        kept = _of(retention, problems, self._retention)
        places = self._resuming.read(look) if offsets else ResumePoints(OffsetSyncStore())
        seen_groups = _groups(
            topics, seen, bounds, ends, translated, offsets, active_source, active_target, places
        )
        try:
            faults, connectors = _faults(look, resource.result())
        except CouldNotRun as error:  # Kafka is seen all the same
            faults, connectors = (), "not known"
            problems.append(_said(error))
        return self._snapshot(
            look,
            began,
            seen,
            partitions,
            groups=seen_groups,
            retention=kept,
            connectors=connectors,
            faults=faults,
            problems=tuple(problems),
        )

    def _snapshot(
        self, look: Look, began: float, seen: Committed, partitions: Sequence[PartitionSeen], **more: Any
    ) -> Snapshot:
        settings = look.settings
        return Snapshot(
            look.names.mirror,
            settings.source.alias,
            settings.target.alias,
            seen.at,
            time.monotonic() - began,
            settings.verification.max_lag_seconds,
            partitions,
            **more,
        )

    def _read_retention(self, look: Look) -> dict[str, Retention]:
        wanted = set(look.topics.matched)
        if time.monotonic() - self._retention_at > RETENTION_SECONDS or not wanted <= self._retention.keys():
            configs = look.sides.source.topic_configs(sorted(wanted))
            self._retention |= {
                topic: retention(config) for topic, config in configs.items() if isinstance(config, Mapping)
            }
            for topic, config in configs.items():
                if isinstance(config, Unread) and topic not in self._retention:
                    raise CouldNotRead(
                        f"reading the retention of topic {topic} on {look.sides.source.alias}",
                        config.reason,
                        "the source user needs DescribeConfigs on the topic",
                    )
            self._retention_at = time.monotonic()
        return self._retention


def retention(config: Mapping[str, str]) -> Retention:
    """How long a topic's records are kept, from its configuration."""
    text = config.get("retention.ms", "")
    milliseconds = int(text) if text.lstrip("-").isdigit() else -1
    forever = milliseconds < 0 or "delete" not in config.get("cleanup.policy", "delete")
    return Retention(None if forever else milliseconds)


def _groups_of(look: Look) -> tuple[GroupOffsets, GroupOffsets, dict[str, bool], dict[str, bool], Any]:
    """D and C, who is active, and the target's ends between the two."""
    sides = look.sides
    active, active_there = sides.together(sides.source.listed_groups, sides.target.listed_groups)
    wanted = sorted(group for group in active if filters.group_matches(look.settings.mirror, group))
    translated = sides.target.group_offsets(wanted)
    ends, offsets = sides.together(
        lambda: sides.target.bounds([one.target for one in look.topics.joined]),
        lambda: sides.source.group_offsets(wanted),
    )
    return translated, offsets, active, active_there, ends


def _of(future: Future[T], problems: list[str], otherwise: T) -> T:
    """An answer; where it could not be read, that is a problem, and the rest goes on."""
    try:
        return future.result()
    except CouldNotRead as error:
        problems.append(_said(error))
        return otherwise


def _said(error: CouldNotRun) -> str:
    return one_line(f"{error.tried}: {error.happened}")


def _partitions(
    topics: Topics,
    seen: Committed,
    bounds: Mapping[TopicPartition, Bounds | Unread],
    waiting: Mapping[TopicPartition, Any],
) -> list[PartitionSeen]:
    absent = frozenset(topics.absent)
    return [
        PartitionSeen(one, seen.positions.get(one), log, waiting[one], one not in absent)
        for one, log in bounds.items()
    ]


def _groups(
    topics: Topics,
    seen: Committed,
    bounds: Mapping[TopicPartition, Bounds | Unread],
    ends: Mapping[TopicPartition, Bounds | Unread],
    translated: GroupOffsets,
    offsets: GroupOffsets,
    active: Mapping[str, bool],
    active_there: Mapping[str, bool],
    places: ResumePoints,
) -> list[GroupSeen]:
    remote = {one.source: one.target for one in topics.joined}
    found = []
    for group, committed in offsets.items():
        there = translated.get(group, {})
        unread = next((answer.reason for answer in (committed, there) if isinstance(answer, Unread)), None)
        own: list[OffsetSeen] = []
        if not isinstance(committed, Unread) and not isinstance(there, Unread):
            own = [
                OffsetSeen(
                    one,
                    offset,
                    there.get(copy),
                    seen.positions.get(one),
                    bounds[one],
                    ends[copy],
                    seen.starts.get(one),
                    places.resumes_at(one, there.get(copy)),
                )
                for one, offset in committed.items()
                if (copy := remote.get(one)) is not None
            ]
        found.append(GroupSeen(group, own, active.get(group, False), active_there.get(group, False), unread))
    return found


def _faults(look: Look, resource: Mapping[str, Any]) -> tuple[tuple[tuple[str, str], ...], str]:
    """What keeps the connectors from running, and what runs."""
    result = connectors_running.judge(
        resource,
        look.names,
        topics_match=bool(look.topics.matched),
        declared_state=look.settings.mirror.state,
    )
    faults = tuple((f"{one.subject}: {one.message}", one.remedy) for one in result.findings)
    return faults, result.summary
