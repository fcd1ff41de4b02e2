"""Names what comparing left over, the most certain first.

    1  reordered   the same record is left over on both sides: it moved
    2  duplicated  what is left over on the target is a record of the source that is there a second time
    3  (late)      what is left over at the source's end has become visible on the target meanwhile
    4  (excused)   compaction or retention removed it on the other side (`excuses`)
    5  altered     in the same gap both sides have a record left over that differs in some parts only
    6  lost on the source's side, alien on the target's: everything else

Each step goes over the residue in chunks, and reads a log again where it must: only ever after a difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from mirror.audit.columns import Digests, combined
from mirror.audit.excuses import Side, excuse
from mirror.audit.findings import ALIEN, ALTERED, DUPLICATED, LOST, PARTS, REORDERED, Difference
from mirror.audit.labels import CHANGED, COMPACTED, EXPIRED, LATE, MOVED, TWICE, UNNAMED, Labels, pair
from mirror.audit.residue import CHUNK, Residue, Table

# Columns that have to be the same for two records of one gap to be one that was altered: the more, the surer.
# Key or value is always among them.
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
    """Records by kind and by excuse; the differences come one by one."""

    counts: dict[str, int] = field(default_factory=dict)
    excused: dict[str, int] = field(default_factory=dict)


def resolve(
    residue: Residue,
    source: Side,
    target: Side,
    *,
    target_stop: int,
    stamped: bool,
    now_ms: int,
    at_least_once: bool = False,
    found: Callable[[Difference], None],
) -> Resolved:
    """`source` and `target` as they are now; `target_stop` is how far the target was compared."""
    lost, extra = Labels(residue, "lost"), Labels(residue, "extra")
    try:
        pair(lost, extra, lambda rows: _content(rows, stamped), MOVED)
        _twice(residue, extra, source, stamped)
        _late(residue, lost, target, target_stop, stamped)
        excuse(residue, lost, source, target, now_ms)
        excuse(residue, extra, target, source, now_ms)
        for columns in _KEPT:
            if stamped or "timestamps" not in columns:
                pair(lost, extra, partial(_in_gap, columns=columns), CHANGED | _changed(columns, stamped))
        result = Resolved(excused=_excused(lost, extra))
        for one in chain(
            _heads(residue, result, at_least_once),
            _differences(residue, lost, _lost),
            _differences(residue, extra, _extra),
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
    """The parts that differ, as bits."""
    return sum(
        1 << bit
        for bit, part in enumerate(PARTS)
        if _COLUMN_OF[part] not in kept and (stamped or part != "timestamp")
    )


def _twice(residue: Residue, extra: Labels, source: Side, stamped: bool) -> None:
    """Looks the target's records up in the whole source: one pass a chunk."""
    for start, rows in residue.chunks("extra"):
        free = extra.unnamed(start, rows)
        if not len(free):
            continue
        wanted, which = np.unique(_content(rows[free], stamped), return_inverse=True)
        places = _first_places(source, source.start, wanted, stamped)
        there = places[which] >= 0
        extra.set(start + free[there], TWICE, places[which][there])


def _late(residue: Residue, lost: Labels, target: Side, target_stop: int, stamped: bool) -> None:
    """The markers of one transaction reach partitions one after the other (KIP-98): MM2's position may have
    been visible before the record that it stands for."""
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


def _first_places(side: Side, start: int, wanted: Digests, stamped: bool) -> NDArray[np.int64]:
    """The first offset of each of some records, given by sorted digests; -1 for nowhere."""
    places = np.full(len(wanted), -1)
    missing = len(wanted)
    with side.log.blocks(side.partition, start, side.stop) as blocks:
        for block in blocks:
            columns = (block.keys, block.values, block.headers)
            found = combined(*columns, block.timestamps) if stamped else combined(*columns)
            at = np.minimum(np.searchsorted(wanted, found), len(wanted) - 1)
            hits = np.flatnonzero((wanted[at] == found) & (places[at] < 0))
            # Backwards: of several equal ones the first stays.
            places[at[hits][::-1]] = block.offsets[hits][::-1]
            if len(hits):
                missing = int(np.count_nonzero(places < 0))
            if not missing:
                break
    return places


