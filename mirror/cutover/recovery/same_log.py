"""Whether the source's log is still the one that MM2 has mirrored, and the copy the one that it wrote.

A source that was restored from a backup, or lost the end of its log, may have grown past MM2's position
since: its topic has the same id, and its end tells nothing. But the record at MM2's position is another one:

    source    a b c d e f         restored, and written again:   a b c|x y z w ...
    copy      a b c d e f | written since                                ^ MM2's position: nothing before it
                                                                           seems to be missing
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from mirror.audit.blocks import NO_PRODUCER_TIME, NULL_KEY, TOMBSTONE, LogPair, RecordBlock
from mirror.audit.columns import digests
from mirror.audit.rules import cleaning
from mirror.clients.reader import Reader
from mirror.clients.records import Record, TopicPartition, Unread, Window
from mirror.clients.stretches import Stretch
from mirror.cutover.recovery.at_once import at_once
from mirror.cutover.recovery.scan import Extent, OffsetAt, behind_last_copy, last_mirrored
from mirror.cutover.step import World
from mirror.mm2.phase import promoted_since

_NEAR = (8, 64)
"""Offsets before the end of the copies in which the last one usually is: few first, more where it is not."""
_TOGETHER = 1_000
"""Partitions that are read at the same time: each reading has a time limit."""


class Cleaner(NamedTuple):
    """What the log cleaner may have done to the target's topic since the promotion."""

    compacts: bool
    took_tombstones: bool
    """A client may have deleted any key, and the cleaner its tombstone as well (`delete.retention.ms`)."""


def seconds_since(moment: str | None) -> float | None:
    """Return how long ago that was; None where it is not known."""
    try:
        return time.time() - datetime.fromisoformat(moment or "").timestamp()
    except ValueError:
        return None


def compared(
    world: World, extents: Sequence[Extent], begun: Collection[TopicPartition], logs: LogPair, at: OffsetAt
) -> tuple[list[Extent], list[str]]:
    """Return the extents, with `anew` where another log has taken the place of the mirrored one and
    `uncompared` where that could not be read, and notes about what nobody can compare. `begun`: partitions of
    which MM2 has mirrored a record. Raises CouldNotRun.
    """
    if "transforms" in world.settings.mirror.config.source_connector:
        return list(extents), ["records are transformed, so nobody can tell whether the source was restored"]
    asked = [one for one in extents if one.source in begun and _can_be_compared(one)]
    far, unread = not_near(asked, *world.sides().readers_of_little())
    configs = world.sides().target.topic_configs({one.target.topic for one in far if one.target})
    exactly_once = world.settings.mirror.exactly_once
    age = seconds_since(promoted_since(world.resource())) if far else None

    def judged(one: Extent) -> str:
        rules = cleaning(configs.get(one.target.topic)) if one.target else cleaning(None)
        cleaner = Cleaner(rules.compacted, age is None or age * 1000 >= rules.delete_retention_ms)
        return other_log(one, logs, at, exactly_once=exactly_once, cleaner=cleaner)

    why = dict(zip((one.source for one in far), at_once(judged, far), strict=True))
    found = [
        replace(
            one,
            anew=one.anew or why.get(one.source, ""),
            uncompared=one.uncompared or unread.get(one.source, ""),
        )
        for one in extents
    ]
    return found, []


def _can_be_compared(extent: Extent) -> bool:
    there = extent.log.start <= extent.mirrored < extent.log.end
    return there and extent.target is not None and extent.copy is not None and not extent.anew


