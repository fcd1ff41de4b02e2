"""Reads everything that a failover needs from the target, and nothing from the source."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from confluent_kafka import IsolationLevel

from mirror.clients.cluster import Cluster
from mirror.clients.group_offsets import consumed, offsets_of
from mirror.clients.newest_records import newest_records
from mirror.clients.reader import Reader
from mirror.clients.records import Bounds, Record, Topic, TopicPartition, Unread, Window
from mirror.clients.stretches import Stretch
from mirror.cutover.failover.loss import Mirrored
from mirror.cutover.failover.placement import Commit, Known, TargetSeen, tail_needed
from mirror.last_look.record import LastLook
from mirror.mm2.formats import CheckpointKey
from mirror.mm2.positions import Positions
from mirror.mm2.store import OffsetSyncStore
from mirror.mm2.topics import Checkpoints, Dated, OffsetSyncs
from mirror.problems import CouldNotRead
from settings import filters
from settings.model import Settings
from settings.names import Names, copy_of

LONGEST_TAIL = 20_000
"""Records that are read at the end of a partition at most, to place a group there."""
CLOCKS_SECONDS = 30.0
"""By which the clocks of MM2's workers and of who took the last look may differ."""
_MARKERS = 64
"""Offsets that are read beyond the wanted records: markers of MM2's transactions take offsets, too."""


@dataclass(frozen=True, slots=True)
class TargetRead:
    """One reading of the target. `began`: on the monotonic clock. `stable` and `ends`: by copy.
    `checkpoints_unread`: why MM2's checkpoints or offset syncs could not be read."""

    began: float
    mirrored: Mapping[TopicPartition, Mirrored]
    stable: Mapping[TopicPartition, Bounds | Unread]
    ends: Mapping[TopicPartition, Bounds | Unread]
    known: Known
    checkpoints_unread: str = ""
    unread: tuple[str, ...] = field(default_factory=tuple)


class TargetReader:
    """The target's connections, as the verifier; opened by the first reading."""

    def __init__(self, settings: Settings, stack: ExitStack, cluster: Cluster, reader: Reader) -> None:
        self._settings = settings
        self._names = Names.of(settings)
        self.cluster = cluster
        self._reader = reader
        self._positions: Positions | None = None
        self._checkpoints = Checkpoints(cluster, reader, self._names.checkpoints_topic)
        self._syncs = OffsetSyncs(cluster, reader, self._names.offset_syncs_topic)
        self._pool = stack.enter_context(ThreadPoolExecutor(max_workers=6, thread_name_prefix="target"))

    def read(
        self, look: LastLook | None, left_out: frozenset[str], *, unread_accepted: bool = False
    ) -> TargetRead:
        """Read everything once. Raises CouldNotRun where the target does not answer."""
        began = time.monotonic()
        topics = self.cluster.topics()
        bookkeeping = self._pool.submit(lambda: self._read_bookkeeping(topics))
        positions = self._read_positions(topics)
        copies = self._copies(topics, positions, look)
        ends = self._pool.submit(
            lambda: self.cluster.bounds(copies.values(), IsolationLevel.READ_UNCOMMITTED)
        )
        checkpoints, syncs, unread = bookkeeping.result()
        commits = known_commits(look, checkpoints, {copy: one for one, copy in copies.items()}, syncs)
        groups = sorted(
            group
            for group in {*commits, *(look.groups if look else ())} - left_out
            if filters.group_matches(self._settings.mirror, group)
        )
        current = self._pool.submit(lambda: self.cluster.group_commits(groups))
        members = self._pool.submit(lambda: self.cluster.members(groups))
        seen = current.result()
        # After the groups' offsets: no offset may be past an end that was read before it.
        stable = self.cluster.bounds(copies.values())
        newest = newest_records(
            self._reader, {one: log for one, log in stable.items() if isinstance(log, Bounds)}
        )
        starts = self._positions.starts if self._positions is not None else {}
        dropped = (name for name, one in (look.groups if look else {}).items() if one.dropped)
        known = Known(
            commits,
            offsets_of(seen),
            {
                one: TargetSeen(one, stable[copy], positions.get(one), start=starts.get(one))
                for one, copy in copies.items()
            },
            syncs,
            members.result(),
            self._copy_of,
            self._settings.mirror.exactly_once,
            frozenset(dropped),
            consumed(seen),
            left_out,
            unread_accepted,
        )
        return TargetRead(
            began,
            {
                one: Mirrored(copy, positions.get(one), _record(newest.get(copy)))
                for one, copy in copies.items()
            },
            stable,
            ends.result(),
            self._with_tails(known),
            unread,
            tuple(f"{one}: {log.reason}" for one, log in ends.result().items() if isinstance(log, Unread)),
        )

    def checkpoints(self) -> Mapping[CheckpointKey, Dated]:
        """Return MM2's checkpoints now. Raises CouldNotRead."""
        return self._checkpoints.read()

    def _copy_of(self, one: TopicPartition) -> TopicPartition:
        return TopicPartition(copy_of(self._settings, one.topic), one.partition)

    def _copies(
        self,
        topics: Mapping[str, Topic],
        positions: Mapping[TopicPartition, int],
        look: LastLook | None,
    ) -> dict[TopicPartition, TopicPartition]:
        """Return every source partition that MM2 or the last look knows, and that has a copy."""
        every = sorted({*positions, *(look.partitions if look else ())})
        copies = {one: self._copy_of(one) for one in every if filters.mirrored(self._settings, one.topic)}
        return {
            one: copy
            for one, copy in copies.items()
            if copy.topic in topics and copy.partition < topics[copy.topic].partitions
        }

    def _read_positions(self, topics: Mapping[str, Topic]) -> dict[TopicPartition, int]:
        topic = topics.get(self._names.offsets_topic)
        if topic is None:
            raise CouldNotRead(
                f"reading MM2's committed source positions on {self.cluster.alias}",
                f"there is no topic {self._names.offsets_topic}",
                "check that this mirror has ever run there",
            )
        if self._positions is None:
            self._positions = Positions(
                self.cluster,
                self._reader,
                self._names.offsets_topic,
                topic.partitions,
                self._names.source_connector,
                self._settings.source.alias,
            )
        return self._positions.read()

    def _read_bookkeeping(
        self, topics: Mapping[str, Topic]
    ) -> tuple[Mapping[CheckpointKey, Dated], OffsetSyncStore, str]:
        """Read what there is: with the offset syncs on the source, groups are placed by the rest."""
        reasons = []
        checkpoints: Mapping[CheckpointKey, Dated] = {}
        syncs = OffsetSyncStore()
        try:
            if self._names.checkpoints_topic in topics:
                checkpoints = self._checkpoints.read()
            if self._settings.mirror.offset_syncs_topic_location == "source":
                reasons.append("MM2's offset syncs are on the source")
            elif self._names.offset_syncs_topic in topics:
                syncs = self._syncs.read()
        except CouldNotRead as error:
            reasons.append(f"{error.tried}: {error.happened}")
        return checkpoints, syncs, "; ".join(reasons)

    def _with_tails(self, known: Known) -> Known:
        """Read the last records of partitions where they place a group."""
        stretches = {}
        for one, count in tail_needed(known).items():
            log = known.partitions[one].bounds
            if isinstance(log, Bounds) and count <= LONGEST_TAIL:
                start = max(log.start, log.end - 2 * count - _MARKERS)
                stretches[one] = Stretch(self._copy_of(one), start, log.end)
        windows = self._reader.records(stretches.values())
        partitions = dict(known.partitions)
        for one, stretch in stretches.items():
            window = next(iter(windows.get(stretch.partition, ())), None)
            if isinstance(window, Window):
                seen = partitions[one]
                log = seen.bounds
                whole = isinstance(log, Bounds) and stretch.start <= log.start
                offsets = tuple(record.offset for record in window.records)
                partitions[one] = replace(seen, tail=offsets, whole_tail=whole)
        return replace(known, partitions=partitions)


