"""groups-translated: what a group would skip or read again, from records alone."""

from __future__ import annotations

from dataclasses import replace

from mirror.clients.records import Bounds, Unread, Window
from mirror.verify.checks.groups_translated import judge
from mirror.verify.values.translation import Translation, without_records
from tests.unit.support.made_up import record, window, window_of
from tests.unit.verify.translations import at, judged, message


def test_an_exact_translation_reads_nothing_again() -> None:
    assert judged(at(4, 4)) == Translation("safe", 0)


def test_a_cautious_translation_predicts_what_is_read_again() -> None:
    assert judged(at(6, 2)) == Translation("safe", 4)


def test_a_group_that_has_read_all_reads_again_what_lies_ahead() -> None:
    assert judged(at(8, 8)) == Translation("safe", 0)
    assert judged(at(8, 5)) == Translation("safe", 3)


def test_markers_on_the_target_are_not_records_to_read_again() -> None:
    one = at(8, 5, target=Bounds(0, 12), ahead=window("f.g.h..", 5))
    assert judged(one) == Translation("safe", 3)


def test_offsets_need_not_be_equal_on_both_sides() -> None:
    one = at(4, 40, target=Bounds(0, 60), ahead=window("de.fg.h.", 40))
    assert judged(one) == Translation("safe", 1)
    one = at(4, 40, target=Bounds(0, 60), ahead=window("cd.ef.gh", 40), unread=window("efgh", 4))
    assert judged(one) == Translation("safe", 2)


def test_a_translation_past_an_unread_record_is_unsafe_and_counted() -> None:
    result = judge([at(2, 5)])
    assert result.facts["groups"]["billing"]["orders-0"]["state"] == "unsafe"
    [finding] = result.findings
    assert finding.subject == "group billing, orders-0"
    assert finding.message == "unsafe: 3 records would be skipped (source offset 2, target offset 5)"
    assert "--group billing --topic orders --delete-offsets" in finding.remedy
    assert "The next steps rewind the group by 3 records" in finding.remedy


def test_a_translation_at_the_end_with_unread_records_is_unsafe() -> None:
    assert judged(at(6, 8)).skipped == 2


def test_records_not_mirrored_yet_are_not_skipped() -> None:
    """The group is near the tip and the mirror behind it: e to h are still to come."""
    one = at(4, 4, position=3, target=Bounds(0, 4), ahead=None)
    assert judged(one) == Translation("safe", 0)
    one = at(4, 2, position=3, target=Bounds(0, 4), ahead=window("cd", 2))
    assert judged(one) == Translation("safe", 2)


def test_a_group_ahead_of_the_mirror_is_safe() -> None:
    assert judged(at(8, 2, position=3, target=Bounds(0, 4), ahead=window("cd", 2))) == Translation("safe", 2)


def test_an_offset_past_the_targets_end_is_found() -> None:
    assert "past the end" in message(at(8, 11))


def test_an_absent_translation_is_found_unless_nothing_was_read() -> None:
    assert "no translated offset" in message(at(3, None))
    assert judge([at(0, None, read_before=False, position=None)]).passed
    assert judge([at(9, None, source=Bounds(9, 9), unread=None)]).passed


def test_equal_records_do_not_hide_a_skip() -> None:
    """The first unread record `a` also occurs later: only the run of records tells them apart."""
    source = window("axya.z", 2)
    target = window("a.zz", 9)
    one = at(2, 9, unread=source, ahead=target, target=Bounds(0, 13), position=9)
    assert judged(one).state == "unsafe"


def test_reading_may_stop_before_the_unread_record_when_its_timestamp_locates_it() -> None:
    part = Window(0, 3, window("abc").records, False)
    assert judged(at(6, 0, ahead=part, located=6)) == Translation("safe", 3, exact=False)
    assert judged(at(6, 0, ahead=part)) == Translation(
        "unknown", reason="its first unread record is not among the 3 target records from there"
    )
    assert not judge([at(6, 0, ahead=part)]).passed


def test_compaction_may_have_removed_superseded_unread_records() -> None:
    unread = window_of([record(4, "old", key="k"), record(5, "x", key="l"), record(6, "new", key="k")], 4, 8)
    ahead = window_of([record(5, "x", key="l"), record(6, "new", key="k")], 4, 8)
    assert judged(at(4, 4, unread=unread, ahead=ahead)).state == "unsafe"
    assert judged(at(4, 4, unread=unread, ahead=ahead, compacted=True)) == Translation("safe", 0)


