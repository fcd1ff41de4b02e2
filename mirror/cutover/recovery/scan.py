"""Reads what each partition is judged from, with the audit's native reader, several partitions at once.

A partition whose source log ends at MM2's position is not read at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from mirror.audit.blocks import LogPair, RecordBlock, RecordLog
from mirror.audit.columns import digests, joined
from mirror.audit.rules import AuditRules, Cleaning
from mirror.clients.records import Bounds, TopicPartition
from mirror.cutover.recovery.missing import Judgement, judge
from mirror.problems import CouldNotRead

OffsetAt = Callable[[TopicPartition, int], int | None]
"""Finds the first offset of a target partition at or after a timestamp in milliseconds."""
_LAST_LOOK = 10_000
"""Source offsets before MM2's position in which the last mirrored record is looked for, and target offsets
behind the promotion in which late copies are."""


@dataclass(frozen=True, slots=True)
class Extent:
    """One source partition and its copy, as positions and logs say. All numbers are offsets."""

    source: TopicPartition
    target: TopicPartition | None
    """None: the target has no such partition."""
    mirrored: int
    """MM2's last position, or the last offset that is left out on purpose; -1 for none."""
    recovered: int
    """The last source offset that was recovered; -1 for none."""
    log: Bounds
    """The source's log up to its last stable offset."""
    high: int
    """The source's end, with the records of open transactions."""
    copy: Bounds | None
    """The target's log."""
    promoted: int | None = None
    """The target's end at the promotion; None: not recorded."""
    to_topic: int = 0
    """Records that earlier runs have recovered to the topic itself."""
    topic_id: str = ""
    anew: str = ""
    """Why the source's offsets are not those that MM2 has mirrored; empty: they are."""
    began: int | None = None
    """Where the source's log began when the mirror took over; None: not known."""
    uncompared: str = ""
    """Why nobody knows whether the source's log is the mirrored one: it could not be read; empty: it was."""

    @property
    def first(self) -> int:
        """The first source offset that may not have crossed."""
        return self.log.start if self.anew else max(self.log.start, self.mirrored + 1)

    @property
    def gone(self) -> int:
        """Source offsets behind MM2's position that retention has removed: nothing can recover them."""
        if self.anew or (self.mirrored < 0 and self.began is None):
            return 0
        first = self.mirrored + 1 if self.mirrored >= 0 else self.began or 0
        return max(0, self.log.start - max(first, self.recovered + 1))

    @property
    def undecided(self) -> int:
        """Source offsets that are behind an open transaction."""
        return max(0, self.high - self.log.end)


@dataclass(frozen=True, slots=True)
class Scanned:
    """One partition with its judgement; `unread`: why there is none."""

    extent: Extent
    judgement: Judgement | None
    unread: str = ""
    conflicts_unknown: str = ""
    """Why the target may have deleted records that clients have written since the promotion: conflicts with
    these are not seen; empty: it has all."""


def scan(
    extents: Sequence[Extent],
    logs: LogPair,
    rules: Callable[[str], AuditRules],
    offset_at: OffsetAt,
    *,
    lanes: int = 2,
    age: float | None = None,
) -> list[Scanned]:
    """Judge all partitions, in their order. `rules` by source topic; `age`: seconds since the promotion, None
    where that is not known. Raises CouldNotConnect.
    """

    def one(extent: Extent) -> Scanned:
        if extent.uncompared:
            told = f"whether it was restored could not be read: {extent.uncompared}"
            return Scanned(extent, None, told)
        if extent.first >= extent.log.end:
            return Scanned(extent, None)
        rule = rules(extent.source.topic)
        try:
            judgement = _judged(extent, logs, rule, offset_at)
            return Scanned(extent, judgement, conflicts_unknown=conflicts_unknown(extent, rule.target, age))
        except CouldNotRead as error:
            return Scanned(extent, None, f"{error.tried}: {error.happened}")

    with ThreadPoolExecutor(lanes, thread_name_prefix="recover") as pool:
        return list(pool.map(one, extents))


def conflicts_unknown(extent: Extent, cleaner: Cleaning, age: float | None) -> str:
    """Return why the target may have deleted what clients have written there since the promotion; empty where
    it has all of that. Pure.
    """
    if extent.copy is None:
        return ""
    if extent.copy.start > (extent.promoted or 0):
        return "retention may have deleted newer records"
    if cleaner.compacted and (age is None or age * 1000 >= cleaner.delete_retention_ms):
        return "the log cleaner may have deleted the tombstones of keys that clients have deleted"
    return ""