def not_near(
    extents: Sequence[Extent], source: Reader, target: Reader
) -> tuple[list[Extent], dict[TopicPartition, str]]:
    """Return the partitions whose last mirrored record is not among the last copies, read in bulk, and the
    reasons why some could not be read. Also those are returned of which the source has no record at MM2's
    position: the log cleaner may have removed it, or the log is another one.
    """
    far: list[Extent] = []
    unread: dict[TopicPartition, str] = {}
    for first in range(0, len(extents), _TOGETHER):
        left = list(extents[first : first + _TOGETHER])
        there = source.records([Stretch(one.source, one.mirrored, one.mirrored + 1) for one in left])
        for near in _NEAR:
            copies = target.records(_last_copies(left, near))
            left = [one for one in left if not _found(one, there, copies)]
        for one in left:
            windows = (there[one.source][0], copies[one.target][0] if one.target is not None else None)
            if failed := [window.reason for window in windows if isinstance(window, Unread)]:
                unread[one.source] = failed[0]
            else:
                far.append(one)
    return far, unread


def _last_copies(extents: Sequence[Extent], near: int) -> list[Stretch]:
    found = []
    for one in extents:
        if one.target is not None and one.copy is not None:
            end = one.copy.end if one.promoted is None else one.promoted
            found.append(Stretch(one.target, max(one.copy.start, end - near), end))
    return found


def _found(
    extent: Extent,
    there: Mapping[TopicPartition, list[Window | Unread]],
    copies: Mapping[TopicPartition, list[Window | Unread]],
) -> bool:
    if extent.target is None:
        return True
    last, near = there[extent.source][0], copies[extent.target][0]
    if isinstance(last, Unread) or isinstance(near, Unread) or not last.records:
        return False
    return _has(near, last.records[0])


def _has(window: Window, wanted: Record) -> bool:
    return any(wanted.same_as(one) for one in window.records)


def other_log(
    extent: Extent, logs: LogPair, offset_at: OffsetAt, *, exactly_once: bool, cleaner: Cleaner
) -> str:
    """Return why the source's log, or the copy, is not the one that MM2 knew; empty where nothing proves it:
    retention or the log cleaner may have removed the copy.
    """
    copy = extent.copy
    if copy is None or extent.target is None:
        return ""
    if copy.start > 0 and (extent.promoted is None or copy.start >= extent.promoted):
        return ""
    last = last_mirrored(extent, logs)
    if last is None or behind_last_copy(extent, logs, offset_at) is not None:
        return ""
    # Of a compacted source that is an older record, which retention may have removed before the last copies.
    at = offset_at(extent.target, int(last.timestamps[0])) if copy.start > 0 else None
    if at is not None and at <= copy.start:
        return ""
    excused = cleaner.compacts and (cleaner.took_tombstones or _superseded(extent, logs, last, exactly_once))
    if excused or _restamped(extent, logs, last):
        return ""
    return (
        f"the record at offset {int(last.offsets[0])}, up to which MM2 has mirrored, is not in the copy: the "
        "source was restored or truncated and then written again, or the copy was created again"
    )


def _restamped(extent: Extent, logs: LogPair, last: RecordBlock) -> bool:
    """Whether the copy may be there with another timestamp: the target's brokers stamp records, or MM2's
    producer has stamped that of a record without one (-1).
    """
    if extent.target is None or extent.copy is None:
        return False
    bare, [content] = int(last.timestamps[0]) < 0, digests(last, stamped=False)
    with logs.target.blocks(extent.target, extent.copy.start, extent.copy.end) as blocks:
        return any(
            bool((block.flags & NO_PRODUCER_TIME).any())
            or (bare and bool((digests(block, stamped=False) == content).any()))
            for block in blocks
        )


def _superseded(extent: Extent, logs: LogPair, last: RecordBlock, exactly_once: bool) -> bool:
    """Whether the cleaner may have removed the copy: as a tombstone, or for a later record of its key. In an
    exactly-once mirror nothing but clients' records follows the last copy.
    """
    if int(last.flags[0]) & NULL_KEY:
        return False
    if int(last.flags[0]) & TOMBSTONE:
        return True
    copy = extent.copy
    if copy is None or extent.target is None:
        return False
    first = max(copy.start, (extent.promoted or 0) if exactly_once else 0)
    with logs.target.blocks(extent.target, first, copy.end) as blocks:
        return any(bool((block.keys == last.keys[0]).any()) for block in blocks)
