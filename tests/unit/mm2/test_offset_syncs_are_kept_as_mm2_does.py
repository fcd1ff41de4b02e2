"""Which offset syncs are kept and what is translated by them; against Kafka's own class in tests/lab."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mirror.clients.records import TopicPartition
from mirror.mm2.formats import OffsetSync
from tests.unit.support.made_up import ORDERS
from tests.unit.support.offset_syncs import store_of


def sync(upstream: int, downstream: int | None = None, one: TopicPartition = ORDERS) -> OffsetSync:
    return OffsetSync(one, upstream, upstream * 2 if downstream is None else downstream)


def test_at_a_sync_translation_is_exact_and_after_it_one_further() -> None:
    store = store_of([sync(100, 80), sync(200, 150)])
    assert store.translate(ORDERS, 100) == 80
    assert store.translate(ORDERS, 101) == 81
    assert store.translate(ORDERS, 199) == 81
    assert store.translate(ORDERS, 200) == 150
    assert store.translate(ORDERS, 10_000) == 151


def test_before_every_sync_and_without_any_there_is_no_translation() -> None:
    store = store_of([sync(100)])
    assert store.translate(ORDERS, 99) is None
    assert store.translate(TopicPartition("orders", 1), 99) is None


def test_syncs_that_are_kept_lie_further_apart_the_older_they_are() -> None:
    kept = [one.upstream for one in store_of(sync(n) for n in range(1_000)).kept(ORDERS)]
    assert kept[0] == 999
    assert kept[-1] == 0
    assert len(kept) < 25
    gaps = [new - old for new, old in pairwise(kept)]
    assert gaps[-1] > gaps[0]


def test_an_upstream_that_went_back_makes_all_before_it_void() -> None:
    store = store_of([sync(100), sync(200), sync(50)])
    assert [one.upstream for one in store.kept(ORDERS)] == [50]
    assert store.translate(ORDERS, 49) is None


def test_a_forgotten_partition_has_no_translation() -> None:
    store = store_of([sync(5)])
    store.forget(ORDERS)
    assert store.translate(ORDERS, 5) is None
    assert store.newest(ORDERS) is None


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=200), st.lists(st.integers(0, 6_000)))
def test_translation_never_skips_and_never_goes_back(steps: list[int], queries: list[int]) -> None:
    upstream, syncs = 0, []
    for step in steps:
        syncs.append(sync(upstream, upstream))
        upstream += step
    store = store_of(syncs)
    assert store.kept(ORDERS)[-1] == syncs[0] or len(steps) > 1
    answers = [store.translate(ORDERS, query) for query in sorted(queries)]
    for query, answer in zip(sorted(queries), answers, strict=True):
        assert answer is None or answer <= query
    known = [answer for answer in answers if answer is not None]
    assert known == sorted(known)
