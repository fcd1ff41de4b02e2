"""Made-up windows and their copies, for the tests of records-match: records named by letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mirror.clients.records import Record, Window
from mirror.verify.comparison import Copy
from mirror.verify.values.compacted import Later
from mirror.verify.values.probe import Probe, Sample
from tests.unit.support.made_up import ORDERS, record, records, window

ONE = Sample(1, 1)


def whole(found: Sequence[Record]) -> Copy:
    return Copy(found, from_start=True, at_end=True)


def probe(expected: str, copy: str, **more: object) -> Probe:
    """Letters are records; the copy is the whole log of the target."""
    made = Probe(ORDERS, ORDERS, "whole", window(expected), whole(records(copy, 100)))
    return replace(made, **more)  # type: ignore[arg-type]


def keyed(text: str, start: int = 0) -> list[Record]:
    """`k1 k2 j-`: key and value number, `-` for a tombstone, `..` for an offset without a record."""
    return [
        record(start + index, one, key=one[0], tombstone=one[1] == "-")
        for index, one in enumerate(text.split())
        if one != ".."
    ]


def compacted(source: str, target: str, *, complete: bool = True, rest: str = "") -> Probe:
    ours, theirs = keyed(source), keyed(target, 100)
    after = keyed(rest, len(source.split()))
    later = Later(
        {one.key: one.offset for one in (*ours, *after)},
        {one.key: one.offset for one in theirs},
        complete,
        alive=frozenset(one.key for one in {one.key: one for one in theirs}.values() if not one.tombstone),
    )
    seen = Window(0, len(ours), ours, True)
    return Probe(ORDERS, ORDERS, "whole", seen, whole(theirs), compacted=True, later=later)
