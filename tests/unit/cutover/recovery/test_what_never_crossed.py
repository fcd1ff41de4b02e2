"""Which records never crossed, and which of their keys were written on the target since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from mirror.audit.blocks import RecordBlock
from mirror.cutover.recovery import missing
from mirror.cutover.recovery.missing import Judgement, judge, ranges
from tests.unit.audit.made_up import ONE, MadeUpLog, Record


def block(records: Sequence[Record]) -> list[RecordBlock]:
    with MadeUpLog({ONE: records}, block_records=3).blocks(ONE, 0, 1_000) as blocks:
        return list(blocks)


def judged(source: Sequence[Record], target: Sequence[Record] = (), **given: Any) -> Judgement:
    rules: dict[str, Any] = {"recovered": -1, "promoted": 0, "by_content": False, "compacted": False}
    return judge(block(source), block(target), **{**rules, **given})


def test_behind_the_position_of_an_exactly_once_mirror_nothing_has_crossed() -> None:
    source = [Record(10, 1, 1, 1), Record(11, 2, None, 2), Record(14, 3, 2, None)]
    found = judged(source)
    assert found.missing.tolist() == [10, 11, 14]
    assert found.timestamps.tolist() == [1, 2, 3]
    assert (found.tombstones, found.conflicts, found.crossed) == (1, 0, 0)


def test_an_aborted_record_is_in_no_range() -> None:
    """A read_committed log has a hole where the record was."""
    found = judged([Record(10), Record(11), Record(14)])
    assert ranges(found.missing) == [(10, 11, 2), (14, 14, 1)]


def test_ranges_beyond_the_most_are_joined() -> None:
    found = judged([Record(offset) for offset in range(0, 20, 2)])
    assert ranges(found.missing, 2) == [(0, 0, 1), (2, 18, 9)]
    assert ranges(found.missing, 4) == [(0, 0, 1), (2, 2, 1), (4, 4, 1), (6, 18, 7)]
    assert ranges(judged([]).missing) == []


def test_a_report_lists_twenty_ranges_at_most() -> None:
    found = judged([Record(offset) for offset in range(0, 44, 2)])
    assert ranges(found.missing)[18:] == [(36, 36, 1), (38, 42, 3)]


def test_without_exactly_once_records_behind_the_position_may_have_crossed() -> None:
    source = [Record(10, 1, 1, 1), Record(11, 2, 2, 2), Record(12, 3, 3, 3)]
    copies = [Record(90, 1, 1, 1), Record(91, 2, 2, 2)]
    found = judged(source, copies, by_content=True, promoted=92)
    assert found.missing.tolist() == [12]
    assert (found.crossed, found.conflicts) == (2, 0)


def test_a_copy_that_came_twice_is_no_conflict_with_a_later_record_of_its_key() -> None:
    source = [Record(10, 1, 1, 1), Record(11, 2, 1, 2)]
    found = judged(source, [Record(90, 1, 1, 1), Record(91, 1, 1, 1)], by_content=True, promoted=None)
    assert (found.missing.tolist(), found.crossed, found.conflicts) == ([11], 1, 0)


def test_records_in_the_order_of_their_originals_are_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up takes longer than reading, on a log of millions."""
    monkeypatch.setattr(missing, "_Seen", None)
    source = [Record(10 + number, number, number, 1) for number in range(7)]
    copies = [one._replace(offset=90 + number) for number, one in enumerate(source)]
    assert judged(source, copies, by_content=True).crossed == 7
    assert judged(source, [*copies, Record(99, 9, 9, 9)], by_content=True).crossed == 7
    assert judged(source, [], by_content=True).missing.tolist() == list(range(10, 17))
    assert judged([], copies, by_content=True).crossed == 0


def test_a_record_of_another_time_is_no_copy() -> None:
    source, late = [Record(10, 1, 1, 1)], [Record(90, 2, 1, 1)]
    assert judged(source, late, by_content=True).missing.tolist() == [10]


def test_of_identical_records_only_as_many_have_crossed_as_the_target_has() -> None:
    source = [Record(10, 1, 1, 1), Record(11, 1, 1, 1), Record(12, 1, 1, 1)]
    found = judged(source, [Record(90, 1, 1, 1), Record(91, 1, 1, 1)], by_content=True, promoted=92)
    assert found.missing.tolist() == [12]


def test_of_many_identical_records_the_first_ones_have_crossed() -> None:
    source = [Record(offset, 1, 1, 1) for offset in range(100)]
    copies = [Record(offset, 1, 1, 1) for offset in range(60)]
    assert judged(source, copies, by_content=True, promoted=60).missing.tolist() == list(range(60, 100))


