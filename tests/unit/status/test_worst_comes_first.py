"""Rows are sorted by trouble, and each trouble is told apart from the next."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mirror.status.filters import Filters
from mirror.status.picture import BEHIND, EMPTY, FLOWING, HALTED, LOSING, STUCK, UNKNOWN, Picture, draw
from mirror.status.rates import Rates
from mirror.status.snapshot import Snapshot, Waiting
from tests.unit.status.made_up import DAY, NOW, moved, partition, snapshot


def picture(*looks: Snapshot) -> Picture:
    rates = Rates()
    drawn = [draw(look, rates) for look in looks]
    return drawn[-1]


def after(seen: Snapshot, produced: int, mirrored: int, seconds: float = 20.0) -> Picture:
    return picture(seen, moved(seen, seconds, produced=produced, mirrored=mirrored))


def test_every_trouble_has_its_place() -> None:
    seen = snapshot(
        partition("idle"),
        partition("flowing", position=90, age=2),
        partition("late", position=50, age=300),
        partition("absent", position=None, age=5, copied=False),
        partition("hidden", unread="not authorized"),
        partition("lost", position=10, start=40, age=DAY),
        partition("recreated", position=500),
    )
    rows = picture(seen).partitions
    assert [(row.partition.topic, row.trouble.word) for row in rows] == [
        ("lost", "possibly-lost"),
        ("recreated", "past-end"),
        ("absent", "absent"),
        ("hidden", "unreadable"),
        ("late", "behind"),
        ("flowing", "flowing"),
        ("idle", "up-to-date"),
    ]
    assert "up to 29 records that were never mirrored" in rows[0].says
    assert "recreated" in rows[1].says
    assert "not authorized" in rows[3].says


def test_the_oldest_and_the_most_come_first_within_one_trouble() -> None:
    seen = snapshot(
        partition("a", 0, position=50, age=100),
        partition("a", 1, position=50, age=200),
        partition("a", 2, position=10, age=100),
    )
    assert [row.partition.partition for row in picture(seen).partitions] == [1, 2, 0]


def test_stuck_partitions_name_the_topic_that_has_no_copy() -> None:
    absent = partition("tiered", position=None, age=1, copied=False)
    rows = after(snapshot(partition(position=50, age=100), absent), produced=10, mirrored=0).partitions
    (stuck,) = [row for row in rows if row.trouble.word == "stuck"]
    assert "tiered is not on the target. A topic that the target refuses to create stalls" in stuck.says
    assert "`verify --check topics-present` names the cause" in stuck.says


def test_a_position_that_does_not_move_is_stuck() -> None:
    drawn = after(snapshot(partition(position=50, age=100)), produced=10, mirrored=0)
    assert drawn.partitions[0].trouble.word == "stuck"
    assert drawn.verdict.word == STUCK
    assert drawn.verdict.since == pytest.approx(NOW - 100)


def test_a_partition_that_a_hanging_transaction_holds_back_is_stuck() -> None:
    drawn = picture(snapshot(partition()._replace(held=1_200)))
    [row] = drawn.partitions
    assert (row.trouble.word, drawn.verdict.word) == ("stuck", STUCK)
    assert "a hanging transaction on the source holds back up to 1,200 records" in row.says
    assert "every record is mirrored" not in drawn.verdict.says


def test_records_that_come_faster_than_they_are_mirrored() -> None:
    drawn = after(snapshot(partition(position=50, age=100)), produced=100, mirrored=30)
    assert drawn.partitions[0].trouble.word == "falling-behind"
    assert drawn.partitions[0].catch_up is None
    assert "not catching up" in drawn.verdict.says


def test_a_mirror_that_gains_says_when_it_will_be_there() -> None:
    drawn = after(snapshot(partition(position=0, end=1001, age=100)), produced=100, mirrored=300)
    assert (drawn.partitions[0].trouble.word, drawn.verdict.word) == ("behind", BEHIND)
    assert drawn.partitions[0].records == 800
    assert drawn.partitions[0].catch_up == pytest.approx(800 / (15 - 5))


def test_a_partition_that_keeps_up_does_not_keep_a_late_one_from_catching_up() -> None:
    """Of a busy partition a few records wait at each look, and it is mirrored as fast as it is written to."""
    late, busy = partition(position=0, end=1001, age=100), partition("busy", position=90, age=1)
    first = snapshot(late, busy)
    then = moved(first, 20, produced=100, mirrored=300)
    same = moved(snapshot(busy), 20, produced=100, mirrored=100).partitions[0]
    drawn = picture(
        first,
        replace(
            then,
            partitions=[
                then.partitions[0],
                same._replace(waiting=Waiting(9, True, 191, int((NOW + 19) * 1000))),
            ],
        ),
    )
    assert [row.trouble.word for row in drawn.partitions] == ["behind", "flowing"]
    assert drawn.verdict.says == "1 of 2 partitions are late; caught up in 1 min 20 s"


def test_the_whole_mirrors_retention_is_that_of_the_topic_that_uses_most_of_it() -> None:
    """One partition is the latest, another one is nearest to the end of its retention."""
    kept = {"orders": 7 * DAY, "short": 100.0}
    drawn = picture(
        snapshot(partition(position=0, age=300), partition("short", position=98, age=25), retention=kept)
    )
    assert drawn.partitions[0].partition.topic == "orders"
    assert drawn.total is not None
    assert (drawn.total.retention, drawn.total.retention_used) == (100.0, 0.25)


def test_connectors_that_do_not_run_are_the_cause() -> None:
    seen = snapshot(partition(position=50, age=100), faults=[("connector x: it is STOPPED", "deploy")])
    drawn = picture(seen)
    assert drawn.verdict.word == HALTED
    assert "STOPPED" in drawn.verdict.says
    assert drawn.partitions[0].trouble.word == "stuck"
    # Where nothing is late yet it is said all the same.
    assert picture(snapshot(partition(), faults=[("it is STOPPED", "deploy")])).verdict.word == HALTED


def test_loss_outranks_a_connector_that_does_not_run() -> None:
    drawn = picture(snapshot(partition(position=10, start=40), faults=[("it is FAILED", "restart")]))
    assert drawn.verdict.word == LOSING


def test_a_healthy_mirror_flows_and_an_empty_one_is_no_alarm() -> None:
    assert picture(snapshot(partition(position=98, age=1))).verdict.word == FLOWING
    assert picture(snapshot(partition())).verdict.says == "every record is mirrored"
    assert picture(snapshot()).verdict.word == EMPTY


def test_a_filter_that_chooses_nothing_is_no_mirror_without_topics() -> None:
    only = Filters.of(["ordres"], [])
    drawn = picture(only.apply(snapshot(partition("orders", 0), partition("orders", 1))))
    assert drawn.verdict.word == EMPTY
    assert drawn.verdict.says == "no mirrored topic is chosen by the filter: 2 partitions are not shown"
    halted = snapshot(partition(), faults=[("connector x: it is FAILED", "restart")])
    assert picture(only.apply(halted)).verdict.word == HALTED
    assert picture(snapshot(faults=[("connector x: it is FAILED", "restart")])).verdict.word == HALTED


def test_what_could_not_be_read_is_never_good() -> None:
    assert picture(snapshot(partition(), problems=["the groups: refused"])).verdict.word == UNKNOWN
    assert picture(snapshot(problems=["positions: refused"])).verdict.word == UNKNOWN
    assert picture(snapshot(partition(unread="gone"))).verdict.word == UNKNOWN


def test_a_topic_is_as_bad_as_its_worst_partition() -> None:
    drawn = picture(
        snapshot(partition("a", 0), partition("a", 1, position=10, start=40, age=9), partition("b", 0))
    )
    [worst, good] = drawn.topics
    assert (worst.topic, worst.trouble.word, worst.partitions, worst.troubled) == ("a", "possibly-lost", 2, 1)
    assert worst.says.startswith("partition 1: ")
    assert good.trouble.word == "up-to-date"


def test_a_record_that_an_earlier_look_saw_is_lost() -> None:
    gone = partition("many", position=99, start=105, end=105)._replace(record_at=102)
    [row] = picture(snapshot(gone)).partitions
    assert row.trouble.word == "lost"
    assert row.says == "the source deleted up to 5 records that were never mirrored, at least one"
    for kept in (99, 105, 110):
        [row] = picture(snapshot(gone._replace(record_at=kept))).partitions
        assert row.trouble.word == "possibly-lost"


def test_what_was_left_out_on_purpose_is_not_lost() -> None:
    begun = partition("late", position=None, start=300, end=300)
    [row] = picture(snapshot(begun._replace(start=299))).partitions
    assert row.trouble.word == "up-to-date"
    [row] = picture(snapshot(begun._replace(start=289))).partitions
    assert row.trouble.word == "possibly-lost"


def test_a_gap_is_judged_as_source_unbroken_judges_it() -> None:
    """The marker that ended an idle partition's last transaction is deleted with the rest of its log."""
    marker, markers = partition("one", position=99, start=101, end=101), partition("many", start=105, end=105)
    rows = picture(snapshot(marker, markers._replace(no_record_before=105))).partitions
    assert [row.trouble.word for row in rows] == ["up-to-date", "up-to-date"]
    [row] = picture(snapshot(markers)).partitions
    assert (row.trouble.word, row.says) == (
        "possibly-lost",
        "unknown: the source deleted up to 5 records that were never mirrored",
    )
