"""Groups: how many records were read on both sides, and how many that never crossed."""

from __future__ import annotations

from mirror.clients.records import Bounds, TopicPartition
from mirror.cutover.recovery.groups import read_twice
from mirror.cutover.recovery.read_twice import one_group
from mirror.cutover.recovery.scan import Extent

ONE, COPY = TopicPartition("orders", 0), TopicPartition("east.orders", 0)
# 100 records have crossed (source offsets 0 to 99, target offsets 0 to 99); 20 have not.
EXTENT = Extent(ONE, COPY, 99, -1, Bounds(0, 120), 120, Bounds(0, 130), promoted=100)


def count(_: TopicPartition, start: int, stop: int) -> int:
    return max(0, stop - start)


def test_a_translation_behind_the_commit_is_read_twice_up_to_the_commit() -> None:
    found = one_group("billing", EXTENT, 80, (50, 50), False, count, count)
    assert (found.twice, found.uncrossed) == (30, 0)


def test_an_exact_translation_reads_nothing_twice() -> None:
    assert one_group("billing", EXTENT, 80, (80, 80), False, count, count).twice == 0


def test_what_never_crossed_and_was_read_is_counted_apart() -> None:
    found = one_group("billing", EXTENT, 110, (90, 90), False, count, count)
    assert (found.twice, found.uncrossed) == (10, 10)


def test_without_a_translation_or_an_end_it_is_not_known() -> None:
    assert one_group("billing", EXTENT, 80, (None, None), False, count, count).twice is None
    assert read_twice(None, 3) is None
    assert read_twice(3, 5) == 0


def test_a_group_that_the_cutover_has_moved_reads_nothing_twice() -> None:
    assert one_group("billing", EXTENT, 80, (50, 50), True, count, count).twice == 0
