"""groups-translated: facts, totals, summaries, and what a finding tells to do."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from mirror.clients.records import Bounds, TopicPartition, Unread, Window
from mirror.problems import Finding
from mirror.verify.checks.groups_translated import judge
from mirror.verify.reading import parts
from mirror.verify.reading.look import Look, Part, Session, resource
from tests.unit.support.made_up import settings, window
from tests.unit.verify.translations import at, checkpoint, judged, message


def test_the_right_offset_is_told_where_it_was_found() -> None:
    [finding] = judge([at(2, 5, located=2)]).findings
    assert "--topic orders:0 --reset-offsets --to-offset 2 --execute" in finding.remedy
    [finding] = judge([at(3, None, located=3)]).findings
    assert "the right offset there is 3" in finding.remedy


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


def test_patterns_that_match_no_group_are_told() -> None:
    """A name that is spelled wrong left its group behind, and nothing said so."""
    result = judge([], unmatched=["billng", "audit-.*"])
    assert result.passed
    assert result.summary.endswith("; no group of the source matches billng, audit-.*")
    assert result.facts["unmatched_patterns"] == ["billng", "audit-.*"]
    assert "matches" not in judge([at(8, 8)]).summary


def test_every_group_of_the_source_counts_for_a_pattern() -> None:
    """Also one that MM2 leaves out, as a sink connector's. `.*` asks for no group in particular."""
    asked = settings(groups=[".*", "billng", "bill.*", "con.*", "fan-out"])
    look, nothing = Look(Session(asked, Path(), ExitStack()), ()), dict[str, Any]()
    look.give(cast(Part[Any], resource), nothing)
    look.give(parts.all_groups, ["billing", "connect-sink"])
    look.give(parts.settled, parts.Groups(untranslated=["fan-out"]))
    assert look.of(parts.groups).unmatched == ["billng"]


def test_groups_that_start_by_their_reset_policy_have_a_number_of_their_own() -> None:
    result = judge([at(6, 2), at(0, None, read_before=False, position=None)])
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


def test_more_groups_and_offsets_are_named_in_the_plural() -> None:
    search = replace(at(0, None, read_before=False, position=None), group="search")
    result = judge([at(0, None, read_before=False, position=None), search], untranslated=["a", "b"])
    assert "2 groups have no offset on 2 partitions and will start there by" in result.summary
    assert result.summary.endswith("MM2 does not translate streams and share groups: 2 groups match")
    left_out = at(2, None, start=3)
    result = judge([left_out, replace(left_out, group="search")])
    assert "2 offsets are before the start of the mirror" in result.summary
    assert "moved" not in judge([at(4, 4)]).facts["groups"]["billing"]["orders-0"]
    assert result.name == "groups-translated"
