"""groups-translated: what a group would skip or read again, from records alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mirror.clients.records import Bounds, TopicPartition, Unread, Window
from mirror.mm2.expected import Expected
from mirror.mm2.formats import Checkpoint
from mirror.problems import Finding
from mirror.verify.checks.groups_translated import judge
from mirror.verify.values.group_partition import GroupPartition
from mirror.verify.values.translation import Translation, find, translation, without_records
from tests.unit.support.made_up import ORDERS, record, window, window_of


def at(committed: int, translated: int | None, **more: Any) -> GroupPartition:
    """Source and target hold abcdefgh at 0 to 7; everything up to 7 is mirrored."""
    source, target = Bounds(0, 8), Bounds(0, 8)
    values: dict[str, Any] = {
        "position": 7,
        "source": source,
        "target": target,
        "unread": window("abcdefgh"[committed:], committed) if committed < 8 else None,
        "ahead": None if translated is None else window("abcdefgh"[translated:], translated),
        **more,
    }
    return GroupPartition("billing", ORDERS, ORDERS, committed, translated, **values)


def judged(one: GroupPartition) -> Translation:
    return translation(one)


def message(one: GroupPartition) -> str:
    [finding] = judge([one]).findings
    return finding.message


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


def test_the_right_offset_is_told_where_it_was_found() -> None:
    [finding] = judge([at(2, 5, located=2)]).findings
    assert "--topic orders:0 --reset-offsets --to-offset 2 --execute" in finding.remedy
    [finding] = judge([at(3, None, located=3)]).findings
    assert "the right offset there is 3" in finding.remedy


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
    assert judge([at(0, None, read_before=False)]).passed
    assert judge([at(9, None, source=Bounds(9, 9), unread=None)]).passed


def test_an_active_group_on_the_target_is_said() -> None:
    assert "active on the target (2 members)" in message(at(3, None, members=2))


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


def test_what_cannot_be_read_is_a_failure() -> None:
    assert "could not be judged" in message(at(4, 4, ahead=Unread("x")))
    result = judge([], {"secret-group": "Group authorization failed"})
    assert result.findings[0].subject == "group secret-group"


def test_the_totals_of_a_group_are_facts() -> None:
    facts = judge([at(6, 2), at(8, 8)]).facts
    assert facts["groups"]["billing"]["orders-0"]["source_offset"] == 8
    assert facts["rereads"]["billing"]["records"] == 4


def test_no_group_at_all_passes_and_says_so() -> None:
    result = judge([])
    assert result.passed
    assert result.summary == "no group has committed offsets on a mirrored topic"


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


def consumed(**more: Any) -> GroupPartition:
    """The group stopped at 2 on the source and has read on to 5 on the target."""
    return at(2, 5, **{"members_on_source": 0, "leader_epoch": 0, **more})


def checkpoint(upstream: int, downstream: int) -> Expected:
    return Expected(
        upstream, Checkpoint("billing", ORDERS, upstream, downstream, ""), 1.0, None, certain=True
    )


def test_a_group_whose_consumer_committed_on_the_target_has_moved() -> None:
    assert judged(consumed()).state == "moved"
    result = judge([consumed()])
    assert result.passed
    assert result.summary == (
        "0 groups on 0 partitions resume without skipping a record; 0 records will be re-read; "
        "1 group moved to the target on 1 partition"
    )
    assert "leader epoch 0" in result.facts["groups"]["billing"]["orders-0"]["moved"]


def test_members_and_an_offset_that_goes_forward_show_a_move() -> None:
    one = consumed(leader_epoch=None, members=2, later=6)
    assert "from 5 to 6" in judged(one).reason
    assert judged(consumed(leader_epoch=None, members=2, later=5)).state == "unsafe"


def test_members_past_mm2s_last_checkpoint_show_a_move() -> None:
    one = consumed(leader_epoch=None, members=2, later=5, mm2=checkpoint(2, 2))
    assert "past MM2's last checkpoint, 2" in judged(one).reason
    assert judged(consumed(leader_epoch=None, members=2, later=5, mm2=checkpoint(5, 5))).state == "unsafe"


def test_an_offset_that_an_administrator_set_too_far_is_unsafe_and_both_readings_are_named() -> None:
    one = consumed(leader_epoch=None, mm2=checkpoint(2, 2), later=5, located=2)
    assert judged(one).state == "unsafe"
    [finding] = judge([one]).findings
    assert finding.remedy.startswith("if the group reads on the target already")
    before, _, command = finding.remedy.partition("The next steps rewind the group by 3 records")
    assert "--execute" not in before
    assert "--reset-offsets --to-offset 2 --execute" in command


def test_a_group_that_still_reads_the_source_has_not_moved() -> None:
    assert judged(consumed(members_on_source=1)).state == "unsafe"
    assert judged(consumed(members_on_source=None)).state == "unsafe"


def test_a_consumer_cannot_have_committed_past_the_end() -> None:
    [finding] = judge([replace(consumed(), translated=11, located=2)]).findings
    assert "The next steps rewind the group by at most 6 records" in finding.remedy


def test_below_the_log_start_the_reset_policy_decides() -> None:
    one = at(6, 2, target=Bounds(4, 8), ahead=window("efgh", 4))
    assert judged(one).state == "below-start"
    [finding] = judge([one]).findings
    assert "log start 4" in finding.message
    assert "an advance by 2" in finding.remedy
    assert "--to-offset 4 --execute" in finding.remedy
    assert judged(at(8, 2, target=Bounds(8, 8), ahead=None)).state == "safe"


def test_groups_that_start_by_their_reset_policy_have_a_number_of_their_own() -> None:
    result = judge([at(6, 2), at(0, None, read_before=False)])
    assert result.passed
    assert result.summary == (
        "1 group on 1 partition resumes without skipping a record; 4 records will be re-read; "
        "1 group has no offset on 1 partition and will start there by auto.offset.reset"
    )


def test_a_streams_group_is_named_with_its_own_way_out() -> None:
    result = judge([at(3, None, located=3)], untranslated=["billing", "fan-out"])
    [finding] = result.findings
    assert finding.message.startswith("MM2 does not translate it, because it is a streams or share group")
    assert "offsets export" in finding.remedy
    assert "wait for" not in finding.remedy
    assert result.facts["untranslated"] == ["billing", "fan-out"]


def test_a_share_group_without_offsets_is_reported_and_one_set_by_hand_is_safe() -> None:
    result = judge([at(4, 4)], untranslated=["billing"])
    assert result.passed
    assert "MM2 does not translate streams and share groups: 1 group matches" in result.summary
    assert judge([], untranslated=["fan-out"]).passed


def test_the_facts_hold_every_partition_of_every_group() -> None:
    second = replace(at(2, 5), partition=TopicPartition("orders", 1))
    other = replace(at(8, 8), group="search", mm2=checkpoint(8, 8), overdue=12.34)
    result = judge([at(6, 2), second, other])
    partition = {"state": "safe", "source_offset": 6, "target_offset": 2, "rereads": 4, "rereads_exact": True}
    unsafe = {**partition, "state": "unsafe", "source_offset": 2, "target_offset": 5, "rereads": None}
    assert result.facts == {
        "groups": {
            "billing": {"orders-0": partition, "orders-1": unsafe},
            "search": {
                "orders-0": {
                    **partition,
                    "source_offset": 8,
                    "target_offset": 8,
                    "rereads": 0,
                    **checkpoint(8, 8).to_json(),
                    "checkpoint_overdue_seconds": 12.3,
                }
            },
        },
        "rereads": {
            "billing": {"records": 4, "exact": True, "partitions": 2, "wrong": 1},
            "search": {"records": 0, "exact": True, "partitions": 1, "wrong": 1},
        },
        "states": {"safe": 2, "unsafe": 1},
        "untranslated": [],
    }
    assert result.summary == "2 findings on the translations of 2 groups"
    assert judge([second, at(2, 5)]).facts["rereads"]["billing"]["wrong"] == 2


def test_one_inexact_partition_makes_the_total_a_lower_bound() -> None:
    part = at(6, 0, ahead=Window(0, 3, window("abc").records, False), located=6)
    for both in ([at(8, 5), part], [part, at(8, 5)]):
        result = judge(both)
        assert "1 group on 2 partitions resumes without skipping a record" in result.summary
        assert "more than 6 records will be re-read" in result.summary
        assert result.facts["rereads"]["billing"]["exact"] is False


def test_more_groups_resume_in_the_plural() -> None:
    result = judge([at(8, 8), replace(at(8, 5), group="search")])
    assert "2 groups on 2 partitions resume without skipping a record; 3 records will be" in result.summary


def test_blindness_for_mm2s_own_topics_is_a_finding_only_where_groups_are_judged() -> None:
    blind = Finding("checkpoints", "they could not be read", "look at the ACLs")
    assert judge([at(8, 8)], blind=blind).findings == (blind,)
    assert judge([], blind=blind).passed


def test_unreadable_groups_are_sorted_and_say_what_is_needed() -> None:
    result = judge([], {"search": "Group authorization failed", "audit": "no answer in time"})
    assert [one.subject for one in result.findings] == ["group audit", "group search"]
    assert result.findings[0].message == "its committed offsets could not be read: no answer in time"
    assert result.findings[0].remedy == "the source user and the verifier need Describe on the group"


def test_a_safe_translation_that_mm2_keeps_up_no_more_is_stale() -> None:
    stale = replace(checkpoint(2, 2), upstream=6, age=3600.4, next=6)
    [finding] = judge([at(6, 2, mm2=stale, overdue=90.0)]).findings
    assert finding.subject == "group billing, orders-0"
    assert finding.message == (
        "its translation is stale: MM2's last checkpoint (2 -> 2) is 3,600 s old, the group is at 6 and "
        "should be translated to 6; no new one came within 90 s"
    )
    assert "restart-connector" in finding.remedy
    assert judge([at(6, 2, mm2=stale)]).passed
    assert judge([at(6, 2, overdue=90.0)]).passed, "nothing is known of MM2's checkpoints"
    assert judge([at(6, 2, mm2=replace(stale, checkpoint=None), overdue=90.0)]).passed


def test_the_remedy_of_an_absent_translation_names_an_offset_only_where_it_is_known() -> None:
    [finding] = judge([at(3, None)]).findings
    assert finding.remedy.endswith("let it read on at the source")
    [finding] = judge([at(3, None, located=3)]).findings
    assert "let it read on at the source; or the right offset there is 3" in finding.remedy
    assert "replace no offset: the group has none on the target" in finding.remedy
    assert "--topic orders:0 --reset-offsets --to-offset 3 --execute" in finding.remedy


def test_what_could_not_be_judged_says_why_and_to_verify_again() -> None:
    [finding] = judge([at(4, 4, ahead=Unread("no leader"))]).findings
    assert finding.message == "it could not be judged (source offset 4, target offset 4): no leader"
    assert finding.remedy.startswith("verify again")
    assert judged(at(4, 4, source=Unread("source"), target=Unread("target"))).reason == "source"


def test_an_offset_of_zero_below_the_log_start_advances_by_the_whole_start() -> None:
    [finding] = judge([at(6, 0, target=Bounds(4, 8), ahead=window("efgh", 4))]).findings
    assert finding.remedy.startswith("a group with `auto.offset.reset=earliest` starts at the log start")
    assert "an advance by 4" in finding.remedy


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


def test_a_group_at_the_sources_log_start_has_read_nothing_that_is_left() -> None:
    assert judged(at(2, None, source=Bounds(2, 8))).state == "nothing-read"
    assert judged(at(3, None, source=Bounds(2, 8))).state == "absent"
    assert judged(at(3, None, read_before=False)).state == "nothing-read"


def test_unread_but_unmirrored_records_skip_nothing() -> None:
    """Position 5: f is mirrored, g and h are not."""
    assert judged(at(6, 6, position=5, target=Bounds(0, 6), ahead=None)).state == "safe"
    assert judged(at(5, 6, position=5, target=Bounds(0, 6), ahead=None)) == Translation("unsafe", skipped=1)
    assert judged(at(5, 6, position=None, target=Bounds(0, 6), ahead=None)).state == "safe"


def test_an_offset_behind_the_unread_records_place_is_unsafe_though_the_rest_was_not_read() -> None:
    part = Window(5, 6, window("X", 5).records, False)
    assert judged(at(2, 5, ahead=part, located=4)).state == "unsafe"
    assert judged(at(2, 5, ahead=part, located=5)) == Translation("safe", 1, exact=False)


def test_a_group_of_which_nothing_shows_a_move_has_not_moved() -> None:
    assert judged(consumed(leader_epoch=None, members=0, later=6)).state == "unsafe", "nobody reads there"
    assert judged(consumed(leader_epoch=None, members=2, later=None)).state == "unsafe"
    assert (
        "it has 2 members on the target and none on the source"
        in judged(consumed(leader_epoch=None, members=2, later=6)).reason
    )
    no_members = consumed(leader_epoch=None, mm2=checkpoint(2, 2))
    assert judged(no_members).state == "unsafe", "an administrator may have set it"
    assert judged(consumed()).skipped == 3


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


def test_more_groups_and_offsets_are_named_in_the_plural() -> None:
    search = replace(at(0, None, read_before=False), group="search")
    result = judge([at(0, None, read_before=False), search], untranslated=["a", "b"])
    assert "2 groups have no offset on 2 partitions and will start there by" in result.summary
    assert result.summary.endswith("MM2 does not translate streams and share groups: 2 groups match")
    left_out = at(2, None, start=3)
    result = judge([left_out, replace(left_out, group="search")])
    assert "2 offsets are before the start of the mirror" in result.summary
    assert "moved" not in judge([at(4, 4)]).facts["groups"]["billing"]["orders-0"]
    assert result.name == "groups-translated"


def test_one_side_that_cannot_be_read_is_enough_to_judge_nothing() -> None:
    assert judged(at(4, 4, source=Unread("of the source"))).reason == "of the source"
    assert judged(at(4, 4, target=Unread("of the target"))).reason == "of the target"
    assert judged(at(4, None, source=Unread("of the source"))).state == "unknown"


def test_nothing_read_needs_the_log_start_no_record_before_or_an_empty_log() -> None:
    log = Bounds(0, 8)
    assert without_records(3, None, 7, log, log) == "absent"
    assert without_records(0, None, 7, log, log) == "nothing-read"
    assert without_records(3, None, 7, log, log, read_before=False) == "nothing-read"
    assert without_records(9, None, 7, Bounds(8, 8), log) == "nothing-read"
    assert without_records(3, 3, 7, log, log) is None
    assert without_records(3, 3, 7, log, Bounds(4, 4)) is None, "an empty log skips nothing"


def test_a_match_takes_a_run_of_equal_records_unless_compaction_may_have_broken_it() -> None:
    unread, ahead = window("ab").records, window("ac", 5).records
    assert find(unread, ahead) is None
    assert find(unread, ahead, compacted=True) == (0, 0)
    assert find(unread, window("xab", 5).records) == (1, 0)
    assert find(unread, window("xb", 5).records) == (1, 1), "the first of them that the target has"
