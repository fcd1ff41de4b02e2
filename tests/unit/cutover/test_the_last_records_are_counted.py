"""The ends of both logs, once nobody writes: the same records, in the same order and number."""

from __future__ import annotations

from typing import Any

from mirror.clients.records import Unread, Window
from mirror.cutover.proof.tails import LastRecords, compare
from tests.unit.support.made_up import ORDERS, window


def told(source: Window | Unread, target: Window | Unread, **more: Any) -> tuple[int, str]:
    values = {"whole_source": False, "whole_target": False, **more}
    count, difference = compare(LastRecords(ORDERS, source, target, **values))
    assert difference is None or difference.partition == ORDERS
    return count, difference.reason if difference else ""


def test_a_lost_record_is_found() -> None:
    count, reason = told(window("abcd"), window("abd", 10))
    assert (count, reason) == (1, "the 2. last record differs: source offset 2, target offset 11")
    assert told(window("abcd"), window("abc", 10))[1].startswith("the last record differs")


def test_a_record_that_was_mirrored_twice_is_found() -> None:
    assert told(window("abcd"), window("abccd", 10))[1].startswith("the 3. last record differs")


def test_a_missing_head_is_found_where_the_whole_log_was_read() -> None:
    assert told(window("abcd"), window("cd", 10), whole_target=True) == (
        2,
        "the target has 2 records in all, and the source at least 4",
    )
    assert told(window("cd"), window("abcd", 10), whole_source=True)[1].startswith("the source has 2")
    assert told(window("ab"), window("", 0), whole_target=True)[0] == 0
    assert told(window("ab"), window("", 0), whole_target=True)[1]


def test_what_could_not_be_read_is_a_difference() -> None:
    refused = Unread("refused")
    assert told(refused, window("a")) == (0, "the source could not be read: refused")
    assert told(window("a"), refused) == (0, "the target could not be read: refused")


def test_equal_ends_agree_whatever_was_deleted_before_them() -> None:
    assert told(window("ab.cd."), window("cd", 10)) == (2, "")
    assert told(window(""), window(""), whole_source=True, whole_target=True) == (0, "")


def test_records_before_the_start_of_the_mirror_do_not_count() -> None:
    assert told(window("abcd"), window("cd", 0), whole_target=True, left_out=1) == (2, "")


def test_originals_that_a_way_back_finds_in_the_old_region_do_not_count() -> None:
    """`abc` crossed on the way out, `de` was written since: the way back has mirrored `de` only."""
    home: dict[str, Any] = {"left_out": 2, "copy_end": 3, "whole_source": True, "whole_target": True}
    assert told(window("abcde"), window("abcde"), **home) == (2, "")
    assert told(window("abc.de"), window("abc.de"), **home | {"left_out": 3}) == (2, "")
    assert told(window("abcde"), window("abce"), **home)[1].startswith("the target has 1 records in all")
    assert told(window("abcde"), window("abcdde"), **home)[1] == (
        "the source has 2 records in all, and the target at least 3"
    )
    assert told(window("abc"), window("abc"), **home) == (0, ""), "nothing is new"
    assert told(window("abc"), window("abcc"), **home)[1], "a record that was mirrored once more"
