"""Looks at MM2's checkpoints and offset syncs of one mirror, and waits for checkpoints that look overdue."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import replace

from manifests.strimzi.connectors import checkpoint_connector_config
from mirror.clients.cluster import Cluster
from mirror.clients.records import Unread
from mirror.clients.sides import Sides
from mirror.clients.topics import Topics
from mirror.mm2.expected import Expected, expected, patience
from mirror.mm2.topics import Checkpoints, OffsetSyncs
from mirror.problems import CouldNotRead
from mirror.text.waiting import Clock
from mirror.verify.values.group_partition import GroupPartition, UnwrittenCheckpoints
from settings.model import Settings
from settings.names import Names

PAUSE_SECONDS = 1.0
REFRESH_AT_MOST = 120.0
"""A look must not wait for MM2's own default of ten minutes."""


def bookkeeping(settings: Settings, sides: Sides, topics: Topics) -> tuple[Checkpoints, OffsetSyncs]:
    """Raises CouldNotRead for a topic that is not there, or hidden."""
    names = Names.of(settings)
    on_source = settings.mirror.offset_syncs_topic_location == "source"
    syncs_side, syncs_reader = (
        (sides.source, sides.source_reader) if on_source else (sides.target, sides.target_reader)
    )
    for name, side, there in (
        (names.checkpoints_topic, sides.target, topics.target),
        (names.offset_syncs_topic, syncs_side, topics.source if on_source else topics.target),
    ):
        if name not in there:
            raise CouldNotRead(
                f"looking for topic {name} on {side.access.describe()}",
                "it is not there, or the user may not Describe it",
                "deploy again, which gives the right; MM2 makes the topic when its connectors start",
            )
    return (
        Checkpoints(sides.target, sides.target_reader, names.checkpoints_topic),
        OffsetSyncs(syncs_side, syncs_reader, names.offset_syncs_topic),
    )


def with_expectations(
    found: Sequence[GroupPartition],
    checkpoints: Checkpoints,
    syncs: OffsetSyncs,
    emit_interval_seconds: float,
    clock: Clock = time,
    untranslated: Collection[str] = (),
    refresh_interval_seconds: float = 0.0,
) -> list[GroupPartition]:
    """What MM2 has and will have translated, beside what is; raises CouldNotRead. `untranslated`: groups of a
    type that MM2 leaves out, for which it writes nothing.

    Where a checkpoint looks overdue, this waits as long as one may take: only then is it known that none
    comes. A group that was gone from the source and came back is known to MM2 from its next refresh of groups
    on (`MirrorCheckpointConnector.refreshConsumerGroups`), which is waited for as well. Meanwhile the next
    offset sync may push out the one that the group is at: then MM2 has none to write any more.
    """
    limit = patience(emit_interval_seconds)
    seen = expectations(found, checkpoints, syncs, clock, untranslated)
    late = {(one.group, one.partition): one for one in seen if _looks_overdue(one, limit)}
    if not late:
        return seen
    began, longest = clock.monotonic(), limit + min(refresh_interval_seconds, REFRESH_AT_MOST)
    while late and clock.monotonic() - began < longest:
        clock.sleep(PAUSE_SECONDS)
        for one in expectations(list(late.values()), checkpoints, syncs, clock):
            before = late[one.group, one.partition].mm2
            if not (before and one.mm2 and one.mm2.emits and one.mm2.checkpoint == before.checkpoint):
                del late[one.group, one.partition]
    waited = clock.monotonic() - began
    return [replace(one, overdue=waited) if (one.group, one.partition) in late else one for one in seen]


def writes_group_offsets(settings: Settings) -> bool:
    """Whether MM2 writes what it translates into the groups on the target."""
    return checkpoint_connector_config(settings)["sync.group.offsets.enabled"].lower() == "true"


def with_unwritten(
    found: Sequence[GroupPartition],
    known: UnwrittenCheckpoints,
    target: Cluster,
    sync_interval_seconds: float,
    clock: Clock = time,
) -> list[GroupPartition]:
    """Mark those whose checkpoints MM2 does not write into the group on the target for longer than it may
    take, and not while this waits either. It writes into idle groups only. Raises CouldNotRead.
    """
    limit = patience(sync_interval_seconds)
    seconds = known.look(found, clock.time())
    late = {
        (one.group, one.partition): one for one in found if seconds.get((one.group, one.partition), 0) > limit
    }
    began = clock.monotonic()
    while late:
        groups = sorted({group for group, _ in late})
        members, offsets = target.members(groups), target.group_offsets(groups)
        for key, one in list(late.items()):
            there = offsets[one.group]
            now = None if isinstance(there, Unread) else there.get(one.remote)
            if members[one.group] != 0 or now != one.translated:
                del late[key]
            if members[one.group] != 0 and not isinstance(members[one.group], Unread):
                known.active(one, clock.time())
        if not late or clock.monotonic() - began >= min(limit, REFRESH_AT_MOST):
            break
        clock.sleep(PAUSE_SECONDS)
    return [
        replace(one, overdue=seconds[one.group, one.partition]) if (one.group, one.partition) in late else one
        for one in found
    ]


def _looks_overdue(one: GroupPartition, limit: float) -> bool:
    """Not where the group has on the target what MM2 would translate its offset to. After a restart MM2 takes
    checkpoints of aborted transactions for written, too (`MirrorConnectorConfig.targetConsumerConfig`, 4.3.1,
    sets no isolation level): it sets the group's offset by them, and does not write them again.
    """
    if one.mm2 is None or not one.mm2.overdue(limit):
        return False
    return one.translated is None or one.mm2.next is None or one.translated < one.mm2.next


def expectations(
    found: Sequence[GroupPartition],
    checkpoints: Checkpoints,
    syncs: OffsetSyncs,
    clock: Clock = time,
    untranslated: Collection[str] = (),
) -> list[GroupPartition]:
    """The same without waiting for anything."""
    known, store, now = checkpoints.read(), syncs.read(), clock.time()
    return [
        replace(
            one,
            mm2=Expected.nothing(one.committed)
            if one.group in untranslated
            else expected(
                one.group,
                one.partition,
                one.remote,
                one.committed,
                checkpoints=known,
                syncs=store,
                now=now,
            ),
        )
        for one in found
    ]
