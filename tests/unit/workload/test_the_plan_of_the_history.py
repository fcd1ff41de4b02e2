"""What a seed still has to write follows from what is there."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from lab.workload.history import missing, transactions
from lab.workload.roster import TOPICS, Topic

ORDERS = Topic("orders", 4, 60, "orders-producer", "orders-consumer", "reader")
WHOLE = [(partition, item) for partition, item in missing(ORDERS, {})]


def in_partition(number: int) -> list[object]:
    return [item for partition, item in WHOLE if partition == number]


def test_nothing_there_means_everything() -> None:
    assert len(WHOLE) == 60


@given(st.lists(st.integers(0, 60), min_size=4, max_size=4))
@settings(max_examples=30)
def test_each_partition_goes_on_after_what_it_has(ends: list[int]) -> None:
    rest = list(missing(ORDERS, dict(enumerate(ends))))
    for number, end in enumerate(ends):
        assert [item for partition, item in rest if partition == number] == in_partition(number)[end:]


def test_more_than_the_history_means_nothing() -> None:
    assert list(missing(ORDERS, dict.fromkeys(range(4), 1_000))) == []


def test_one_transaction_in_five_is_aborted() -> None:
    (payments,) = [topic for topic in TOPICS if topic.read_committed]
    plan = transactions(payments)
    assert Counter(item.aborted for item in plan) == {False: len(plan) * 4 // 5, True: len(plan) // 5}


def test_transactions_hold_the_history_once_and_in_order() -> None:
    (payments,) = [topic for topic in TOPICS if topic.read_committed]
    assert [n for item in transactions(payments) for n in item.records] == list(range(payments.history))