def _excused(lost: Labels, extra: Labels) -> dict[str, int]:
    counts = {
        "compacted on the target": lost.count(COMPACTED),
        "compacted on the source": extra.count(COMPACTED),
        "removed by the target's retention": lost.count(EXPIRED),
        "removed by the source's retention": extra.count(EXPIRED),
    }
    return {reason: count for reason, count in counts.items() if count}


def _heads(residue: Residue, result: Resolved, at_least_once: bool) -> Iterator[Difference]:
    """A head that retention has removed: no more records than the other log's offsets have room for."""
    if not residue.sizes.gaps:
        return
    (gap,) = residue.read("gaps", 0, 1)
    whys = {"lost": "removed by the target's retention", "extra": "removed by the source's retention"}
    for name, other, side in (("lost", "extra", "target"), ("extra", "lost", "source")):
        count = int(gap[f"{name}_head"])
        if not count:
            continue
        room = int(gap[f"{side}_after"] - gap[f"{side}_before"] - 1 - gap[other] - gap[f"{other}_head"])
        over = max(0, count - max(0, room))
        if name == "extra" and at_least_once:
            over = 0  # what was delivered twice needs no room on the source
        if count > over:
            result.excused[whys[name]] = result.excused.get(whys[name], 0) + count - over
        if over:
            kind = LOST if name == "lost" else ALIEN
            around = ((int(gap[f"{one}_before"]), int(gap[f"{one}_after"])) for one in ("source", "target"))
            yield Difference(kind, over, next(around), next(around))


Name = Callable[[int], str | None]


def _lost(label: int) -> str | None:
    if label >= CHANGED:
        return ALTERED
    return {UNNAMED: LOST, MOVED: REORDERED}.get(label)


def _extra(label: int) -> str | None:
    return {UNNAMED: ALIEN, TWICE: DUPLICATED}.get(label)


def _differences(residue: Residue, labels: Labels, name: Name) -> Iterator[Difference]:
    """Runs of records with the same name in the same gap, in the log's order; a run may span chunks."""
    open_: Difference | None = None
    key: tuple[int, int] | None = None
    for start, rows in residue.chunks(labels.name, CHUNK):
        label = labels.label[start : start + len(rows)]
        named = np.flatnonzero(np.array([name(one) is not None for one in range(256)])[label])
        if not len(named):
            continue
        gaps, kinds = rows["gaps"][named], label[named]
        firsts = np.flatnonzero(np.concatenate([[True], (gaps[1:] != gaps[:-1]) | (kinds[1:] != kinds[:-1])]))
        for first, last in zip(firsts, [*firsts[1:], len(named)], strict=True):
            at = named[first:last]
            here = int(gaps[first]), int(kinds[first])
            fresh = _difference(residue, labels, here, start + at, rows["offsets"][at], name)
            if open_ is not None and key == here:
                open_ = _longer(open_, fresh)
                continue
            if open_ is not None:
                yield open_
            open_, key = fresh, here
    if open_ is not None:
        yield open_


def _difference(
    residue: Residue,
    labels: Labels,
    key: tuple[int, int],
    at: NDArray[np.int64],
    offsets: NDArray[np.int64],
    name: Name,
) -> Difference:
    number, label = key
    kind = name(label)
    assert kind is not None
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
    return Difference(kind, len(offsets), source, target, parts)


def _longer(one: Difference, more: Difference) -> Difference:
    return Difference(
        one.kind,
        one.records + more.records,
        (min(one.source[0], more.source[0]), max(one.source[1], more.source[1])),
        (min(one.target[0], more.target[0]), max(one.target[1], more.target[1])),
        one.parts,
    )
