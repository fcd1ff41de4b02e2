"""Recovers one mirror: refuses where it could do harm, finds the missing records, writes them if asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
from confluent_kafka import IsolationLevel

from mirror.audit.blocks import LogPair
from mirror.audit.make_cut import read_positions
from mirror.audit.rules import AuditRules, cleaning
from mirror.audit.selection import WHOLE, ChosenPartitions, choose
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.clients.topics import Topics
from mirror.cutover import promoted_ends
from mirror.cutover.all_steps import steps_of
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.recovery.marks import Mark, read_marks
from mirror.cutover.recovery.read_twice import counter, groups_of
from mirror.cutover.recovery.report import RecoveryReport, Written
from mirror.cutover.recovery.scan import Extent, Scanned, behind_last_copy, scan
from mirror.cutover.recovery.topics import create, quarantine
from mirror.cutover.recovery.write import Marks, Parcel, SourceRecords, Writer
from mirror.cutover.step import World
from mirror.cutover.steps import promote
from mirror.mm2.phase import REPLICATE, phase_of, promoted_since
from mirror.problems import CouldNotRead, CouldNotRun
from mirror.text.names import few
from mirror.verify.baseline import Baseline
from mirror.verify.reading.look import Look
from mirror.verify.reading.source_state import baseline
from settings import filters

To = Literal["quarantine", "topic"]


@dataclass(frozen=True, slots=True)
class RecoveryOptions:
    """What to look at, and whether to write."""

    topics: tuple[str, ...] = ()
    """Names on the source; empty: all mirrored topics."""
    write: bool = False
    to: To = "quarantine"
    conflicts_to: To = "quarantine"
    lanes: int = 2
    groups: bool = True
    target_login: Mapping[str, Any] | None = None
    """librdkafka properties for writing on the target, instead of the mirror's user."""


def refuse_running(world: World) -> str:
    """Return when the mirror was promoted. Raises CouldNotRun where MM2 may still copy records: it could
    write to the target what a recovery has written.
    """
    resource, name = world.resource(), world.settings.mirror.name
    tried = f"recovering records that mirror {name} has not copied"
    if phase_of(resource) == REPLICATE:
        raise CouldNotRun(
            tried,
            "the mirror was not promoted, so MM2 copies them itself once the source is back",
            f"let it run (`region-mirror status` shows the lag), or move to {world.settings.target.alias} "
            "first: `region-mirror cutover`, or `region-mirror failover` without the source",
        )
    verdict = promote.judge(world, resource)
    if verdict.state in ("waiting", "blocked"):
        raise CouldNotRun(
            tried,
            f"the mirror is promoted, but MM2 may still run: {verdict.text}",
            verdict.remedy or "wait until Strimzi has stopped both connectors, then run the command again",
        )
    return promoted_since(resource) or ""


def fence_of(world: World) -> tuple[bool, str]:
    """Return whether the source is fenced, and what was seen. A fence that cannot be judged is none."""
    step = next(one for one in steps_of(world.settings) if one.name == "fence")
    try:
        verdict = step.look(world)
    except CouldNotRun as error:
        return False, f"not known: {error.tried}: {error.happened}"
    fenced = verdict.state == "done" and world.settings.fence != "manual"
    return fenced, verdict.text


def recover(
    world: World, options: RecoveryOptions, say: Callable[[str], None] = lambda _: None
) -> RecoveryReport:
    """Find the missing records, and write them if `options.write`. Raises CouldNotRun."""
    began = time.monotonic()
    promoted_at = refuse_running(world)
    fenced, fence = fence_of(world)
    with ExitStack() as stack:
        found = Recovery(world, options, stack, say)
        writer = found.writer() if options.write else None  # fences an older run before marks are read
        extents = found.extents()
        scanned = found.scan(extents)
        written = None if writer is None else found.write(writer, scanned)
        groups, notes = found.groups(extents) if options.groups else ([], [])
    settings = world.settings
    return RecoveryReport(
        settings.mirror.name,
        settings.source.alias,
        settings.target.alias,
        datetime.now(UTC).isoformat(timespec="seconds"),
        promoted_at,
        fence,
        fenced,
        tuple(scanned),
        tuple(groups),
        written,
        time.monotonic() - began,
        notes=(*found.notes, *notes),
    )


