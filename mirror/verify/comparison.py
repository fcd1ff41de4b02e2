"""Compares a window of the source's records with the stretch of the target that must hold its copy. Pure.

Order is the source's, so both are aligned by content (`difflib`: the longest common runs first), and what
stands between two common records on one side only is a difference:

    source      a b c d e f         c altered, e missing
    target  . z a b X d f g .       z and g are the copy's surroundings, not part of the window

At the window's ends the surroundings decide. Right before the copy of `b` stands the copy of `a`, so another
record there, or the start of a log that was never cut, means that `a` is missing, unless it is further away,
behind records that the source never had. Where the stretch does not reach far enough to know, the answer is
`unclear`, and more has to be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final, Literal

from mirror.clients.records import Record

Kind = Literal[
    "missing",
    "altered",
    "alien",
    "out of order",
    "doubled",
    "key deleted on the source, alive on the target",
]
ALIVE: Final = "key deleted on the source, alive on the target"
Token = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class RecordDifference:
    """One record that is not as it must be; offsets where it is on the source, and on the target."""

    kind: Kind
    source: Record | None = None
    target: Record | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """The target's records where the copy must be. `from_start`, `at_end`: it reaches the ends of the log;
    `cut`: retention or somebody has moved the log's start."""

    records: Sequence[Record]
    from_start: bool = False
    at_end: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """`same` records of the window are on the target in their order; `removed` are gone with the cut start of
    the target's log; `short`: the target's log ends before so many of the window's last records; `unclear`:
    the stretch does not reach far enough to say."""

    same: int
    differences: tuple[RecordDifference, ...] = ()
    removed: int = 0
    unclear: bool = False
    short: tuple[RecordDifference, ...] = ()


def compare(window: Sequence[Record], copy: Copy, *, first: bool = False) -> Comparison:
    """`first`: nothing of the source comes before the window, so nothing may come before its copy."""
    if not window:
        return Comparison(0)
    on_target = copy.records
    stamped = any(one.no_producer_time for one in (*window, *on_target))
    ours = [_token(one, stamped) for one in window]
    theirs = [_token(one, stamped) for one in on_target]
    pairs = _common(ours, theirs)
    if not pairs:
        return _nothing_found(window, copy)
    (first_ours, first_theirs), (last_ours, last_theirs) = pairs[0], pairs[-1]
    differences, removed, unclear = _before_the_first(window, copy, first_ours, first_theirs, first)
    for (a, b), (c, d) in pairwise(pairs):
        differences += _between(window[a + 1 : c], on_target[b + 1 : d])
    left = window[last_ours + 1 :]
    short: tuple[RecordDifference, ...] = ()
    if left and last_theirs + 1 == len(on_target):
        unclear = unclear or not copy.at_end
        short = tuple(RecordDifference("missing", one) for one in left) if copy.at_end else ()
    elif left:
        # Beyond the stretch they may follow, behind records that the source never had.
        unclear = unclear or not copy.at_end
        differences += _edge(left, on_target[last_theirs + 1 : last_theirs + 1 + len(left)])
    matched = {ours[a] for a, _ in pairs}
    placed = tuple(_placed(differences, matched, on_target, {b for _, b in pairs}, stamped))
    return Comparison(len(pairs), placed, removed, unclear, short)


def _common(ours: Sequence[Token], theirs: Sequence[Token]) -> list[tuple[int, int]]:
    """The indices of the records that both have, in their order."""
    if (at := _whole_at(ours, theirs)) is not None:
        return [(index, at + index) for index in range(len(ours))]
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    return [
        (block.a + step, block.b + step)
        for block in matcher.get_matching_blocks()
        for step in range(block.size)
    ]


def _whole_at(ours: Sequence[Token], theirs: Sequence[Token]) -> int | None:
    """Where all of `ours` first stands in `theirs`, without a gap: the answer of `difflib` for nearly every
    window, in a hundredth of its time.
    """
    at = -1
    while True:
        try:
            at = theirs.index(ours[0], at + 1, len(theirs) - len(ours) + 1)
        except ValueError:
            return None
        if theirs[at : at + len(ours)] == ours:
            return at


