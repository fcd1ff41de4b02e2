"""tail-matches: what its report says, and what it says of records that are there but hidden, or left out."""

from __future__ import annotations

from dataclasses import replace

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.verify.values.partition_lag import HeldBack
from mirror.verify.values.tail import Tail, tail_verdict
from tests.unit.support.made_up import NOW, record, window, window_of
from tests.unit.verify.looks import BOTH
from tests.unit.verify.looks import judged as judged_look
from tests.unit.verify.tails import judged, message, moved, state, tail


def _on(partition: int, one: Tail) -> Tail:
    both = TopicPartition("orders", partition)
    return replace(one, partition=both, remote=both)


def test_a_hidden_tail_names_the_transaction_and_mirrors_nothing_again() -> None:
    renamed = TopicPartition("east.orders", 0)
    one = replace(tail(record(14, "d"), before=window("abcde")), held=HeldBack(15, 3, too_long=True))
    finding = tail_verdict(replace(one, remote=renamed), NOW).finding
    assert finding is not None
    assert finding.subject == "orders-0 (east.orders-0 on the target)"
    assert finding.message.startswith("a transaction that began at offset 15 on the target has not ended")
    assert finding.remedy.startswith("mirror nothing again")
    assert "--topic east.orders --partition 0 --start-offset 15" in finding.remedy


def test_records_that_the_target_lost_are_missing_whatever_else_it_holds() -> None:
    """A look also reads the target from the copies on; what ends in a copy was written by nobody else."""
    lost = moved("abcd", "f", before=window("abcde"))
    assert message(lost).startswith("2 records are missing at the tail: the target ends in the record of")


def test_the_summary_names_all_that_it_counts() -> None:
    empty = tail(None, position=None, target=Bounds(0, 0))
    gone = tail(record(17, "f"), source=Bounds(7, 8), window=window("h", 7))
    seen = [tail(record(17, "f")), _on(1, empty), *(_on(number, gone) for number in range(2, 6))]
    reason = "(retention has removed that part of the source)"
    assert judged(*seen).summary == (
        "1 of 6 partitions end in the same record, 1 empty on both sides; not comparable: "
        f"orders-2 {reason}, orders-3 {reason}, orders-4 {reason} and 1 more"
    )


def test_retention_is_judged_by_the_time_of_the_look() -> None:
    old = window_of([record(5, "f", age=7200)], 5, 8)
    result = judged(tail(None, target=Bounds(20, 20), window=old, target_retention_ms=3_600_000))
    assert result.passed
    assert result.facts["not_comparable"] == 1
    now = {"tails": [tail(None, target=Bounds(20, 20), window=old, target_retention_ms=3_600_000)]}
    assert judged_look(BOTH, "tail-matches", **now)["tail-matches"].passed


def test_tombstones_that_are_gone_from_the_target_are_the_reason() -> None:
    gone = window_of([record(5, "gone", key="k", tombstone=True)], 5, 6)
    one = tail(record(14, "e"), window=gone, before=window("abcde"), compacted=True)
    assert tail_verdict(one, NOW).reason == "compaction removed tombstones on the target"


def test_an_empty_target_whose_source_cannot_be_read_says_so() -> None:
    one = tail(None, target=Bounds(0, 0), window=window("", 5), before=Unread("no leader"))
    assert message(one) == "it could not be read on the source: no leader"


def test_one_mirrored_record_shows_that_a_target_was_emptied() -> None:
    """Each holds the position's record no longer, and one record that was mirrored before it."""
    values = {"target": Bounds(0, 0), "window": window("", 5)}
    assert state(tail(None, before=window_of([record(0, "a")], 0, 5), **values)) == "different"
    left_out = tail(None, before=window_of([record(3, "d")], 0, 5), start=3, **values)
    assert state(left_out) == "not-comparable"
    behind = tail(None, before=window_of([record(3, "d"), record(4, "e")], 0, 5), start=3, **values)
    assert state(behind) == "different"