class Recovery:
    """One run over a mirror's partitions. Its calls raise CouldNotRun."""

    def __init__(
        self, world: World, options: RecoveryOptions, stack: ExitStack, say: Callable[[str], None]
    ) -> None:
        # numba needs a second to load; other commands do not need it.
        from mirror.audit.native import NativeLog

        self.notes: list[str] = []
        self._world, self._options, self._stack, self._say = world, options, stack, say
        # The topics that the checks of `verify` read as well, once for this run.
        self._look = Look(world.session, ())
        sides = world.sides()
        self._chosen: ChosenPartitions = choose(self._look.topics, options.topics, WHOLE)
        self._logs = LogPair(
            stack.enter_context(NativeLog(sides.source.access, say)),
            stack.enter_context(NativeLog(sides.target.access, say)),
        )
        self._journal = ConfigMapJournal(world.target_kubernetes, world.settings)

    @property
    def marks(self) -> Marks:
        """Where the marks are written."""
        names = self._world.names
        return Marks(names.offsets_topic, names.source_connector, self._world.settings.source.alias)

    def extents(self) -> list[Extent]:
        """Read positions, marks and logs of all partitions; the source's ends last."""
        world, chosen = self._world, self._chosen
        sides, topics = world.sides(), chosen.topics
        positions, starts, _ = read_positions(world.settings, sides, topics)
        offsets = topics.target[world.names.offsets_topic]
        marks = read_marks(
            sides.target,
            sides.target_reader,
            offsets.name,
            offsets.partitions,
            self.marks.connector,
            self.marks.alias,
        )
        ends = promoted_ends.parsed(self._journal.kept(promoted_ends.STEP, promoted_ends.KEY))
        if not ends:
            self.notes.append("the target's ends at the promotion are not recorded: found by content")
        copies = {one.source: one.target for one in chosen.joined}
        partitions = [*copies, *chosen.absent]
        ids, then = self._ids(sorted({one.topic for one in partitions})), self._baseline()
        target = sides.target.bounds(copies.values())
        high = sides.source.bounds(partitions, IsolationLevel.READ_UNCOMMITTED)
        stable = sides.source.bounds(partitions)
        found = []
        for one in sorted(partitions):
            copy = copies.get(one)
            log, above = _read(one, stable[one]), _read(one, high[one])
            mirrored = max(positions.get(one, -1), starts.get(one, -1))
            topic_id = ids.get(one.topic, "")
            mark = marks.get(one)
            if mark is None or not mark.of(topic_id):
                mark = Mark(-1)
            found.append(
                Extent(
                    one,
                    copy,
                    mirrored,
                    mark.offset,
                    log,
                    above.end,
                    _read(copy, target[copy]) if copy else None,
                    ends.get(copy) if copy else None,
                    mark.to_topic,
                    topic_id,
                    created_again(one, ids, then, mirrored, above.end),
                )
            )
        if then:
            self._note_deleted(then)
        return found

    def _note_deleted(self, then: Baseline) -> None:
        there = self._chosen.topics.matched
        deleted = [
            name
            for name in sorted(then.topics)
            if name not in there and filters.mirrored(self._world.settings, name)
        ]
        if deleted:
            self.notes.append(f"deleted on the source since the first deployment: {few(deleted)}")

    def scan(self, extents: list[Extent]) -> list[Scanned]:
        """Judge all partitions."""
        topics = {one.source.topic: one.target.topic for one in self._chosen.joined}
        sides, exactly_once = self._world.sides(), self._world.settings.mirror.exactly_once
        configs = sides.target.topic_configs(topics.values())

        def rules(topic: str) -> AuditRules:
            copy = topics.get(topic)
            there = cleaning(configs.get(copy)) if copy else cleaning(None)
            return AuditRules(target=there, exactly_once=exactly_once)

        return scan(extents, self._logs, rules, self._offset_at, lanes=self._options.lanes)

    def writer(self) -> Writer:
        """Log in to the target as the one who writes."""
        config = self._target_config()
        where, names = self._world.settings.target.alias, self._world.names
        # Within the prefix that the mirror's user may use for its own transactions.
        return Writer(config, where, f"{names.group_id}-recover", self.marks)

    def write(self, writer: Writer, scanned: list[Scanned]) -> list[Written]:
        """Write all missing records, partition by partition."""
        parcels = [parcel(one, self._options) for one in scanned if one.judgement]
        parcels = [one for one in parcels if len(one.offsets)]
        topics = self._chosen.topics
        wanted = {
            one.quarantine: topics.source[one.source.topic].partitions
            for one in parcels
            if len(one.quarantined)
        }
        sources = {one.quarantine: one.source.topic for one in parcels}
        configs = self._world.sides().source.topic_configs(sources[name] for name in wanted)
        largest = {
            name: config["max.message.bytes"]
            for name in wanted
            if isinstance(config := configs.get(sources[name]), Mapping) and "max.message.bytes" in config
        }
        create(self._target_config(), self._world.settings.target.alias, topics, wanted, largest)
        found = []
        with closing(SourceRecords(self._world.sides().source.access)) as records:
            for one in parcels:
                messages = records.read(one.source, one.offsets)
                count = writer.write(one, messages, self._committed)
                held = len(one.quarantined)
                found.append(
                    Written(one.source.topic, one.source.partition, count, held, one.topic, one.quarantine)
                )
        return found

    def groups(self, extents: list[Extent]) -> tuple[list[Any], list[str]]:
        """Find the records that groups have read on both sides."""
        topics, moved = self._chosen.topics, self._journal.kept("move-groups", "offsets-before")
        found = self.with_ends(extents)
        return groups_of(
            self._world, topics, found, moved, counter(self._logs.source), counter(self._logs.target)
        )

    def with_ends(self, extents: list[Extent]) -> list[Extent]:
        """Find the target's end at the promotion by content where it is not recorded."""
        return [replace(one, promoted=self._promoted(one)) for one in extents]

    @property
    def topics(self) -> Topics:
        """The topics of both clusters."""
        return self._chosen.topics

    def _promoted(self, extent: Extent) -> int | None:
        if extent.promoted is not None or extent.anew:
            return extent.promoted
        return behind_last_copy(extent, self._logs, self._offset_at)

    def _committed(self, partition: TopicPartition, count: int) -> None:
        self._say(f"{partition}: {count:,} records recovered")

    def _offset_at(self, partition: TopicPartition, timestamp: int) -> int | None:
        return self._world.sides().target.offsets_at({partition: timestamp}).get(partition)

    def _target_config(self) -> Mapping[str, Any]:
        access = self._world.mirror_user()
        login = self._options.target_login
        if login is None:
            return access.client_config()
        base = access.client_config()
        kept = {key: base[key] for key in base if key == "bootstrap.servers" or key.startswith("ssl.ca.")}
        return {**kept, **login}

    def _ids(self, topics: list[str]) -> dict[str, str]:
        found = self._world.sides().source.topic_ids(topics)
        return {name: one for name, one in found.items() if isinstance(one, str)}

    def _baseline(self) -> Baseline | None:
        try:
            return baseline(self._look)
        except CouldNotRun as error:
            self.notes.append(
                f"topics that were created again are recognised by their ends only: {error.happened}"
            )
            return None