def known_commits(
    look: LastLook | None,
    checkpoints: Mapping[CheckpointKey, Dated],
    sources: Mapping[TopicPartition, TopicPartition],
    syncs: OffsetSyncStore,
) -> dict[str, dict[TopicPartition, Commit]]:
    """Join what the last look and MM2's checkpoints know of each group; the newer commit counts. `sources`:
    source partitions by their copies.

    A translation belongs to the commit that it was made from, so an older one only counts if the group has
    not gone back since. One past what the offset syncs allow is of an earlier copy: MM2 writes no checkpoint
    that is lower than the last one (`checkpointIsMoreRecent`), also where the topic was copied anew.
    The two are dated by different machines: which of two within CLOCKS_SECONDS is newer is not known.
    """
    found: dict[str, dict[TopicPartition, Commit]] = {}
    for group, seen in (look.groups if look else {}).items():
        at = look.at if look else 0.0
        found[group] = {
            one: Commit(offset.committed, at, rested=seen.rested) for one, offset in seen.offsets.items()
        }
    for key, dated in checkpoints.items():
        one = sources.get(key.partition)
        if one is None:
            continue
        of_group = found.setdefault(key.group, {})
        there, made = of_group.get(one), dated.checkpoint
        bound = syncs.at_most(one, made.upstream)
        translated = made.downstream if bound is None or made.downstream <= bound else None
        furthest = made.upstream
        if there is not None and dated.at < there.at + CLOCKS_SECONDS:
            old = dated.at < there.at - CLOCKS_SECONDS
            furthest = there.offset if old else max(there.offset, made.upstream)
        if there is None or dated.at > there.at:
            rested = there is not None and there.rested and there.offset == made.upstream
            of_group[one] = Commit(made.upstream, dated.at, translated, rested, furthest, made.metadata)
        elif made.upstream <= there.offset:
            of_group[one] = there._replace(translated=translated, furthest=furthest, metadata=made.metadata)
        else:  # the group has gone back since: neither belongs to where it is now
            of_group[one] = there._replace(furthest=furthest)
    return found


def _record(found: Record | Unread | None) -> Record | None:
    return found if isinstance(found, Record) else None
