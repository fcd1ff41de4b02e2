"""One run over the partitions of a mirror: reads positions, marks and logs, judges, and writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import Any

from confluent_kafka import IsolationLevel

from manifests.strimzi.moved import moved_of
from mirror.audit.blocks import LogPair
from mirror.audit.make_cut import read_positions
from mirror.audit.rules import AuditRules, cleaning
from mirror.clients.answers import bounds_of
from mirror.clients.records import TopicPartition, Unread
from mirror.clients.topics import Topics, read_topics
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.promoted_ends.journal_entries import (
    KEY,
    STEP,
    recorded_ends,
    recorded_ends_of_parts,
    resumed_at,
)
from mirror.cutover.recovery.at_once import at_once
from mirror.cutover.recovery.choices import RecoveryOptions, parcel
from mirror.cutover.recovery.marks import mark_of, of_this_log, read_marks
from mirror.cutover.recovery.read_twice import counter, groups_of
from mirror.cutover.recovery.report import Written
from mirror.cutover.recovery.same_log import compared, seconds_since
from mirror.cutover.recovery.scan import Extent, Scanned, behind_last_copy, behind_late_copies, scan
from mirror.cutover.recovery.source_log import began, created_again, deleted, log_of
from mirror.cutover.recovery.source_records import SourceRecords
from mirror.cutover.recovery.topics import create, largest_batch, largest_record, quarantine
from mirror.cutover.recovery.write import Marks, Writer
from mirror.cutover.step import World
from mirror.mm2.phase import promoted_since
from mirror.problems import CouldNotRun
from mirror.text.names import few
from mirror.verify.baseline import Baseline
from mirror.verify.reading.look import Look
from mirror.verify.reading.source_state import baseline


class Recovery:
    """One run over a mirror's partitions. Its calls raise CouldNotRun."""

    def __init__(
        self, world: World, options: RecoveryOptions, stack: ExitStack, say: Callable[[str], None]
    ) -> None:
        # numba needs a second to load; other commands do not need it.
        from mirror.audit.native import NativeLog

        self.notes: list[str] = []
        self._world, self._options, self._stack, self._say = world, options, stack, say
        sides = world.sides()
        self._chosen = options.chosen(read_topics(world.settings, sides))
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
        own, reader = self.marks, sides.target_reader
        marks = read_marks(sides.target, reader, offsets.name, offsets.partitions, own.connector, own.alias)
        ends = self.recorded_ends
        if not self._journal.kept(STEP, KEY):
            self.notes.append("the target's ends at the promotion are not recorded: found by content")
        copies = {one.source: one.target for one in chosen.joined}
        partitions = [*copies, *chosen.absent]
        ids, then = self._ids(sorted({one.topic for one in partitions})), self._baseline()
        target = sides.target.bounds(copies.values())
        high = sides.source.bounds(partitions, IsolationLevel.READ_UNCOMMITTED)
        stable = sides.source.bounds(partitions)
        marks, restored = of_this_log(marks, high, sides.readers_of_little()[0])
        self.notes += restored
        found = []
        for one in sorted(partitions):
            copy = copies.get(one)
            log, end, unread = log_of(stable[one], high[one])
            mirrored = max(positions.get(one, -1), starts.get(one, -1))
            topic_id = ids.get(one.topic, "")
            mark = mark_of(marks, one, topic_id)
            found.append(
                Extent(
                    one,
                    copy,
                    mirrored,
                    mark.offset,
                    log,
                    end,
                    bounds_of(copy, target[copy]) if copy else None,
                    ends.get(copy) if copy else None,
                    mark.to_topic,
                    topic_id,
                    "" if unread else created_again(one, ids, then, mirrored, end),
                    began(one, then),
                    unread,
                )
            )
        if then and (gone := deleted(world.settings, then, chosen.topics.matched)):
            self.notes.append(f"deleted on the source since the first deployment: {few(gone)}")
        if lacking := [str(one) for one in chosen.absent if one in positions]:
            self.notes.append(
                f"{few(lacking)}: MM2 has mirrored it, and the target has no copy any more; records up to "
                "MM2's position were not looked at"
            )
        begun = [one for one in positions if positions[one] > starts.get(one, -1)]
        found, notes = compared(world, found, begun, self._logs, self._offset_at)
        self.notes += notes
        return found

    def scan(self, extents: list[Extent]) -> list[Scanned]:
        """Judge all partitions."""
        topics = {one.source.topic: one.target.topic for one in self._chosen.joined}
        sides, exactly_once = self._world.sides(), self._world.settings.mirror.exactly_once
        configs = sides.target.topic_configs(topics.values())

        def rules(topic: str) -> AuditRules:
            copy = topics.get(topic)
            there = cleaning(configs.get(copy)) if copy else cleaning(None)
            return AuditRules(target=there, exactly_once=exactly_once)

        age = seconds_since(promoted_since(self._world.resource()))
        return scan(extents, self._logs, rules, self._offset_at, lanes=self._options.lanes, age=age)

    def writer(self) -> Writer:
        """Log in to the target as the one who writes."""
        topics, names, sides = self._chosen.topics, self._world.names, self._world.sides()
        copies = [*topics.matched.values(), *map(quarantine, topics.matched.values())]
        there = sides.target.topic_configs(name for name in copies if name in topics.target)
        # The quarantine topic of one that the target lacks gets the limit of the source's topic.
        here = sides.source.topic_configs({one.topic for one in self._chosen.absent})
        batch = largest_batch([*here.values(), *there.values()])
        # Within the prefix that the mirror's user may use for its own transactions.
        own, where = f"{names.group_id}-recover", self._world.settings.target.alias
        return Writer(self._target_config(), where, own, self.marks, batch)

    def write(self, writer: Writer, scanned: list[Scanned]) -> list[Written]:
        """Write all missing records, partition by partition."""
        topics = self._chosen.topics
        judged = [one for one in scanned if one.judgement and len(one.judgement.missing)]
        parcels = [parcel(one, self._options, topics.matched) for one in judged]
        held_in = {one.quarantine: one.source.topic for one in parcels if len(one.quarantined)}
        wanted = {name: topics.source[topic].partitions for name, topic in held_in.items()}
        configs = self._world.sides().source.topic_configs(held_in.values())
        largest = {name: size for name in wanted if (size := largest_record(configs.get(held_in[name])))}
        there = self._world.sides().target.topic_configs(name for name in wanted if name in topics.target)
        create(self._target_config(), self._world.settings.target.alias, topics, wanted, largest, there)
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
        parts, found = moved_of(self._world.resource()), self.with_ends(extents)
        return groups_of(
            self._world,
            topics,
            found,
            moved,
            counter(self._logs.source),
            counter(self._logs.target),
            parts,
            resumed_at(self._journal),
        )

    def with_ends(self, extents: list[Extent], *, confirmed: bool = False) -> list[Extent]:
        """Find the target's end at the promotion by content where it is not recorded. `confirmed`: also where
        it is, because MM2 may have written a last transaction after a promotion that could not wait for it. A
        part was drained before its promotion, so exactly-once nothing followed its end.
        """
        drained = recorded_ends_of_parts(self._journal) if self._world.settings.mirror.exactly_once else {}

        def ended(one: Extent) -> Extent:
            return replace(one, promoted=self._promoted(one, confirmed and one.target not in drained))

        return at_once(ended, extents)

    @property
    def logs(self) -> LogPair:
        """The native readers of both sides; the stack closes them."""
        return self._logs

    @property
    def recorded_ends(self) -> dict[TopicPartition, int]:
        """The target's ends at the promotion, of the copies of which they are recorded."""
        return recorded_ends(self._journal)

    @property
    def topics(self) -> Topics:
        """The topics of both clusters."""
        return self._chosen.topics

    def _promoted(self, extent: Extent, confirmed: bool) -> int | None:
        if extent.anew or extent.uncompared or (extent.promoted is not None and not confirmed):
            return extent.promoted
        if extent.promoted is not None:
            return behind_late_copies(extent, self._logs)
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
        return {**access.trust_config(), **login}

    def _ids(self, topics: list[str]) -> dict[str, str]:
        found = self._world.sides().source.topic_ids(topics)
        if unread := [name for name, one in found.items() if isinstance(one, Unread)]:
            self.notes.append(f"whether these topics were created again is not known: {few(unread)}")
        return {name: one for name, one in found.items() if isinstance(one, str)}

    def _baseline(self) -> Baseline | None:
        try:
            return baseline(Look(self._world.session, ()))
        except CouldNotRun as error:
            self.notes.append(
                f"topics that were created again are recognised by their ends only: {error.happened}"
            )
            return None