def test_compaction_excuses_no_record_that_nothing_supersedes() -> None:
    unread = window_of([record(4, "only", key="k"), record(5, "x", key="l")], 4, 8)
    ahead = window_of([record(5, "x", key="l")], 5, 8)
    assert judged(at(4, 5, unread=unread, ahead=ahead, compacted=True)).state == "unsafe"


def test_a_group_before_the_start_of_the_mirror_has_nothing_to_translate() -> None:
    """`abcd` were left out on purpose."""
    assert judged(at(2, None, start=3, unread=window("efgh", 4))).state == "before-start"
    result = judge([at(2, None, start=3, unread=window("efgh", 4))])
    assert result.passed
    assert "1 offset is before the start of the mirror" in result.summary


def test_a_group_behind_the_start_must_be_translated() -> None:
    assert judged(at(6, None, start=3)).state == "absent"


def test_right_at_the_start_only_nothing_mirrored_excuses() -> None:
    assert judged(at(4, None, start=3, position=3)).state == "before-start"
    assert judged(at(4, None, start=3)).state == "absent"


def test_before_the_start_a_group_may_still_not_skip_what_was_mirrored() -> None:
    """`efgh` were mirrored to 0 to 3; the group would begin at g."""
    one = at(2, 2, start=3, target=Bounds(0, 4), unread=window("efgh", 4), ahead=window("gh", 2))
    assert judged(one) == Translation("unsafe", skipped=2)
    assert one.first_unread == 4


def test_below_the_log_start_the_reset_policy_decides() -> None:
    one = at(6, 2, target=Bounds(4, 8), ahead=window("efgh", 4))
    assert judged(one).state == "below-start"
    [finding] = judge([one]).findings
    assert "log start 4" in finding.message
    assert "an advance by 2" in finding.remedy
    assert "--to-offset 4 --execute" in finding.remedy
    assert judged(at(8, 2, target=Bounds(8, 8), ahead=None)).state == "safe"


def test_a_group_that_retention_has_overtaken_on_both_sides_is_no_fault_of_the_mirror() -> None:
    """A consumer that rests over the weekend, of a topic that is kept for a day."""
    one = at(3, 3, source=Bounds(4, 8), target=Bounds(5, 8), unread=window("efgh", 4), ahead=window("fgh", 5))
    result = judge([one, at(8, 8)])
    assert result.passed
    assert result.facts["states"] == {"below-start": 1, "safe": 1}
    assert "1 group on 1 partition will start by auto.offset.reset on either side" in result.summary
    still_there = replace(one, source=Bounds(3, 8), unread=window("defgh", 3))
    assert "is below the start of the log" in message(still_there)


def test_unread_records_that_were_not_all_read_are_a_lower_bound_of_the_skipped() -> None:
    first = Window(2, 5, window("cde", 2).records, False)
    one = at(2, 8, unread=first, ahead=window("", 8))
    assert judged(one) == Translation("unsafe", skipped=3, skipped_exact=False)
    assert "unsafe: more than 3 records would be skipped" in message(one)
    assert "rewind the group by more than 3 records" in judge([one]).findings[0].remedy
    assert judged(replace(one, position=4)).skipped_exact, "the others are not mirrored yet"
    assert not judged(replace(one, position=5)).skipped_exact, "the record at 5 was not read"
    assert judged(replace(one, unread=window("cdefgh", 2))) == Translation("unsafe", skipped=6)


def test_past_the_end_by_one_is_past_the_end_and_the_log_start_itself_is_not_below_it() -> None:
    assert judged(at(8, 9)).state == "past-end"
    assert judged(at(8, 8)).state == "safe"
    assert judged(at(6, 4, target=Bounds(4, 8))).state == "safe"
    assert judged(at(6, 3, target=Bounds(4, 8))).state == "below-start"


def test_a_group_at_the_last_record_that_was_left_out_has_nothing_to_translate() -> None:
    assert judged(at(3, None, start=3)).state == "before-start"
    assert judged(at(5, None, start=3, position=3)).state == "absent"


def test_where_a_group_begins_to_read() -> None:
    assert at(4, 4).first_unread == 4
    assert at(4, 4, start=1).first_unread == 4
    assert at(4, 6).resumes_from == 6
    assert at(4, 2, target=Bounds(3, 8)).resumes_from == 3
    assert at(4, None).resumes_from is None
    assert at(4, 2, target=Unread("no leader")).resumes_from == 2
    assert at(4, 4, unread=Unread("no leader")).unread_records == ()


