"""Report and picture -> samples: what is known, what is not, and how many series at most."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from manifests.monitoring import metrics
from mirror.exporter.samples import Limits, samples
from mirror.status.snapshot import Snapshot
from mirror.verify.report import CheckResult
from tests.unit.exporter.made_up import CONNECTORS, check, report, seen
from tests.unit.status.made_up import DAY, NOW, group, many, offset, partition, snapshot


def test_a_check_that_passed_and_one_that_did_not() -> None:
    found = samples(seen(told=report(check("lag", seconds=1.5), check("tail-matches", found=3))), Limits())
    assert found[metrics.CHECK_PASSED] == {("lag",): 1, ("tail-matches",): 0}
    assert found[metrics.CHECK_JUDGED] == {("lag",): 1, ("tail-matches",): 1}
    assert found[metrics.CHECK_FINDINGS] == {("lag",): 0, ("tail-matches",): 3}
    assert found[metrics.CHECK_DURATION][("lag",)] == 1.5
    assert found[metrics.CHECK_EVALUATED] == {("lag",): NOW, ("tail-matches",): NOW}


def test_a_check_that_could_not_be_judged_has_not_passed_and_knows_nothing() -> None:
    blind = CheckResult.could_not_judge("certificates-valid", "refused", "wait")
    found = samples(seen(told=report(blind)), Limits())
    assert found[metrics.CHECK_PASSED] == {("certificates-valid",): 0}
    assert found[metrics.CHECK_JUDGED] == {("certificates-valid",): 0}
    assert metrics.CERTIFICATE_EXPIRY not in found
    assert metrics.CONNECTOR_RUNNING not in found
    assert metrics.CHECKPOINTS_OVERDUE not in found


def test_lag_by_topic_is_the_sum_of_records_and_the_worst_of_seconds() -> None:
    found = samples(
        seen(
            looked=snapshot(
                partition("orders", 0, end=110, age=20.0),
                partition("orders", 1, end=105, age=50.0),
                partition("payments", 0),
            )
        ),
        Limits(),
    )
    assert found[metrics.TOPIC_LAG_RECORDS] == {("orders",): 15, ("payments",): 0}
    assert found[metrics.TOPIC_LAG_SECONDS] == {("orders",): 50, ("payments",): 0}
    assert found[metrics.LAG_RECORDS] == {(): 15}
    assert found[metrics.LAG_SECONDS] == {(): 50}
    assert found[metrics.LAG_LIMIT] == {(): 30}
    assert metrics.PARTITION_LAG_RECORDS not in found


def test_retention_left_is_that_of_the_partition_that_is_nearest() -> None:
    looked = snapshot(
        partition("orders", 0, end=110, age=0.25 * DAY),
        partition("orders", 1, end=110, age=0.75 * DAY),
        partition("quiet", 0),
        partition("for-ever", 0, end=110, age=DAY),
        partition("unknown", 0, end=110),
        retention={"orders": DAY, "quiet": DAY, "for-ever": None, "unknown": DAY},
    )
    found = samples(seen(looked=looked), Limits())
    assert found[metrics.TOPIC_RETENTION_LEFT] == {("orders",): 0.25 * DAY, ("quiet",): DAY}
    used = found[metrics.TOPIC_RETENTION_USED]
    assert used == {("orders",): 0.75, ("quiet",): 0.0}, "0 would say that nothing waits"


def test_what_is_lost_counts_by_topic() -> None:
    looked = snapshot(partition("orders", 0, position=10, start=20), partition("orders", 1))
    found = samples(seen(looked=looked), Limits())
    assert found[metrics.TOPIC_LOSING] == {("orders",): 1}
    assert found[metrics.PARTITIONS_LOSING] == {(): 1}
    assert found[metrics.PARTITIONS][("possibly-lost",)] == 1


def test_groups_by_state_and_each() -> None:
    groups = (
        group("exact", offset(100, 100)),
        group("behind", offset(100, 90)),
        group("active", offset(100, 100), active_on_target=True),
    )
    found = samples(seen(looked=snapshot(partition(), groups=groups)), Limits())
    assert found[metrics.GROUPS][("exact",)] == 1
    assert found[metrics.GROUPS][("blocked",)] == 1
    assert found[metrics.GROUPS][("past-end",)] == 0
    assert found[metrics.GROUP_STATE][("behind", "behind")] == 1
    assert found[metrics.GROUP_REREAD_RECORDS][("behind",)] == 10


def test_a_connector_that_connect_does_not_know_does_not_run() -> None:
    found = samples(seen(), Limits())
    assert found[metrics.CONNECTOR_RUNNING] == {(CONNECTORS[0],): 1, (CONNECTORS[1],): 0}
    assert found[metrics.CONNECTOR_TASKS][(CONNECTORS[0], "RUNNING")] == 2
    assert found[metrics.CONNECTOR_TASKS][(CONNECTORS[0], "FAILED")] == 1
    assert found[metrics.CONNECTOR_TASKS][(CONNECTORS[1], "RUNNING")] == 0
    assert found[metrics.RECONCILING] == {(): 0}


def test_translations_that_are_overdue_are_counted() -> None:
    assert samples(seen(), Limits())[metrics.CHECKPOINTS_OVERDUE] == {(): 2}


def test_of_two_trusted_cas_the_later_one_counts() -> None:
    ends = samples(seen(), Limits())[metrics.CERTIFICATE_EXPIRY]
    assert ends == {
        ("broker 0 of west at west:9093",): datetime(2027, 1, 1, tzinfo=UTC).timestamp(),
        ("trusted CA of east",): datetime(2027, 12, 1, tzinfo=UTC).timestamp(),
    }


@pytest.mark.parametrize("looked", [snapshot(), snapshot(problems=("reading positions: refused",))])
def test_without_positions_nothing_is_said_of_lag(looked: Snapshot) -> None:
    found = samples(seen(looked=looked), Limits())
    assert not {metrics.LAG_RECORDS, metrics.LAG_SECONDS, metrics.PARTITIONS_LOSING} & found.keys()


def test_groups_that_could_not_be_read_are_not_none() -> None:
    found = samples(seen(looked=snapshot(partition(), problems=("reading groups: refused",))), Limits())
    assert metrics.GROUPS not in found
    assert found[metrics.LOOK_PROBLEMS] == {(): 1}


def test_partitions_have_series_where_they_are_wanted() -> None:
    looked = snapshot(partition("orders", 3, end=110, age=DAY))
    found = samples(seen(looked=looked), Limits(per_partition=True))
    assert found[metrics.PARTITION_LAG_RECORDS] == {("orders", "3"): 10}
    assert found[metrics.PARTITION_LAG_SECONDS] == {("orders", "3"): DAY}
    assert found[metrics.PARTITION_RETENTION_LEFT] == pytest.approx({("orders", "3"): 6 * DAY})


def test_the_worst_have_series_and_the_rest_is_counted() -> None:
    looked = snapshot(*(partition(f"topic-{each}", end=100 + each, age=float(each)) for each in range(5)))
    found = samples(seen(looked=looked), Limits(series=2, per_partition=True))
    assert found[metrics.TOPIC_LAG_SECONDS] == {("topic-4",): 4, ("topic-3",): 3}
    assert found[metrics.LAG_RECORDS] == {(): 10}
    assert found[metrics.SERIES_LEFT_OUT][("topic",)] == 3
    assert found[metrics.SERIES_LEFT_OUT][("partition",)] == 3


def test_a_large_mirror_has_a_bounded_number_of_series() -> None:
    """10,000 topics of one partition and 4,000 groups, every partition asked for."""
    look = seen(looked=many(10_000, 1, 4_000))
    began = time.process_time()
    found = samples(look, Limits(per_partition=True))
    assert time.process_time() - began < 5
    assert sum(map(len, found.values())) < 1000 * 15
    assert found[metrics.SERIES_LEFT_OUT][("topic",)] == 9_000
    assert found[metrics.SERIES_LEFT_OUT][("group",)] == 3_000
    assert sum(found[metrics.PARTITIONS].values()) == 10_000
    assert sum(found[metrics.GROUPS].values()) == 4_000
