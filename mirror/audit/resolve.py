"""Classifies the records of the residue. Six rules apply in this order; the first that fits a record wins.

    1  reordered   an identical record is in the residue of both sides: the record moved
    2  duplicated  a target record of the residue is identical to a source record that already has its copy
    3  (late)      a source record at the end of the cut has become visible on the target since
    4  (excused)   compaction or retention removed the counterpart on the other side (`excuses`)
    5  altered     the same gap holds a record of each side, and the two differ in some of their parts only
    6  lost or alien: every other record of the source, or of the target

Each rule processes the residue in chunks. A log is read a second time only if there are differences.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from mirror.audit.columns import Digests, combined, digests, lookup
from mirror.audit.differences import (
    REMOVED_BY_RETENTION,
    differences,
    head_differences,
    kind_on_source,
    kind_on_target,
)
from mirror.audit.excuses import LogSide, excuse
from mirror.audit.findings import PARTS, RecordDifference
from mirror.audit.labels import CHANGED, COMPACTED, EXPIRED, LATE, MOVED, TWICE, Labels, pair
from mirror.audit.residue import Residue, Table

# Two records of one gap are one altered record if one of these sets of columns is equal. The largest sets are
# tried first. Each set contains the key or the value.
_KEPT: tuple[tuple[str, ...], ...] = (
    ("keys", "values", "headers"),
    ("keys", "values", "timestamps"),
    ("keys", "headers", "timestamps"),
    ("values", "headers", "timestamps"),
    ("keys", "timestamps"),
    ("values", "timestamps"),
    ("keys", "values"),
)
_COLUMN_OF = dict(zip(PARTS, ("keys", "values", "headers", "timestamps"), strict=True))


@dataclass(slots=True)
class Resolved:
    """Counts of records, by kind of difference and by excuse."""

    counts: dict[str, int] = field(default_factory=dict)
    excused: dict[str, int] = field(default_factory=dict)


def resolve(
    residue: Residue,
    source: LogSide,
    target: LogSide,
    *,
    target_stop: int,
    stamped: bool,
    now_ms: int,
    at_least_once: bool = False,
    found: Callable[[RecordDifference], None],
) -> Resolved:
    """Classify the whole residue and call `found` with each difference.

    `source` and `target` are the logs with their current bounds; `target_stop` is the offset up to which the
    target was compared.
    """
    lost, extra = Labels(residue, "lost"), Labels(residue, "extra")
    try:
        pair(lost, extra, lambda rows: _content(rows, stamped), MOVED)
        _label_duplicates(residue, extra, source, stamped)
        _label_late(residue, lost, target, target_stop, stamped)
        excuse(residue, lost, source, target, now_ms)
        excuse(residue, extra, target, source, now_ms)
        for columns in _KEPT:
            if stamped or "timestamps" not in columns:
                pair(lost, extra, partial(_in_gap, columns=columns), CHANGED | _changed(columns, stamped))
        both = {"source": source, "target": target}
        starts = {name: None if one.cleaning.compacted else one.start for name, one in both.items()}
        result = Resolved(excused=_excused(lost, extra))
        for one in chain(
            head_differences(residue, starts, result.excused, at_least_once),
            differences(residue, lost, kind_on_source),
            differences(residue, extra, kind_on_target),
        ):
            result.counts[one.kind] = result.counts.get(one.kind, 0) + one.records
            found(one)
        return result
    finally:
        lost.forget()
        extra.forget()


def _content(rows: Table, stamped: bool) -> Digests:
    columns = [rows[name] for name in ("keys", "values", "headers")]
    return combined(*columns, rows["timestamps"]) if stamped else combined(*columns)


def _in_gap(rows: Table, columns: tuple[str, ...]) -> Digests:
    return combined(rows["gaps"], *(rows[name] for name in columns))


def _changed(kept: tuple[str, ...], stamped: bool) -> int:
    """Return the parts that differ, as bits in the order of PARTS."""
    return sum(
        1 << bit
        for bit, part in enumerate(PARTS)
        if _COLUMN_OF[part] not in kept and (stamped or part != "timestamp")
    )


def _label_duplicates(residue: Residue, extra: Labels, source: LogSide, stamped: bool) -> None:
    """Label target records that the source contains. Read the whole source once for each chunk."""
    for start, rows in residue.chunks("extra"):
        free = extra.unnamed(start, rows)
        if not len(free):
            continue
        wanted, which = np.unique(_content(rows[free], stamped), return_inverse=True)
        places = _first_places(source, source.start, wanted, stamped)
        there = places[which] >= 0
        extra.set(start + free[there], TWICE, places[which][there])


def _label_late(residue: Residue, lost: Labels, target: LogSide, target_stop: int, stamped: bool) -> None:
    """Label source records that became visible on the target after the cut.

    The markers of one transaction reach its partitions one after another (KIP-98), so MM2's committed
    position may be visible before the record that it confirms.
    """
    last = residue.sizes.gaps - 1
    if target.stop <= target_stop or not residue.sizes.lost:
        return
    (gap,) = residue.read("gaps", last, 1)
    if gap["target_after"] != target_stop:
        return
    for start, rows in residue.chunks("lost"):
        free = lost.unnamed(start, rows)
        free = free[rows["gaps"][free] == last]
        if not len(free):
            continue
        wanted, which = np.unique(_content(rows[free], stamped), return_inverse=True)
        places = _first_places(target, target_stop, wanted, stamped)
        there = places[which] >= 0
        lost.set(start + free[there], LATE, places[which][there])


def _first_places(side: LogSide, start: int, wanted: Digests, stamped: bool) -> NDArray[np.int64]:
    """Return the first offset of each record in `wanted` (sorted digests); -1: not in the log."""
    places = np.full(len(wanted), -1)
    missing = len(wanted)
    with side.log.blocks(side.partition, start, side.stop) as blocks:
        for block in blocks:
            hits, at = lookup(wanted, digests(block, stamped))
            fresh = places[at] < 0
            hits, at = hits[fresh], at[fresh]
            # Assigned backwards, so that the first of several identical records is kept.
            places[at[::-1]] = block.offsets[hits][::-1]
            if len(hits):
                missing = int(np.count_nonzero(places < 0))
            if not missing:
                break
    return places


def _excused(lost: Labels, extra: Labels) -> dict[str, int]:
    counts = {
        "compacted on the target": lost.count(COMPACTED),
        "compacted on the source": extra.count(COMPACTED),
        REMOVED_BY_RETENTION["lost"]: lost.count(EXPIRED),
        REMOVED_BY_RETENTION["extra"]: extra.count(EXPIRED),
    }
    return {reason: count for reason, count in counts.items() if count}