def test_unread_but_unmirrored_records_skip_nothing() -> None:
    """Position 5: f is mirrored, g and h are not."""
    assert judged(at(6, 6, position=5, target=Bounds(0, 6), ahead=None)).state == "safe"
    assert judged(at(5, 6, position=5, target=Bounds(0, 6), ahead=None)) == Translation("unsafe", skipped=1)
    assert judged(at(5, 6, position=None, target=Bounds(0, 6), ahead=None)).state == "safe"


def test_an_offset_behind_the_unread_records_place_is_unsafe_though_the_rest_was_not_read() -> None:
    part = Window(5, 6, window("X", 5).records, False)
    assert judged(at(2, 5, ahead=part, located=4)).state == "unsafe"
    assert judged(at(2, 5, ahead=part, located=5)) == Translation("safe", 1, exact=False)


def test_superseded_unread_records_leave_the_rest_of_the_log_to_read_again() -> None:
    """All that the group has not read was compacted away, and newer records of the keys are mirrored."""
    unread = window_of([record(4, "old", key="k"), record(5, "new", key="k")], 4, 8)
    ahead = window_of([record(6, "other", key="k")], 4, 8)
    assert judged(at(4, 4, unread=unread, ahead=ahead, compacted=True)) == Translation("safe", 1)
    part = window_of(unread.records, 4, 6, at_end=False)
    found = judged(at(4, 4, unread=part, ahead=ahead, compacted=True))
    assert (found.state, "2 unread records; others follow" in found.reason) == ("unknown", True)


def test_a_deleted_unread_key_is_not_skipped_on_a_compacted_topic() -> None:
    unread = window_of([record(4, "gone", key="k", tombstone=True), record(5, "x", key="l")], 4, 8)
    ahead = window_of([record(5, "x", key="l")], 5, 8)
    assert judged(at(4, 5, unread=unread, ahead=ahead, compacted=True)).state == "safe"
    assert judged(at(4, 5, unread=unread, ahead=ahead)).skipped == 1


def test_what_was_not_read_to_the_end_is_a_lower_bound_of_what_is_read_again() -> None:
    part = Window(2, 4, window("cd", 2).records, False)
    assert judged(at(8, 2, ahead=part)) == Translation("safe", 2, exact=False)
    assert judged(at(6, 2, position=5, target=Bounds(0, 6), ahead=part)) == Translation(
        "safe", 2, exact=False
    )
    read_on = Window(2, 6, window("cdef", 2).records, False)
    assert judged(at(6, 2, position=5, target=Bounds(0, 6), ahead=read_on)) == Translation("safe", 4)


def test_a_superseded_record_between_does_not_hide_the_place() -> None:
    unread = window_of([record(4, "x", key="l"), record(5, "old", key="k"), record(6, "new", key="k")], 4, 8)
    ahead = window_of([record(4, "x", key="l"), record(6, "new", key="k")], 4, 8)
    assert judged(at(4, 4, unread=unread, ahead=ahead, compacted=True)) == Translation("safe", 0)
    assert judged(at(4, 4, unread=unread, ahead=ahead)) == Translation("unsafe", skipped=2)


def test_one_side_that_cannot_be_read_is_enough_to_judge_nothing() -> None:
    assert judged(at(4, 4, source=Unread("of the source"))).reason == "of the source"
    assert judged(at(4, 4, target=Unread("of the target"))).reason == "of the target"
    assert judged(at(4, None, source=Unread("of the source"))).state == "unknown"


def test_nothing_read_needs_an_empty_log_or_no_record_before_and_no_copy_after() -> None:
    log = Bounds(0, 8)
    assert without_records(3, None, 7, log, log) == "absent"
    assert without_records(0, None, None, log, log) == "nothing-read"
    assert without_records(0, None, 7, log, log) == "absent"
    assert without_records(3, None, 2, log, log, read_before=False) == "nothing-read"
    assert without_records(3, None, 7, log, log, read_before=False) == "absent"
    assert without_records(9, None, 7, Bounds(8, 8), log) == "nothing-read"
    assert without_records(3, 3, 7, log, log) is None
    assert without_records(3, 3, 7, log, Bounds(4, 4)) is None, "an empty log skips nothing"
