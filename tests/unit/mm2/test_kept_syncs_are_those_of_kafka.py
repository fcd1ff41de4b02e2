"""Which offset syncs of a partition are kept, by the invariants of `OffsetSyncStore` (KAFKA-14666).

C   two different neighbours are at least 2^(i-2) apart, at place i
D   the last place holds the first sync
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest

from mirror.clients.records import TopicPartition
from mirror.mm2.store import OffsetSyncStore
from tests.unit.mm2.test_offset_syncs_are_kept_as_mm2_does import sync
from tests.unit.support.made_up import ORDERS
from tests.unit.support.offset_syncs import store_of

OTHER = TopicPartition("orders", 1)


@pytest.mark.parametrize(
    ("applied", "kept"),
    [
        (range(10), [9, 8, 6, 4, 0]),
        (range(1_000), [999, 998, 996, 992, 984, 976, 960, 896, 768, 512, 0]),
        (range(0, 10_000, 10), [9990, 9980, 9960, 9900, 9840, 9600, 9120, 8640, 7680, 3840, 0]),
        ([one * one for one in range(100)], [9801, 9604, 9216, 8464, 7056, 3364, 0]),
        ([0, 10, 11, 12, 13, 40, 41, 42], [42, 41, 40, 0]),
        ([0, 3, 4, 8, 9, 15, 16, 31, 32, 33], [33, 32, 31, 16, 0]),
        ([5, 5, 6, 6, 7], [7, 6, 5]),
        ([0, 1, 2, 3, 100, 101, 102, 1000, 1001, 1002, 1003, 5000], [5000, 0]),
    ],
)
def test_the_same_ones_are_kept(applied: Sequence[int], kept: list[int]) -> None:
    """tests/lab/test_offset_translation_is_kafkas.py compares the store with Kafka's own class."""
    found = [one.upstream for one in store_of(map(sync, applied)).kept(ORDERS)]
    assert found == kept
    assert found[-1] == applied[0]


@pytest.mark.parametrize("step", [1, 2, 3, 7, 10, 64, 1000])
def test_neighbours_are_far_enough_apart_at_every_moment(step: int) -> None:
    store = OffsetSyncStore()
    for upstream in range(0, 300 * step, step):
        store.apply(sync(upstream))
        kept = [one.upstream for one in store.kept(ORDERS)]
        assert (kept[0], kept[-1]) == (upstream, 0)
        assert all(new - old >= 2 ** max(0, at - 2) for at, (new, old) in enumerate(pairwise(kept), 1))


def test_of_one_record_the_sync_that_came_last_counts() -> None:
    """A record was mirrored again, at least once."""
    store = store_of([sync(0, 0), sync(5, 50), sync(5, 60)])
    assert store.translate(ORDERS, 5) == 60
    newest = store.newest(ORDERS)
    assert newest is not None
    assert newest.downstream == 60
    assert store.translate(ORDERS, 4) == 1, "the syncs before it still count"


def test_a_sync_before_the_newest_makes_those_behind_it_void() -> None:
    """The source topic was created again, while older syncs lie before it."""
    store = store_of([sync(0, 0), sync(10, 10), sync(20, 20), sync(15, 99)])
    assert [one.upstream for one in store.kept(ORDERS)] == [15]
    again = store_of([sync(0, 0), sync(19, 190), sync(20, 200), sync(19, 7)])
    assert [one.downstream for one in again.kept(ORDERS)] == [7]


def test_no_translation_is_past_the_next_sync() -> None:
    store = store_of([sync(0, 0), sync(10, 100), sync(20, 200)])
    assert [store.at_most(ORDERS, upstream) for upstream in (0, 1, 10, 11, 20, 21)] == [
        0, 100, 100, 200, 200, 201,
    ]  # fmt: skip
    assert store.at_most(OTHER, 5) is None
    assert store_of([sync(0, 0), sync(19, 190), sync(20, 200)]).at_most(ORDERS, 21) == 201


def test_a_partition_without_syncs_has_none_and_may_be_forgotten() -> None:
    store = store_of([sync(5)])
    store.forget(OTHER)
    assert store.kept(OTHER) == []
    assert [one.upstream for one in store.kept(ORDERS)] == [5]