def _judged(
    extent: Extent,
    logs: LogPair,
    rules: AuditRules,
    offset_at: OffsetAt,
) -> Judgement:
    promoted, by_content = extent.promoted, bool(extent.anew) or not rules.exactly_once
    start = extent.copy.start if extent.copy else 0
    if extent.target is not None and not extent.anew and (promoted is None or by_content):
        behind = behind_last_copy(extent, logs, offset_at)
        start = start if behind is None else behind
        promoted = behind if promoted is None and not by_content else promoted
    elif promoted is not None and not by_content:
        start = max(start, promoted)

    with ExitStack() as stack:
        # Both are open before either is read: the reader reads each ahead.
        source = stack.enter_context(logs.source.blocks(extent.source, extent.first, extent.log.end))
        copies: Iterable[RecordBlock] = ()
        if extent.target is not None and extent.copy is not None:
            copies = stack.enter_context(logs.target.blocks(extent.target, start, extent.copy.end))
        return judge(
            source,
            copies,
            recovered=extent.recovered,
            promoted=promoted,
            by_content=by_content,
            compacted=rules.target.compacted,
        )


def last_mirrored(extent: Extent, logs: LogPair) -> RecordBlock | None:
    """Return the last record up to MM2's position as a block of one; None where the source has none."""
    tail = _mirrored_tail(extent, logs)
    return tail[len(tail) - 1 :] if len(tail) else None


def behind_last_copy(extent: Extent, logs: LogPair, offset_at: OffsetAt) -> int | None:
    """Return the target offset after the copy of the last mirrored record; None where it is not found.

    Timestamps are kept by MM2, so the copy is at or behind the first record of its time; without such a
    record, or with timestamps of the brokers, the whole copy is searched. A client may have sent the same
    record again since, so of N equal mirrored records the N-th equal one is the copy.
    """
    if extent.target is None or extent.copy is None or extent.mirrored < extent.log.start:
        return None
    tail = _mirrored_tail(extent, logs)
    if not len(tail):
        return None
    mirrored = digests(tail, stamped=True)
    wanted, count = mirrored[-1], int(np.count_nonzero(mirrored == mirrored[-1]))
    at = offset_at(extent.target, int(tail.timestamps[-1]))
    starts = [extent.copy.start] if at is None or at <= extent.copy.start else [at, extent.copy.start]
    for start in starts:
        found = _nth_equal(extent.target, logs, start, extent.copy.end, wanted, count)
        if found is not None:
            return found + 1
    return None


def behind_late_copies(extent: Extent, logs: LogPair) -> int | None:
    """Return the target offset after the copies that MM2 has committed behind the end that the promotion has
    recorded; that end where there are none, and None without one.

    A promotion without the source may not have waited for MM2's last transaction. Its records are the last
    ones that it has mirrored, in their order, without any of a client, and the last one is not there before:

        source   ... r s t u | never crossed
        target   ... r s | t u | written since ...
                         ^ recorded
    """
    recorded = extent.promoted
    if recorded is None or extent.target is None or extent.copy is None or recorded >= extent.copy.end:
        return recorded
    since = _block(logs.target, extent.target, recorded, min(extent.copy.end, recorded + _LAST_LOOK))
    if not len(since):
        return recorded
    written, mirrored = digests(since, stamped=True), digests(_mirrored_tail(extent, logs), stamped=True)
    for first in np.flatnonzero(mirrored == written[0]):
        count = len(mirrored) - int(first)
        if count <= len(written) and bool((mirrored[first:] == written[:count]).all()):
            start = max(extent.copy.start, recorded - _LAST_LOOK)
            before = _block(logs.target, extent.target, start, recorded)
            there, last = digests(before, stamped=True), mirrored[-1:]
            late = np.isin(there, last).sum() < np.isin(mirrored, last).sum()
            return int(since.offsets[count - 1]) + 1 if late else recorded
    return recorded


def _mirrored_tail(extent: Extent, logs: LogPair) -> RecordBlock:
    begin = max(extent.log.start, extent.mirrored - _LAST_LOOK)
    return _block(logs.source, extent.source, begin, extent.mirrored + 1)


def _block(log: RecordLog, partition: TopicPartition, start: int, stop: int) -> RecordBlock:
    """Read a few records as one block."""
    if start >= stop:
        return RecordBlock.empty(start, at_end=True)
    with log.blocks(partition, start, stop) as blocks:
        return joined([RecordBlock.empty(start, at_end=True), *(one for one in blocks if len(one))])


def _nth_equal(
    partition: TopicPartition, logs: LogPair, start: int, stop: int, wanted: np.uint64, count: int
) -> int | None:
    """Return the offset of the N-th record that is equal, or of the last one where there are fewer."""
    found = None
    with logs.target.blocks(partition, start, stop) as blocks:
        for block in blocks:
            rows = np.flatnonzero(digests(block, stamped=True) == wanted)
            if len(rows):
                found = int(block.offsets[rows[min(count, len(rows)) - 1]])
                count -= len(rows)
                if count <= 0:
                    return found
    return found
