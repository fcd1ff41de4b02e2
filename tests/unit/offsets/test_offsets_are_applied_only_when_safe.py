"""Everything that speaks against setting an offset, said at once; and nothing to do where all is so
already."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.mm2.expected import Expected
from mirror.mm2.formats import Checkpoint
from mirror.offsets.applying import OffsetChange, TargetGroups, changes, problems
from mirror.offsets.survey import checkpoints_run
from mirror.offsets.table import OffsetRow
from mirror.verify.values.group_partition import GroupPartition
from tests.unit.offsets.test_offsets_are_proposed import at
from tests.unit.support.made_up import ORDERS, window


def row(offset: int, group: str = "billing", source: TopicPartition = ORDERS) -> OffsetRow:
    return OffsetRow(2, group, source, ORDERS, offset)


def scene(
    one: GroupPartition, *, members: int | Unread = 0, runs: bool = False, on_source: int | Unread = 0
) -> TargetGroups:
    return TargetGroups(
        {("billing", ORDERS): one}, {"billing": members}, runs, 10, members_on_source={"billing": on_source}
    )


def said(offset: int, seen: TargetGroups, **how: Any) -> list[str]:
    return [one.message for one in problems([row(offset)], seen, **how)]


def mm2(settles: int | None) -> Expected:
    last = None if settles is None else Checkpoint("billing", ORDERS, 6, settles, "")
    return Expected(6, last, 1.0 if last else None, None, certain=True)


def test_a_safe_offset_of_an_idle_group_has_nothing_against_it() -> None:
    assert said(16, scene(at(6, 13))) == []
    assert said(10, scene(at(6, 13)), allow_rewind=True) == []
    assert said(13, scene(at(3, None, located=13))) == []


def test_an_offset_past_an_unread_record_is_refused_unless_allowed() -> None:
    [message] = said(17, scene(at(6, 13)))
    assert message == (
        "17 would skip records that the group has not read: the group is at 6 on the source, so its "
        "offset on the target must be "
        "16 or less"
    )
    assert said(17, scene(at(6, 13)), allow_skip=True) == []


def test_what_cannot_be_proven_is_refused_unless_allowed() -> None:
    [message] = said(12, scene(at(3, None)))
    assert message == "it is not proven that 12 skips no record (the group is at 3 on the source)"
    assert said(12, scene(at(3, None)), allow_skip=True) == []


def test_the_log_start_is_refused_where_retention_has_deleted_what_was_not_read() -> None:
    """`apply` set it without a word: the source still had the records."""
    overtaken = at(4, 8, ahead=window("gh", 16), target=Bounds(16, 18))
    [found] = problems([row(16)], scene(overtaken))
    assert found.message.startswith("16 skips records that the group has not read (it is at 4 on the source)")
    assert "let the group read them on the source" in found.remedy
    assert "--allow-skip" in found.remedy
    assert said(16, scene(overtaken), allow_skip=True) == []


def test_an_offset_that_sets_the_group_back_is_refused_unless_allowed() -> None:
    [message] = said(10, scene(at(6, 13)))
    assert message == "10 sets the group back from 13: it would re-read up to 3 records"
    assert changes([row(10)], scene(at(6, 13)))[0].rewinds == 3
    assert changes([row(14)], scene(at(6, 13)))[0].rewinds == 0


def test_a_group_that_has_moved_is_not_set_back_as_if_that_were_an_advance() -> None:
    moved = at(3, 16, located=13, members_on_source=0, leader_epoch=0)
    [message] = said(13, scene(moved))
    assert message.startswith(
        "13 sets the group back from 16: it would re-read up to 3 records. The group has"
    )
    assert said(13, scene(moved), allow_rewind=True) == []


@pytest.mark.parametrize("offset", [9, 19])
def test_an_offset_outside_of_the_log_is_refused_whatever_is_allowed(offset: int) -> None:
    assert said(offset, scene(at(8, 13)), allow_skip=True, allow_rewind=True) == [
        f"{offset} is outside the target's log, which is from 10 to 18"
    ]


def test_an_active_or_hidden_group_is_refused() -> None:
    assert "active on the target (2 members)" in said(14, scene(at(6, 13), members=2))[0]
    assert "it is unknown" in said(14, scene(at(6, 13), members=Unread("no answer in time")))[0]


def test_a_group_or_partition_that_the_mirror_does_not_carry_is_refused() -> None:
    seen = scene(at(6, 13))
    strange = [row(14, group="other"), row(14, source=TopicPartition("orders", 1))]
    found = problems(strange, seen, allow_skip=True)
    assert [one.message.split(" of this group")[0] for one in found] == [
        "the mirror has no translated offset"
    ] * 2


def test_a_group_that_could_not_be_read_is_refused_with_the_reason() -> None:
    seen = TargetGroups({}, {}, False, 10, {"billing": "no answer in time"})
    assert said(14, seen) == ["the group's committed offsets could not be read: no answer in time"]


def test_every_problem_is_said_at_once() -> None:
    found = said(19, scene(at(6, 13), members=1))
    assert len(found) == 3


def test_an_offset_before_mm2s_own_would_be_overwritten() -> None:
    one = at(8, 16, mm2=mm2(16))
    assert said(14, scene(one, runs=True), allow_rewind=True) == [
        "the checkpoint connector is not stopped and will set the group to 16 within 10 s"
    ]
    assert said(14, scene(one, runs=False), allow_rewind=True) == []
    assert said(18, scene(one, runs=True)) == []


def test_an_offset_that_mm2_is_about_to_write_over_is_refused() -> None:
    """MM2 goes by what it saw of the group an interval ago (KAFKA-19794)."""
    for current in (13, None):
        one = at(8, current, mm2=mm2(16))
        assert said(18, scene(one, runs=True)) == [
            "the checkpoint connector is not stopped and is about to write 16 for the group"
        ]


def test_where_mm2_has_no_translation_it_leaves_the_group_alone() -> None:
    assert said(13, scene(at(3, None, located=13, mm2=mm2(None)), runs=True)) == []


def test_a_running_connector_whose_bookkeeping_is_hidden_is_refused() -> None:
    assert "the offset that it will write is unknown" in said(16, scene(at(6, 13), runs=True))[0]


def test_what_is_so_already_is_neither_changed_nor_judged() -> None:
    seen = scene(at(6, 13), members=3)
    assert changes([row(13)], seen) == []
    assert problems([row(13)], seen) == []
    assert changes([row(14)], seen) == [OffsetChange(row(14), 13)]
    assert changes([row(14)], scene(at(3, None))) == [OffsetChange(row(14), None)]


def test_only_a_connector_that_is_stopped_without_tasks_does_not_run() -> None:
    """Tasks that are paused, or still end, set the groups' offsets."""

    def resource(state: str, name: str = "c", *tasks: str) -> dict[str, Any]:
        listed = [{"id": number, "state": one} for number, one in enumerate(tasks)]
        return {"status": {"connectors": [{"name": name, "connector": {"state": state}, "tasks": listed}]}}

    assert not checkpoints_run(resource("STOPPED"), "c")
    assert checkpoints_run(resource("STOPPED", "c", "RUNNING"), "c")
    assert checkpoints_run(resource("PAUSED", "c", "PAUSED"), "c")
    assert checkpoints_run(resource("PAUSED"), "c")
    assert checkpoints_run(resource("RUNNING"), "c")
    assert checkpoints_run(resource("FAILED"), "c")
    assert checkpoints_run(resource("STOPPED", "another"), "c")
    assert checkpoints_run({}, "c")


def test_a_group_that_still_reads_on_the_source_is_the_cause_not_the_connector() -> None:
    """Its offset moves on while the file is reviewed, and MM2 translates the new one."""
    ahead = replace(at(6, 13), mm2=mm2(16))
    (alone,) = problems([row(14)], scene(ahead, runs=True))
    assert "checkpoint connector is not stopped and will set the group to 16" in alone.message
    (finding,) = problems([row(14)], scene(ahead, runs=True, on_source=2))
    assert finding.message.startswith(
        "the group is still active on the source (2 members), so the file is out"
    )
    assert "will set the group to 16" in finding.message
    assert finding.remedy.startswith("stop group billing on the source")
    assert "checkpoint connector" not in finding.remedy
    (back,) = problems([row(10)], scene(at(6, 13), on_source=1))
    assert "(1 member)" in back.message
    assert "sets the group back from 13" in back.message


def test_a_group_that_reads_on_the_source_may_be_set_where_nothing_is_late() -> None:
    assert said(16, scene(at(6, 13), on_source=3)) == []
    assert len(said(10, scene(at(6, 13), on_source=Unread("hidden")))) == 1
    assert len(said(17, scene(at(6, 13), on_source=3))) == 1, "skipping records has another cause"
