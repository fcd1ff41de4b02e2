"""Without exactly-once, copies among records of clients: behind the first difference they are looked up."""

from __future__ import annotations

import pytest

from mirror.clients.records import TopicPartition
from mirror.cutover.recovery.in_order import in_order
from tests.unit.audit.made_up import MadeUpLog, Record
from tests.unit.cutover.recovery.test_what_never_crossed import judged

ONE = TopicPartition("orders", 0)
OF_A_CLIENT = Record(80, 50, 70, 70)


def test_of_identical_records_behind_a_difference_as_many_have_crossed_as_the_target_has() -> None:
    source = [Record(10, 0, 9, 9), *(Record(offset, 1, 1, 1) for offset in (11, 12, 13)), Record(14, 2, 2, 2)]
    copies = [OF_A_CLIENT, Record(90, 1, 1, 1), Record(91, 1, 1, 1)]
    found = judged(source, copies, by_content=True, promoted=92)
    assert (found.missing.tolist(), found.crossed) == ([10, 13, 14], 2)


def test_of_many_the_first_ones_have_crossed() -> None:
    source = [Record(offset, offset % 2, 1, 1) for offset in range(200)]
    copies = [OF_A_CLIENT, *(Record(offset, offset % 2, 1, 1) for offset in range(100, 220))]
    found = judged(source, copies, by_content=True, promoted=220)
    assert found.missing.tolist() == list(range(120, 200))


def test_copies_before_and_behind_the_first_difference_are_counted_together() -> None:
    source = [Record(10 + number, number, number, 1) for number in range(4)]
    copies = [source[0], OF_A_CLIENT, source[1], source[3]]
    found = judged(
        source,
        [one._replace(offset=90 + number) for number, one in enumerate(copies)],
        by_content=True,
        promoted=94,
    )
    assert (found.missing.tolist(), found.crossed, found.stamped) == ([12], 3, False)


def test_where_no_key_is_in_conflict_no_offset_is_named() -> None:
    source = [Record(10, 1, 1, 1), Record(11, 2, None, 2)]
    found = judged(source, [OF_A_CLIENT], by_content=True)
    assert (found.there.tolist(), found.there_timestamps.tolist()) == ([-1, -1], [-1, -1])
    assert found.conflicts == 0
    assert found.keyed.tolist() == [True, False]


def test_a_second_copy_behind_a_difference_is_no_conflict_with_a_later_record_of_its_key() -> None:
    source = [Record(10, 1, 1, 1), Record(11, 2, 1, 2)]
    copies = [OF_A_CLIENT, Record(90, 1, 1, 1), Record(91, 1, 1, 1)]
    found = judged(source, copies, by_content=True, promoted=None)
    assert (found.missing.tolist(), found.crossed, found.conflicts) == ([11], 1, 0)


def test_what_the_last_run_has_recovered_last_is_no_conflict_with_a_later_record_of_its_key() -> None:
    source = [Record(10, 1, 1, 1), Record(11, 2, 1, 2), Record(12, 3, 1, 3)]
    written = [Record(90, 1, 1, 1), Record(91, 2, 1, 2)]
    found = judged(source, written, promoted=90, recovered=11)
    assert (found.missing.tolist(), found.recovered, found.conflicts) == ([12], 2, 0)


@pytest.mark.parametrize("other", [Record(90, 1, 1, 9), Record(90, 9, 1, 1)], ids=["value", "timestamp"])
def test_a_record_of_a_client_differs_from_a_recovered_one_in_its_value_or_time(other: Record) -> None:
    source = [Record(10, 1, 1, 1), Record(12, 3, 1, 3)]
    found = judged(source, [other], promoted=90, recovered=10)
    assert found.in_conflict.tolist() == [True]


@pytest.mark.parametrize(("ours", "theirs"), [(2, 5), (5, 2), (3, 3)])
def test_records_in_the_same_order_are_passed_however_they_were_read(ours: int, theirs: int) -> None:
    rows = [Record(number, number, number, 1) for number in range(11)]
    logs = [MadeUpLog({ONE: rows}, block_records=size) for size in (ours, theirs)]
    with logs[0].blocks(ONE, 0, 11) as source, logs[1].blocks(ONE, 0, 9) as target:
        matched = in_order(source, target)
        assert sum(map(len, matched.originals)) == 9
        assert [int(offset) for block in matched.source for offset in block.offsets] == [9, 10]
        assert sum(map(len, matched.target)) == 0
