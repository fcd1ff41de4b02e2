"""Reads a snapshot: a dozen bulk requests, and two more for each thousand partitions.

    topics of both sides, groups, and which of them are active      one request a broker
    D: the groups' offsets on the target | P: MM2's committed source positions
    C: the groups' offsets on the source | the source's logs after P | the target's ends after D

The parts of a line are read in parallel. The order of the lines makes errors safe: the reported lag may be
too high and the reported group offsets too low, never the reverse.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.clients.retention import retention_ms
from mirror.clients.topics import Topics
from mirror.mm2.store import OffsetSyncStore
from mirror.problems import CouldNotRead, CouldNotRun
from mirror.status.reading_groups import GroupAnswers, joined_groups, read_groups
from mirror.status.resuming import ResumePoints, read_resume_points
from mirror.status.snapshot import PartitionSeen, Retention, Snapshot, Waiting
from mirror.status.waits import Waits, without_reading
from mirror.text.failures import reason_of
from mirror.text.names import few
from mirror.verify.checks import connectors_running
from mirror.verify.reading import parts
from mirror.verify.reading.held_back import held_back
from mirror.verify.reading.look import Look, Session
from mirror.verify.reading.parts import Committed
from mirror.verify.values.partition_lag import HeldBack
from mirror.verify.values.source_partition import SeenAfterPosition, first_unmirrored
from settings import filters
from settings.model import Settings

# Retention changes rarely, and the response is large.
RETENTION_SECONDS = 300.0
# A glance is for groups as well, because it may log in for the look that follows.
_FOR = (read_groups,)
T = TypeVar("T")


class SnapshotReader:
    """Reads snapshots of one mirror through the same connections: its own, or those of `session`."""

    def __init__(
        self, settings: Settings, root: Path, stack: ExitStack, session: Session | None = None
    ) -> None:
        self._session = session or Session(settings, root, stack)
        self._pool = stack.enter_context(ThreadPoolExecutor(max_workers=6, thread_name_prefix="status"))
        self._waits: Waits | None = None
        self._retention: dict[str, Retention] = {}
        self._retention_at = float("-inf")
        self._held: dict[TopicPartition, HeldBack] = {}

    def glance(self) -> Snapshot:
        """Read only positions and log bounds, for rates. Raises CouldNotRun."""
        look, began = Look(self._session, _FOR), time.monotonic()
        seen = look.of(parts.committed)
        bounds = look.sides.source.bounds(look.topics.partitions)
        waiting = without_reading(bounds, seen.positions)
        known = self._session.memory.seen_after
        return self._snapshot(look, began, seen, partitions_seen(look.topics, seen, bounds, waiting, known))

    def look(self) -> Snapshot:
        """Read everything. Raises CouldNotRun if a cluster or the KafkaMirrorMaker2 cannot be reached."""
        look, began = Look(self._session, _FOR), time.monotonic()
        topics, problems = look.topics, list[str]()
        groups = self._pool.submit(lambda: look.of(read_groups))
        resource = self._pool.submit(lambda: look.resource)
        retention = self._pool.submit(lambda: self._read_retention(look))
        held = self._pool.submit(lambda: held_back(look))
        try:
            seen = look.of(parts.committed)
        except CouldNotRead as error:
            seen = Committed({}, at=time.time())
            problems.append(reason_of(error))
        positions_read = not problems
        problems += vanished(look, seen)
        bounds = look.sides.source.bounds(topics.partitions)
        self._held = _of(held, problems, self._held)
        waits = self._waits = self._waits or Waits(look.sides.source_reader)
        waiting = waits.read(bounds, seen.positions) if positions_read else without_reading(bounds, {})
        known = self._session.memory.seen_after
        partitions = (
            partitions_seen(topics, seen, bounds, waiting, known, self._held) if positions_read else []
        )
        answers = _of(groups, problems, GroupAnswers())
        kept = _of(retention, problems, self._retention)
        points = read_resume_points(look) if answers.committed else ResumePoints(OffsetSyncStore())
        seen_groups = joined_groups(
            topics, seen, bounds, answers, points, look.sides.source_reader, positions_read=positions_read
        )
        try:
            resource.result()
            faults, connectors = _faults(look)
        except CouldNotRun as error:  # the Kafka part is complete without Kubernetes
            faults, connectors = (), "unknown"
            problems.append(reason_of(error))
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


def vanished(look: Look, seen: Committed) -> list[str]:
    """What is wrong where no topic matches: a mirror that has mirrored some is not empty. A user that lost
    its permissions sees no topic, and a broker says nothing about it.
    """
    mirrored = {one.topic for one in seen.positions if filters.mirrored(look.settings, one.topic)}
    mirrored -= look.topics.own
    if not look.topics.nothing_of_clients or not mirrored:
        return []
    return [
        f"no source topic matches the mirror's patterns, but MM2 has mirrored {few(sorted(mirrored))}: "
        f"{'it was' if len(mirrored) == 1 else 'they were'} deleted, or the source user may not Describe "
        f"{'it' if len(mirrored) == 1 else 'them'} any more"
    ]


def retention(config: Mapping[str, str]) -> Retention:
    """Return a topic's retention from its configuration."""
    return Retention(retention_ms(config))


def _of(future: Future[T], problems: list[str], otherwise: T) -> T:
    """Return the result, or `otherwise` after adding the reason of the failure to `problems`."""
    try:
        return future.result()
    except CouldNotRead as error:
        problems.append(reason_of(error))
        return otherwise


def partitions_seen(
    topics: Topics,
    seen: Committed,
    bounds: Mapping[TopicPartition, Bounds | Unread],
    waiting: Mapping[TopicPartition, Waiting | Unread],
    known: SeenAfterPosition,
    held: Mapping[TopicPartition, HeldBack] = MappingProxyType({}),
) -> list[PartitionSeen]:
    """Return the partitions of one look, with what earlier ones saw of each; `known` gets what this one saw.

    `bounds`: the source's logs. `held`: partitions that an open transaction holds back.
    """
    absent = frozenset(topics.absent)
    found = []
    for one, log in bounds.items():
        position, waits = seen.positions.get(one), waiting[one]
        if isinstance(log, Bounds) and isinstance(waits, Waiting) and waits.exact and not waits.records:
            known.saw(one, first_unmirrored(position, log), log.end)
        # Records that this look sees are still there: they tell the next looks. Of what was not read, `first`
        # is an offset only, perhaps a marker's.
        first = 0 if position is None else position + 1
        seen_record = known.record(one, first)
        if isinstance(waits, Waiting) and waits.first is not None and waits.oldest is not None:
            known.saw_record(one, first, waits.first)
        no_record = None if position is None else known.before(one, position + 1)
        found.append(
            PartitionSeen(
                one,
                position,
                log,
                waits,
                one not in absent,
                no_record,
                seen_record,
                seen.starts.get(one),
                held[one].offsets if one in held and held[one].too_long else 0,
            )
        )
    return found


def _faults(look: Look) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return message and remedy of each connector or task that is not running, and a summary."""
    result = connectors_running.of(look)
    faults = tuple((f"{one.subject}: {one.message}", one.remedy) for one in result.findings)
    return faults, result.summary