def _before_the_first(
    window: Sequence[Record], copy: Copy, ours: int, theirs: int, first: bool
) -> tuple[list[RecordDifference], int, bool]:
    """What lies before the first common record, at index `ours` of the window and `theirs` of the copy: the
    differences, how many records the cut start of the target's log held, and whether that is unclear.
    """
    before = copy.records[:theirs]
    if ours and not before and not copy.from_start:
        return [], 0, True
    if ours and not before and copy.cut:
        return [], ours, False
    if ours:
        return _edge(window[:ours], before[max(0, theirs - ours) :]), 0, not copy.from_start
    if first and copy.from_start and not copy.cut:
        return [RecordDifference("alien", target=one) for one in before], 0, False
    return [], 0, False


def _nothing_found(window: Sequence[Record], copy: Copy) -> Comparison:
    if not (copy.from_start and copy.at_end):
        return Comparison(0, unclear=True)
    if not copy.records:
        short = () if copy.cut else tuple(RecordDifference("missing", one) for one in window)
        return Comparison(0, removed=len(window) - len(short), short=short)
    if copy.cut:  # by retention, perhaps with all of the window's copies
        return Comparison(0, unclear=True)
    if len(copy.records) <= len(window):
        return Comparison(0, tuple(_between(window, copy.records)))
    return Comparison(0, tuple(RecordDifference("missing", one) for one in window))


def _token(record: Record, stamped: bool) -> Token:
    """What two records must have in common: as `Record.same_as`, but for looking up."""
    return record.content, None if stamped else record.timestamp


def _between(ours: Sequence[Record], theirs: Sequence[Record]) -> list[RecordDifference]:
    """Records between two common ones: those in the same place are one record, altered."""
    if len(ours) == len(theirs):
        return [RecordDifference("altered", a, b) for a, b in zip(ours, theirs, strict=True)]
    found: list[RecordDifference] = []
    left = list(theirs)
    for record in ours:
        twin = next((one for one in left if _alike(record, one)), None)
        if twin is None:
            found.append(RecordDifference("missing", record))
        else:
            found.append(RecordDifference("altered", record, twin))
            left = left[left.index(twin) + 1 :]
    paired = {id(one.target) for one in found}
    return found + [RecordDifference("alien", target=one) for one in theirs if id(one) not in paired]


def _edge(ours: Sequence[Record], around: Sequence[Record]) -> list[RecordDifference]:
    """Records at an end of the window. What stands around is mostly the copy of what comes before or after,
    so only the same content is taken for the same record."""
    by_content = {one.content: one for one in around}
    return [
        RecordDifference("altered", record, by_content[record.content])
        if record.content in by_content
        else RecordDifference("missing", record)
        for record in ours
    ]


def _alike(one: Record, other: Record) -> bool:
    """Whether a record may be an altered copy of another."""
    return one.content == other.content or (one.timestamp == other.timestamp and one.key == other.key)


def _placed(
    differences: Sequence[RecordDifference],
    matched: set[Token],
    on_target: Sequence[Record],
    used: set[int],
    stamped: bool,
) -> Iterable[RecordDifference]:
    """What is missing in its place and stands in another is out of order; what is there again is doubled."""
    elsewhere: dict[Token, list[Record]] = {}
    for index, record in enumerate(on_target):
        if index not in used:
            elsewhere.setdefault(_token(record, stamped), []).append(record)
    moved: set[int] = set()
    found: list[RecordDifference] = []
    for one in differences:
        if one.source is not None and (others := elsewhere.get(_token(one.source, stamped))):
            other = others.pop(0)
            moved.add(other.offset)
            found.append(RecordDifference("out of order", one.source, other))
            if one.target is not None and one.target is not other:
                found.append(RecordDifference("alien", target=one.target))
        else:
            found.append(one)
    for one in found:
        if one.kind == "alien" and one.target is not None and one.target.offset in moved:
            continue
        if one.kind == "altered" and one.target is not None and one.target.offset in moved:
            yield replace(one, kind="missing", target=None)
        elif one.kind == "alien" and one.target is not None and _token(one.target, stamped) in matched:
            yield replace(one, kind="doubled")
        else:
            yield one
