"""What the drill of the disaster proves: every record is accounted for, and no fault stays unseen."""

from __future__ import annotations

from typing import Any

import pytest

from mirror.cutover.drill.disaster import phases
from mirror.cutover.drill.disaster.judge import is_disaster, judge_disaster
from mirror.cutover.drill.disaster.results import DisasterReport
from tests.unit.cutover.drill.disasters import document, home, phase, stored, until_promoted
from tests.unit.cutover.drill.recordings import lines, moved, read, record


def judged(*documents: dict[str, Any]) -> DisasterReport:
    return judge_disaster(lines(*documents))


def without(found: list[dict[str, Any]], **values: Any) -> list[dict[str, Any]]:
    left = [one for one in found if not values.items() <= one.items()]
    assert len(left) < len(found)
    return left


def transaction(name: str, *numbers: int, event: str = "accepted") -> list[dict[str, Any]]:
    return [record(event, 12, number, transaction=name) for number in numbers]


def with_transaction(
    found: list[dict[str, Any]], *numbers: int, there: tuple[int, ...]
) -> list[dict[str, Any]]:
    """A committed transaction of which these records are on the target; the group reads those."""
    return [
        *found,
        *transaction("tx", *numbers),
        *map(stored, there),
        *(read(22, one, "target") for one in there),
    ]


def test_a_failover_tells_what_is_missing_and_how_long_it_took() -> None:
    report = judged(*until_promoted())
    assert report.problems == ()
    assert (report.rpo_records, report.rpo_seconds, report.announced) == (1, 1.0, 2)
    first_read, first_write, every_group, every_stream = report.reached
    assert (first_read.from_kill, first_read.from_start, first_read.from_decision) == (7.0, 6.0, 5.0)
    assert first_read.plain == 3.0
    assert first_read.ratio == pytest.approx(5 / 3)
    assert (first_write.from_kill, first_write.plain) == (8.0, 0.5)
    assert (every_group.from_kill, every_stream.from_kill) == (7.0, 8.0)
    [group] = report.groups
    assert (group.twice, group.named, group.unnamed, group.set_aside, group.lost) == (1, 1, 0, 1, 0)
    assert report.told == (
        "RPO 1 records (1.0 s), RTO 7.0 s to the first read, 8.0 s to the first write, "
        "1 doubled (0 not announced), 0 lost"
    )


def test_a_command_that_was_not_asked_is_its_own_decision() -> None:
    first_read = judged(*without(until_promoted(), event="mark", name="agreed")).reached[0]
    assert first_read.from_start == first_read.from_decision == 6.0


def test_production_that_came_home_passes() -> None:
    report = judged(*home())
    assert report.problems == ()
    assert "1 recovered, 1 conflicts, 1 doubled (0 not announced), 0 lost" in report.told
    [stream], [group] = report.streams, report.groups
    assert (stream.before, stream.at_target, stream.at_home) == (3, 1, 1)
    assert (stream.missing, stream.recovered, stream.lost, report.conflicts) == (1, 1, 0, 1)
    assert (group.before, group.at_target, group.at_home) == (2, 3, 1)
    assert [one.step for one in report.phases] == [
        "at-source", "kill", "failover", "at-target", "source-back", "recover", "reverse", "way-back", "home",
        "count",
    ]  # fmt: skip
    assert report.phases[2].seconds == 5


@pytest.mark.parametrize("number", [2, 3, 5])
def test_a_record_that_is_on_the_target_no_more_is_lost(number: int) -> None:
    report = judged(*without(home(), event="stored", side="target", record=str(number)))
    assert "orders: lost: 1 accepted record" in report.problems
    assert report.streams[0].examples == (str(number),)


def test_a_missing_record_that_was_not_recovered_is_lost() -> None:
    report = judged(*without(home(), event="recovered"))
    assert report.problems == ("orders: lost: 1 accepted record",)
    assert report.lost == 1


@pytest.mark.parametrize("number", [2, 3, 4, 5, 6])
def test_a_record_that_did_not_come_home_is_lost(number: int) -> None:
    report = judged(*without(home(), event="stored", side="source", record=str(number)))
    assert report.problems == ("orders: lost: 1 accepted record",)


def test_a_record_that_the_target_accepted_must_be_there_without_a_recovery_too() -> None:
    report = judged(*without(until_promoted(), event="stored", record="5"))
    assert report.problems == ("orders: lost: 1 accepted record",)


@pytest.mark.parametrize(
    "again",
    [
        stored(3),
        stored(6, "source"),
        record("recovered", 55, 4, "target"),
        record("recovered", 55, 3, "target"),
    ],
)
def test_a_record_that_is_twice_on_one_side_is_doubled(again: dict[str, Any]) -> None:
    report = judged(*home(), again)
    assert report.problems == ("orders: 1 record more than once",)
    assert (report.doubled, report.unnamed) == (2, 1)


