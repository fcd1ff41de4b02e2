"""groups-translated: where a group's first unread record stands, among records that are equal."""

from __future__ import annotations

from dataclasses import replace

from mirror.clients.records import Bounds
from mirror.verify.values.first_unread import find
from mirror.verify.values.translation import Translation
from tests.unit.support.made_up import record, window, window_of
from tests.unit.verify.translations import at, judged


def test_a_match_takes_a_run_of_equal_records_unless_compaction_may_have_broken_it() -> None:
    unread, ahead = window("ab").records, window("ac", 5).records
    assert find(unread, ahead) is None
    assert find(unread, ahead, compacted=True) == (0, 0)
    assert find(unread, window("xab", 5).records) == (1, 0)
    assert find(unread, window("xb", 5).records) == (1, 1), "the first of them that the target has"


def test_a_match_that_the_end_of_the_target_cuts_short_holds_every_copied_record() -> None:
    """Five equal records in a row, all of them mirrored: one is left after the group's offset, so four lie
    before it."""
    equal = [record(offset, "x") for offset in range(5)]
    one = at(
        0,
        4,
        position=4,
        source=Bounds(0, 5),
        target=Bounds(0, 5),
        unread=window_of(equal, 0, 5),
        ahead=window_of(equal[4:], 4, 5),
    )
    assert judged(one).state == "unsafe"
    assert judged(replace(one, position=0)) == Translation("safe", 0), "the other four are not copied yet"


def test_a_long_run_of_equal_records_is_compared_to_its_end() -> None:
    """More equal records than a match needs: their number decides, not the first ones."""
    equal = [record(offset, "x") for offset in range(30)]
    one = at(
        0,
        10,
        position=29,
        source=Bounds(0, 30),
        target=Bounds(0, 30),
        unread=window_of(equal, 0, 30),
        ahead=window_of(equal[10:], 10, 30),
    )
    assert judged(one).state == "unsafe"
    assert judged(replace(one, translated=0, ahead=window_of(equal, 0, 30))) == Translation("safe", 0)


def test_a_match_at_the_end_of_what_was_read_needs_more_of_the_log() -> None:
    unread = window("aab").records
    assert find(unread, window("xa", 5).records) is None
    assert find(unread, window("xa", 5).records, copied_to=0) == (1, 0), "the log ends there"


def test_equal_records_that_go_on_after_what_was_read_match_nowhere() -> None:
    """Two of five were read on the source: the two on the target may be the last ones."""
    equal = [record(offset, "x") for offset in range(5)]
    one = at(
        0,
        3,
        position=4,
        source=Bounds(0, 5),
        target=Bounds(0, 5),
        unread=window_of(equal[:2], 0, 2, at_end=False),
        ahead=window_of(equal[3:], 3, 5),
    )
    assert judged(one).state == "unsafe"
    assert judged(replace(one, position=1)).state == "safe"