def _read(partition: TopicPartition, log: Bounds | Unread) -> Bounds:
    if isinstance(log, Unread):
        raise CouldNotRead(
            f"reading the ends of {partition}", log.reason, "check the brokers of both clusters"
        )
    return log


def created_again(
    partition: TopicPartition, ids: Mapping[str, str], then: Baseline | None, mirrored: int, end: int
) -> str:
    """Return why the source's offsets are not those that MM2 has mirrored; empty where they are. Pure."""
    known = then.topics.get(partition.topic) if then else None
    now = ids.get(partition.topic, "")
    if known and known.id and now and known.id != now:
        return f"topic {partition.topic} was deleted and created again on the source (its id differs)"
    if mirrored >= end:
        return f"the source's log ends at offset {end}, and MM2 has mirrored up to {mirrored}"
    return ""


def parcel(one: Scanned, options: RecoveryOptions) -> Parcel:
    """Decide where each missing record goes. Pure.

    A partition that the target does not have can only be quarantined, and so can records of a topic that was
    created again: their order among the copies is unknown.
    """
    extent, judgement = one.extent, one.judgement
    if judgement is None:
        raise ValueError("a partition without a judgement has no records to write")
    copy = extent.target.topic if extent.target else extent.source.topic
    every, none = judgement.missing, np.empty(0, np.int64)
    if options.to == "quarantine" or extent.target is None or extent.anew:
        held = every
    elif options.conflicts_to == "quarantine":
        held = every[judgement.in_conflict]
    else:
        held = none
    return Parcel(extent.source, every, held, copy, quarantine(copy), extent.topic_id, extent.to_topic)