def test_more_missing_records_than_announced_are_a_problem() -> None:
    found = [*without(until_promoted(), event="document", name=phases.FAILOVER)]
    found.append(
        document(phases.FAILOVER, missing_at_most_estimate=0, groups={"readers": {"rereads_at_most": 1}})
    )
    assert judged(*found).problems == ("1 record never crossed, and the failover's report said at most 0",)


def test_a_record_read_twice_that_nobody_announced_is_a_problem() -> None:
    found = without(until_promoted(), event="document", name=phases.FAILOVER)
    report = judged(*found)
    assert report.announced is None
    assert report.problems == ("group readers was given 1 record twice, and 0 were announced",)


def test_what_a_group_had_not_committed_is_announced_by_kafka() -> None:
    found = without(until_promoted(), event="document", name=phases.FAILOVER)
    assert judged(*without(found, event="committed")).passed


def test_a_group_that_reads_again_at_home_is_a_problem() -> None:
    report = judged(*home(), read(50, 5))
    assert report.problems == ("group readers was given 2 records twice, and 1 were announced",)


@pytest.mark.parametrize("number", [1, 2, 3, 5, 6])
def test_a_record_that_a_group_was_never_given_is_lost(number: int) -> None:
    report = judged(*without(home(), event="read", record=str(number)))
    assert report.problems == ("group readers was never given 1 record",)


def test_a_record_from_before_the_drill_is_read_again() -> None:
    report = judged(*until_promoted(), read(23, 0, "target"))
    assert report.problems == ("group readers was given 2 records twice, and 1 were announced",)


def test_a_transaction_that_the_failover_cuts_is_told_and_is_whole_after_the_recovery() -> None:
    report = judged(*with_transaction(until_promoted(), 70, 71, there=(70,)))
    assert (report.streams[0].cut, report.streams[0].halves) == (1, 0)
    assert report.passed
    found = with_transaction(home(), 70, 71, there=(70,))
    found += [record("recovered", 55, 71, "target"), stored(70, "source"), stored(71, "source")]
    report = judged(*found)
    assert (report.streams[0].cut, report.streams[0].halves) == (1, 0)
    assert report.passed


def test_a_transaction_that_stays_visible_in_part_is_a_problem() -> None:
    report = judged(
        *with_transaction(home(), 70, 71, there=(70,)), stored(70, "source"), stored(71, "source")
    )
    assert "orders: 1 transaction visible in part" in report.problems


def test_a_transaction_about_which_the_producer_knows_nothing_must_be_whole_too() -> None:
    report = judged(*home(), *transaction("tx", 70, 71, event="unknown"), stored(71), read(22, 71, "target"))
    assert report.problems == ("orders: 1 transaction visible in part",)


def test_a_visible_record_of_an_aborted_transaction_is_a_problem() -> None:
    report = judged(*until_promoted(), *transaction("tx", 70, 71, event="aborted"), stored(70))
    assert report.problems == ("orders: 1 record of aborted transactions visible",)


def test_a_source_that_is_written_to_after_its_return_is_a_problem() -> None:
    late = [record("accepted", 34, 8), read(35, 8), stored(8), stored(8, "source")]
    report = judged(*home(), *late)
    assert report.problems == ("the source accepted 1 record between its return and the move home",)


def test_records_that_recover_left_behind_are_a_problem() -> None:
    found = [*home(), document(phases.RECOVER, missing=1, left=1, groups=[])]
    assert judged(*found).problems == ("recover left 1 record at the source",)


def test_a_compacted_topic_may_lack_records_but_has_none_twice() -> None:
    compacted = [{**one, "compacted": True} if one["event"] == "stream" else one for one in home()]
    found = without(compacted, event="stored", record="2")
    report = judged(*found, record("recovered", 55, 4, "target"))
    assert report.problems == ("orders: 1 record more than once",)
    assert report.to_json()["streams"][0]["lost"] is None
    assert report.rpo_records == 0


def test_a_drill_that_ends_early_proves_nothing() -> None:
    found = [
        one for one in until_promoted() if one["at" if "at" in one else "event"] in (1, "stream", "group")
    ]
    assert judged(*found, phase(phases.AT_SOURCE, 8)).problems == (
        "the source was not killed",
        "the target was not promoted: no command told anything",
        "no first read on the target",
        "no first write on the target",
        "the drill ended early: the logs were not counted",
    )


def test_a_drill_that_was_to_come_home_and_did_not_fails() -> None:
    found = [document("whole", whole=True), *until_promoted()[1:]]
    assert judged(*found).problems == ("production did not come home: promote is done",)


def test_the_two_drills_are_told_apart() -> None:
    assert is_disaster(lines(*until_promoted()))
    assert not is_disaster(lines(*moved()))
