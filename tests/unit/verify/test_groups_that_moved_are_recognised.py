"""groups-translated: a group that reads on the target already is told from an offset that is wrong."""

from __future__ import annotations

from dataclasses import replace

from mirror.verify.checks.groups_translated import judge
from tests.unit.verify.translations import at, checkpoint, consumed, judged, message


def test_an_active_group_on_the_target_is_said() -> None:
    assert "active on the target (2 members)" in message(at(3, None, members=2))


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