def test_nothing_excuses_a_key_of_which_no_record_has_crossed() -> None:
    source = [Record(10, 1, 1, 1), Record(11, 2, 2, 2), Record(12, 3, 1, 3)]
    found = judged(source, [Record(90, 2, 2, 2)], by_content=True, promoted=91, compacted=True)
    assert (found.missing.tolist(), found.superseded) == ([10, 12], 0)


def test_a_crossed_record_that_the_target_has_compacted_is_excused() -> None:
    source = [Record(10, 1, 1, 1), Record(11, 2, 2, 2), Record(12, 3, 1, 3), Record(13, 4, 2, 4)]
    copies = [Record(91, 2, 2, 2), Record(92, 3, 1, 3)]  # 90 was superseded by 92
    found = judged(source, copies, by_content=True, promoted=93, compacted=True)
    assert (found.missing.tolist(), found.superseded) == ([13], 1)
    kept = judged(source, copies, by_content=True, promoted=93, compacted=False)
    assert kept.missing.tolist() == [10, 13]


def test_a_key_that_was_written_since_the_promotion_is_in_conflict() -> None:
    source = [Record(10, 1, 1, 1), Record(11, 2, 2, 2), Record(12, 3, 1, 3), Record(13, 4, None, 4)]
    since = [Record(90, 50, 1, 7), Record(91, 51, 9, 8), Record(92, 52, 1, 9), Record(93, 53, None, 4)]
    found = judged(source, since, promoted=90)
    assert found.in_conflict.tolist() == [True, False, True, False]
    assert found.there.tolist() == [92, -1, 92, -1], "the newest record of the key"
    assert found.there_timestamps.tolist() == [52, -1, 52, -1]


def test_the_first_record_that_clients_write_after_the_promotion_counts() -> None:
    """Nothing had crossed, so the target's log begins with what its clients wrote."""
    source = [Record(10, 1, 1, 1), Record(11, 2, 2, 2)]
    empty = judged(source)
    assert (empty.there.tolist(), empty.there_timestamps.tolist()) == ([-1, -1], [-1, -1])
    found = judged(source, [Record(0, 50, 2, 7)], promoted=0)
    assert found.in_conflict.tolist() == [False, True]
    assert found.there.tolist() == [-1, 0]
    assert judged(source, [Record(90, 50, 2, 7)], promoted=90).conflicts == 1
    assert judged(source, [Record(90, 50, 2, 7)], promoted=91).conflicts == 0


def test_a_copy_has_key_value_and_timestamp_of_its_original_or_a_client_has_written_it() -> None:
    """Headers may differ: a recovered record has more of them."""
    source = [Record(10, 1, 1, 1), Record(11, 2, 2, 2)]
    assert judged(source, [Record(90, 1, 1, 1, headers=77)], recovered=10).conflicts == 0
    for of_a_client in (Record(90, 1, 1, 9), Record(90, 9, 1, 1)):
        assert judged(source, [of_a_client]).in_conflict.tolist() == [True, False]
    with_another_key = Record(90, 1, 2, 1)
    assert judged(source, [with_another_key]).in_conflict.tolist() == [False, True]


@pytest.mark.parametrize("key", [1, None])
def test_a_record_that_a_client_has_sent_again_since_is_in_conflict(key: int | None) -> None:
    """It got no answer from the source. Recovered to its topic, the record would be there twice."""
    source = [Record(10, 1, key, 1), Record(11, 2, 2, 2)]
    for headers in (0, 77):
        found = judged(source, [Record(90, 1, key, 1, headers=headers)], promoted=90)
        assert found.in_conflict.tolist() == [True, False]
        assert (found.there[0], found.there_timestamps[0]) == (90, 1)
    assert judged(source, [Record(90, 1, key, 1)], promoted=91).conflicts == 0


def test_a_key_that_was_written_before_the_promotion_is_not_in_conflict() -> None:
    source, target = [Record(10, 1, 1, 1)], [Record(89, 50, 1, 7)]
    assert judged(source, target, promoted=90).conflicts == 0
    assert judged(source, target, promoted=None).conflicts == 1, "unknown: any record counts"


def test_a_repeated_run_goes_on_and_is_not_in_conflict_with_itself() -> None:
    source = [Record(10, 1, 1, 1), Record(11, 2, 2, 2), Record(12, 3, 1, 3)]
    written = [Record(90, 1, 1, 1, headers=77), Record(91, 2, 2, 2, headers=78)]
    found = judged(source, written, promoted=90, recovered=11)
    assert (found.missing.tolist(), found.recovered, found.conflicts) == ([12], 2, 0)
