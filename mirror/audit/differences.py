"""Turns the labels of the residue into differences: runs of records with one label in one gap."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from mirror.audit.findings import (
    ALIEN,
    ALTERED,
    DUPLICATED,
    LOST,
    PARTS,
    REORDERED,
    DifferenceKind,
    RecordDifference,
)
from mirror.audit.labels import CHANGED, MOVED, TWICE, UNNAMED, Labels
from mirror.audit.residue import Residue

REMOVED_BY_RETENTION = {
    "lost": "removed by the target's retention",
    "extra": "removed by the source's retention",
}
"""The reason that excuses records, by the residue file that holds them."""

KindOf = Callable[[int], DifferenceKind | None]
"""The kind of difference that a label stands for; None for a label that is no difference on this side."""


def kind_on_source(label: int) -> DifferenceKind | None:
    """Return the kind of difference for a source record without a counterpart."""
    if label >= CHANGED:
        return ALTERED
    kinds: dict[int, DifferenceKind] = {UNNAMED: LOST, MOVED: REORDERED}
    return kinds.get(label)


def kind_on_target(label: int) -> DifferenceKind | None:
    """Return the kind for a target record; moved and altered records are reported on the source's side."""
    kinds: dict[int, DifferenceKind] = {UNNAMED: ALIEN, TWICE: DUPLICATED}
    return kinds.get(label)


def head_differences(
    residue: Residue, starts: Mapping[str, int | None], excused: dict[str, int], at_least_once: bool
) -> Iterator[RecordDifference]:
    """Judge the records before the first tie where retention has moved the other log's start.

    Retention can have removed at most as many records as the other log has offsets before its start: that
    many are added to `excused`, the others are yielded as lost or alien. `starts`: the starts of both logs,
    None for a compacted topic: there, the cleaner can have removed one record for each free offset between
    the start and the first tie.
    """
    if not residue.sizes.gaps:
        return
    (gap,) = residue.read("gaps", 0, 1)
    for name, other, side in (("lost", "extra", "target"), ("extra", "lost", "source")):
        count = int(gap[f"{name}_head"])
        if not count:
            continue
        before, start = int(gap[f"{side}_before"]), starts[side]
        room = int(gap[f"{side}_after"] - before - 1 - gap[other] - gap[f"{other}_head"])
        if start is not None:
            room = min(room, start - before - 1)
        over = max(0, count - max(0, room))
        if name == "extra" and at_least_once:
            over = 0  # a second delivery of a record takes no offset on the source
        if count > over:
            why = REMOVED_BY_RETENTION[name]
            excused[why] = excused.get(why, 0) + count - over
        if over:
            kind: DifferenceKind = LOST if name == "lost" else ALIEN
            around = ((int(gap[f"{one}_before"]), int(gap[f"{one}_after"])) for one in ("source", "target"))
            yield RecordDifference(kind, over, next(around), next(around))


def differences(residue: Residue, labels: Labels, kind_of: KindOf) -> Iterator[RecordDifference]:
    """Yield runs of records with the same label in the same gap, in log order; a run may span chunks."""
    is_difference = np.array([kind_of(label) is not None for label in range(256)])
    run: RecordDifference | None = None
    run_key: tuple[int, int] | None = None
    for start, rows in residue.chunks(labels.name):
        label = labels.label[start : start + len(rows)]
        named = np.flatnonzero(is_difference[label])
        if not len(named):
            continue
        gaps, kinds = rows["gaps"][named], label[named]
        firsts = np.flatnonzero(np.concatenate([[True], (gaps[1:] != gaps[:-1]) | (kinds[1:] != kinds[:-1])]))
        for first, last in zip(firsts, [*firsts[1:], len(named)], strict=True):
            at = named[first:last]
            key = int(gaps[first]), int(kinds[first])
            kind = kind_of(key[1])
            if kind is None:
                continue
            fresh = _difference(residue, labels, key, start + at, rows["offsets"][at], kind)
            if run is not None and run_key == key:
                run = _joined(run, fresh)
                continue
            if run is not None:
                yield run
            run, run_key = fresh, key
    if run is not None:
        yield run


def _difference(
    residue: Residue,
    labels: Labels,
    key: tuple[int, int],
    at: NDArray[np.int64],
    offsets: NDArray[np.int64],
    kind: DifferenceKind,
) -> RecordDifference:
    """Build the difference for the rows `at` of the residue; `key` is their gap and their label."""
    number, label = key
    own = int(offsets[0]), int(offsets[-1])
    if label == UNNAMED:
        (gap,) = residue.read("gaps", number, 1)
        side = "target" if labels.name == "lost" else "source"
        other = int(gap[f"{side}_before"]), int(gap[f"{side}_after"])
    else:
        partners = labels.partner[at]
        other = int(partners.min()), int(partners.max())
    source, target = (own, other) if labels.name == "lost" else (other, own)
    parts = tuple(part for bit, part in enumerate(PARTS) if label >= CHANGED and label & 1 << bit)
    return RecordDifference(kind, len(offsets), source, target, parts)


def _joined(one: RecordDifference, more: RecordDifference) -> RecordDifference:
    return RecordDifference(
        one.kind,
        one.records + more.records,
        (min(one.source[0], more.source[0]), max(one.source[1], more.source[1])),
        (min(one.target[0], more.target[0]), max(one.target[1], more.target[1])),
        one.parts,
    )
