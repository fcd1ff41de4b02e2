"""Each kind of fault, planted alone: it is found, named with both offsets, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mirror.audit.compare import WINDOWS
from mirror.audit.findings import RecordDifference
from tests.unit.audit.made_up import Record, audit, copied, records

Plant = Callable[[list[Record]], list[Record]]


def _swap(rows: list[Record], first: int, second: int) -> list[Record]:
    rows[first], rows[second] = rows[second], rows[first]
    return rows


ALIEN = Record(0, 5, 77, 123_456, 9)
SINGLE: dict[str, tuple[Plant, list[RecordDifference]]] = {
    "nothing": (lambda r: r, []),
    "lost in the middle": (lambda r: r[:50] + r[51:], [RecordDifference("lost", 1, (50, 50), (49, 50))]),
    "lost at the head": (lambda r: r[2:], [RecordDifference("lost", 2, (0, 1), (-1, 0))]),
    "lost at the tail": (lambda r: r[:-3], [RecordDifference("lost", 3, (97, 99), (96, 97))]),
    "all lost": (lambda r: [], [RecordDifference("lost", 100, (0, 99), (-1, 0))]),
    "doubled": (lambda r: r[:51] + r[50:], [RecordDifference("duplicated", 1, (50, 50), (51, 51))]),
    "doubled far away": (
        lambda r: r[:90] + r[10:13] + r[90:],
        [RecordDifference("duplicated", 3, (10, 12), (90, 92))],
    ),
    "doubled at the end": (lambda r: [*r, r[0]], [RecordDifference("duplicated", 1, (0, 0), (100, 100))]),
    "alien": (lambda r: [*r[:50], ALIEN, *r[50:]], [RecordDifference("alien", 1, (49, 50), (50, 50))]),
    "alien at the head": (lambda r: [ALIEN, *r], [RecordDifference("alien", 1, (-1, 0), (0, 0))]),
    "alien at the end": (lambda r: [*r, ALIEN], [RecordDifference("alien", 1, (99, 100), (100, 100))]),
    "moved": (
        lambda r: r[:10] + r[11:81] + [r[10]] + r[81:],
        [RecordDifference("reordered", 1, (10, 10), (80, 80))],
    ),
    "value": (
        lambda r: [*r[:50], r[50]._replace(value=999), *r[51:]],
        [RecordDifference("altered", 1, (50, 50), (50, 50), ("value",))],
    ),
    "key": (
        lambda r: [*r[:50], r[50]._replace(key=999), *r[51:]],
        [RecordDifference("altered", 1, (50, 50), (50, 50), ("key",))],
    ),
    "headers": (
        lambda r: [*r[:50], r[50]._replace(headers=999), *r[51:]],
        [RecordDifference("altered", 1, (50, 50), (50, 50), ("headers",))],
    ),
    "timestamp": (
        lambda r: [*r[:50], r[50]._replace(timestamp=999), *r[51:]],
        [RecordDifference("altered", 1, (50, 50), (50, 50), ("timestamp",))],
    ),
    "headers of the last": (
        lambda r: [*r[:-1], r[-1]._replace(headers=999)],
        [RecordDifference("altered", 1, (99, 99), (99, 99), ("headers",))],
    ),
    "all headers": (
        lambda r: [one._replace(headers=999) for one in r],
        [RecordDifference("altered", 100, (0, 99), (0, 99), ("headers",))],
    ),
    "value made null": (
        lambda r: [*r[:50], r[50]._replace(value=None), *r[51:]],
        [RecordDifference("altered", 1, (50, 50), (50, 50), ("value",))],
    ),
}


@pytest.mark.parametrize("keys", [0, 10])
@pytest.mark.parametrize("fault", SINGLE)
def test_one_fault(tmp_path: Path, fault: str, keys: int) -> None:
    plant, expected = SINGLE[fault]
    source = records(100, keys=keys)
    assert audit(tmp_path, source, copied(plant(list(source)))).differences == expected


@pytest.mark.parametrize("distance", [1, 2, 30, 100, 700])
def test_swapped_records_are_reordered_wherever_they_went(tmp_path: Path, distance: int) -> None:
    source = records(2000)
    found = audit(tmp_path, source, copied(_swap(list(source), 1000, 1000 + distance)))
    assert {kind for kind, _ in found.kinds} == {"reordered"}
    places = {one.source[0] for one in found.differences}
    assert places <= {1000, 1000 + distance}
    assert places, "one of two neighbours moved, or both of two that are apart"


@pytest.mark.parametrize("count", [1, 10, 50, 260, 900])
@pytest.mark.parametrize("start", [0, 1, 77])
def test_a_lost_stretch_is_one_finding_however_long(tmp_path: Path, start: int, count: int) -> None:
    source = records(1000)
    found = audit(tmp_path, source, copied(source[:start] + source[start + count :]))
    assert found.differences == [
        RecordDifference("lost", count, (start, start + count - 1), (start - 1, start))
    ]


@pytest.mark.parametrize("count", [9, 660])
def test_a_stretch_that_was_mirrored_twice_is_one_finding(tmp_path: Path, count: int) -> None:
    source = records(1500)
    found = audit(tmp_path, source, copied(source[:800] + source[800 - count :]))
    assert found.differences == [
        RecordDifference("duplicated", count, (800 - count, 799), (800, 800 + count - 1))
    ]


def test_a_lost_stretch_and_an_alien_one_at_the_same_place(tmp_path: Path) -> None:
    source = records(2500)
    aliens = [Record(0, n, 5, 10_000_000 + n, 1) for n in range(1000)]
    found = audit(tmp_path, source, copied(source[:500] + aliens + source[1500:]))
    assert found.differences == [
        RecordDifference("lost", 1000, (500, 1499), (499, 1500)),
        RecordDifference("alien", 1000, (499, 1500), (500, 1499)),
    ]


def test_after_a_long_stretch_a_short_rest_is_tied_again(tmp_path: Path) -> None:
    source = records(1430)
    found = audit(tmp_path, source, copied([*source[:10], ALIEN, *source[1400:]]))
    assert found.kinds == [("lost", 1390), ("alien", 1)]


def test_equal_records_count(tmp_path: Path) -> None:
    """Records that are the same in every part are no duplicates as long as the source has as many."""
    source = copied([Record(0, 7, None, 3)] * 500 + records(10) + [Record(0, 7, None, 3)] * 500)
    assert audit(tmp_path, source, copied(source)).differences == []
    assert audit(tmp_path, source, copied(source[1:])).kinds == [("lost", 1)]
    assert audit(tmp_path, source, copied([*source[:200], *source[199:]])).kinds == [("duplicated", 1)]
    assert audit(tmp_path, source, copied(source[:-1])).kinds == [("lost", 1)]


def test_a_stretch_longer_than_the_real_windows(tmp_path: Path) -> None:
    source = records(150_000)
    target = copied(source[:7000] + source[147_000:])
    found = audit(tmp_path, source, target, windows=WINDOWS, block_records=65_536)
    assert found.differences == [RecordDifference("lost", 140_000, (7000, 146_999), (6999, 7000))]
