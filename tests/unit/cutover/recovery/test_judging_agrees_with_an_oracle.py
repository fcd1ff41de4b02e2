"""Made-up logs, judged by whole columns and once more record by record, as the rules are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mirror.cutover.recovery.missing import judge
from tests.unit.audit.made_up import Record
from tests.unit.cutover.recovery.test_what_never_crossed import block

_ROW = st.tuples(
    st.integers(1, 3), st.one_of(st.none(), st.integers(1, 3)), st.integers(1, 2), st.integers(0, 1)
)
ROWS = st.lists(_ROW, max_size=14)


def numbered(rows: Sequence[tuple[int, int | None, int, int]], first: int) -> list[Record]:
    return [
        Record(first + number, stamp, key, value, headers=headers)
        for number, (stamp, key, value, headers) in enumerate(rows)
    ]


def whole(one: Record) -> tuple[object, ...]:
    return one.timestamp, one.key, one.value, one.headers


def expected(
    source: Sequence[Record],
    target: Sequence[Record],
    *,
    recovered: int,
    promoted: int | None,
    by_content: bool,
    compacted: bool,
) -> tuple[list[int], list[int], int, int, int]:
    """Offsets that are missing, the newest target offset of each one's key or of itself, and the counts."""
    copies = Counter(whole(one) for one in target) if by_content else Counter()
    crossed = []
    for one in source:
        crossed.append(copies[whole(one)] > 0)
        copies[whole(one)] -= 1
    last = {one.key: one.offset for one, done in zip(source, crossed, strict=True) if done}
    excused = [
        compacted and not done and one.key is not None and last.get(one.key, -1) > one.offset
        for one, done in zip(source, crossed, strict=True)
    ]
    originals = {whole(one)[:3] for one in source if by_content or one.offset <= recovered}
    newest: dict[object, int] = {}
    for one in target:
        if (promoted is None or one.offset >= promoted) and whole(one)[:3] not in originals:
            if one.key is not None:
                newest[one.key] = one.offset
            if not by_content:
                newest[whole(one)[:3]] = one.offset
    open_ = [one for one, there, gone in zip(source, crossed, excused, strict=True) if not there and not gone]
    missing = [one for one in open_ if one.offset > recovered]
    return (
        [one.offset for one in missing],
        [max(newest.get(one.key, -1), newest.get(whole(one)[:3], -1)) for one in missing],
        sum(crossed),
        sum(excused),
        len(open_) - len(missing),
    )


@given(
    ROWS,
    ROWS,
    st.integers(0, 14),
    st.integers(99, 115),
    st.one_of(st.none(), st.integers(500, 516)),
    st.booleans(),
    st.booleans(),
)
def test_judging_agrees_with_an_oracle(
    rows: list[tuple[int, int | None, int, int]],
    others: list[tuple[int, int | None, int, int]],
    copied: int,
    recovered: int,
    promoted: int | None,
    by_content: bool,
    compacted: bool,
) -> None:
    """The target has some leading records of the source in their order, as a mirror writes them, then any."""
    source, target = numbered(rows, 100), numbered([*rows[:copied], *others], 500)
    rules = {"recovered": recovered, "promoted": promoted, "by_content": by_content, "compacted": compacted}
    found = judge(block(source), block(target), **rules)  # type: ignore[arg-type]
    there = np.where(found.in_conflict, found.there, -1)
    assert expected(source, target, **rules) == (  # type: ignore[arg-type]
        found.missing.tolist(),
        there.tolist(),
        found.crossed,
        found.superseded,
        found.recovered,
    )
