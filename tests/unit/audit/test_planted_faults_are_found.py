"""Any faults at any places, in a log of any shape: all of them are found, and nothing else is reported."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mirror.audit.findings import RecordDifference
from mirror.audit.rules import AuditRules, Cleaning
from tests.unit.audit.made_up import Record, audit, copied, records

KINDS = ("lost", "duplicated", "reordered", "alien", "key", "value", "headers", "timestamp")
COMPACTED = AuditRules(Cleaning(True), Cleaning(True))
SIZE = 480
# Away from another fault far enough that it is nobody else's: then the name is exact.
APART = 4


def altered(one: Record, part: str) -> Record:
    """The record with another key, value or headers."""
    other = 7_000_000 + one.offset
    if part == "key":
        return one._replace(key=other)
    return one._replace(value=other) if part == "value" else one._replace(headers=other)


def plant(  # noqa: C901 - one case for each kind of fault
    source: list[Record], faults: list[tuple[int, str]]
) -> tuple[list[Record], dict[str, set[int]]]:
    """A copy with faults at places of the source, and the source offsets by kind of finding."""
    at = dict(faults)
    expected: dict[str, set[int]] = {}
    target: list[Record] = []
    held: Record | None = None
    for one in source:
        kind = at.get(one.offset)
        if kind is not None:
            name = kind if kind in KINDS[:4] else "altered"
            expected.setdefault(name, set()).add(one.offset)
        match kind:
            case "lost":
                pass
            case "duplicated":
                target += [one, one]
            case "reordered":
                held = one
                continue
            case "alien":
                target += [one, Record(0, 3, 5_000_000 + one.offset, 6_000_000 + one.offset)]
            case "key" | "value" | "headers":
                target.append(altered(one, kind))
            case "timestamp":
                target.append(one._replace(timestamp=one.timestamp + 1))
            case _:
                target.append(one)
        if held is not None and kind != "reordered":
            target.append(held)
            held = None
    if held is not None:
        target.append(held)
    return copied(target), expected


def named(found: list[RecordDifference]) -> dict[str, set[int]]:
    """Source offsets by kind; an alien record goes by the source's record before it, and of two neighbours
    that changed places either may be the one that moved."""
    places: dict[str, set[int]] = {}
    for one in found:
        places.setdefault(one.kind, set()).update(
            [one.source[0]] if one.kind == "alien" else range(one.source[0], one.source[1] + 1)
        )
    return places


apart = st.lists(
    st.tuples(st.integers(0, SIZE // APART - 2).map(lambda n: n * APART), st.sampled_from(KINDS)),
    unique_by=lambda fault: fault[0],
    max_size=20,
)
# The last record of all has no place to move to.
anywhere = st.lists(
    st.tuples(st.integers(0, SIZE - 1), st.sampled_from(KINDS)).filter(
        lambda one: one != (SIZE - 1, "reordered")
    ),
    unique_by=lambda fault: fault[0],
    max_size=30,
)
shapes = st.sampled_from([0, 5, 200])


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(faults=apart, keys=shapes, block_records=st.sampled_from([30, 256]))
@example(faults=[(0, "lost"), (4, "reordered"), (8, "alien")], keys=0, block_records=30)
def test_faults_apart_are_named_exactly(faults: list[tuple[int, str]], keys: int, block_records: int) -> None:
    source = records(SIZE, keys=keys)
    target, expected = plant(source, faults)
    with tempfile.TemporaryDirectory() as folder:
        found = audit(Path(folder), source, target, block_records=block_records)
    places = named(found.differences)
    moved, said = expected.pop("reordered", set()), places.pop("reordered", set())
    assert places == expected
    assert len(said) == len(moved)
    assert said <= moved | {one + 1 for one in moved}
    assert found.result.counts == {
        kind: len(offsets) for kind, offsets in (expected | ({"reordered": moved} if moved else {})).items()
    }


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(faults=anywhere, keys=shapes, block_records=st.sampled_from([30, 256]))
def test_faults_close_together_hide_each_other_nowhere(
    faults: list[tuple[int, str]], keys: int, block_records: int
) -> None:
    """Names may run together (a record that is lost beside one that came out of order); places may not."""
    source = records(SIZE, keys=keys)
    target, expected = plant(source, faults)
    with tempfile.TemporaryDirectory() as folder:
        found = audit(Path(folder), source, target, block_records=block_records)
    assert bool(found.differences) == bool(faults)
    planted = {offset for offsets in expected.values() for offset in offsets}
    said = {offset for one in found.differences for offset in range(one.source[0] - 1, one.source[1] + 2)} | {
        offset for one in found.differences for offset in range(one.source[0] - 60, one.source[0])
    }
    assert planted <= said
    near = {offset + away for offset in planted for away in range(-60, 61)}
    for one in found.differences:
        assert one.source[0] in near
        assert one.source[1] in near
    for kind in ("lost", "duplicated", "alien", "altered"):
        assert found.result.counts.get(kind, 0) >= len(expected.get(kind, ())) * (kind in ("lost", "alien"))


def clean(rows: list[Record], upto: int) -> list[Record]:
    """As the log cleaner does: of the first `upto` records, those that are the last of their key there."""
    last = {one.key: one.offset for one in rows[:upto]}
    return [one for one in rows[:upto] if one.key is None or last[one.key] == one.offset] + rows[upto:]


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(
    faults=apart,
    keys=st.sampled_from([5, 40, 200]),
    source_upto=st.integers(0, SIZE),
    target_upto=st.integers(0, SIZE),
)
def test_compaction_on_either_side_is_no_fault(
    faults: list[tuple[int, str]], keys: int, source_upto: int, target_upto: int
) -> None:
    """Both sides are cleaned up to places of their own; faults stand behind both."""
    source = records(SIZE, keys=keys)
    behind = max(source_upto, target_upto) + 2
    faults = [(offset, kind) for offset, kind in faults if offset > behind]
    target, expected = plant(source, faults)
    with tempfile.TemporaryDirectory() as folder:
        found = audit(Path(folder), clean(source, source_upto), clean(target, target_upto), rules=COMPACTED)
    places = named(found.differences)
    moved, said = expected.pop("reordered", set()), places.pop("reordered", set())
    assert places == expected
    assert len(said) == len(moved)
