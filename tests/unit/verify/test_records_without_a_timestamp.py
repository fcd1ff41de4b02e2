"""A record without a timestamp (-1, `RecordBatch.NO_TIMESTAMP`), as librdkafka's producers may write it.

MM2 lets its own producer stamp the copy (`ConnectUtils.checkAndConvertTimestamp`): it is the same record.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from confluent_kafka.admin import AdminClient

from mirror.audit.blocks import LogPair
from mirror.audit.extent import Extent
from mirror.audit.native import NativeLog
from mirror.audit.partition import PartitionAudit
from mirror.audit.residue import Residue
from mirror.audit.rules import AuditRules
from mirror.clients.log_offsets import offsets_at
from mirror.clients.reader import Reader
from mirror.clients.records import Bounds, ConfigValue, Record, TopicPartition, Window
from mirror.clients.stretches import Stretch
from mirror.verify.checks.lag import judge
from mirror.verify.comparison import Copy, compare
from mirror.verify.reading.configs import source_configs
from mirror.verify.reading.parts import Committed, committed, lags
from mirror.verify.reading.source_state import risks
from mirror.verify.values.partition_lag import PartitionLag
from mirror.verify.values.tail import Tail, tail_verdict
from tests.unit.support.mock_kafka import MockCluster
from tests.unit.verify.looks import BOTH, look

ONE = TopicPartition("orders", 0)
BARE = -1
WEEK = {"retention.ms": "604800000", "cleanup.policy": "delete"}


@pytest.fixture(scope="module")
def both() -> tuple[MockCluster, MockCluster]:
    """Records at offsets 0 to 9, of which 4 to 9 have no timestamp on the source."""
    source, target = MockCluster(), MockCluster()
    for cluster, stamps in ((source, [0, 1, 2, 3, *[BARE] * 6]), (target, [0, 1, 2, 3, *range(90, 96)])):
        for number, stamp in enumerate(stamps):
            cluster.producer.produce("orders", b"v%d" % number, b"k", 0, timestamp=stamp or 1)
        assert cluster.producer.flush(10) == 0
    return source, target


def read(cluster: MockCluster) -> list[Record]:
    with Reader(cluster.access) as reader:
        [window] = reader.records([Stretch(ONE, 0, 10)])[ONE]
    assert isinstance(window, Window)
    return list(window.records)


def test_a_window_is_the_same_whatever_the_copies_timestamps(both: tuple[MockCluster, MockCluster]) -> None:
    ours, theirs = map(read, both)
    assert [one.timestamp for one in ours[4:]] == [BARE] * 6
    seen = compare(ours, Copy(theirs, from_start=True, at_end=True), first=True)
    assert (seen.same, seen.differences, seen.short) == (10, (), ())
    altered = [*theirs[:7], theirs[7]._replace(content=1), *theirs[8:]]
    assert compare(ours, Copy(altered, from_start=True, at_end=True), first=True).differences


def test_so_is_a_tail(both: tuple[MockCluster, MockCluster]) -> None:
    ours, theirs = map(read, both)
    logs = Bounds(0, 10), Bounds(0, 10)
    one = Tail(ONE, ONE, 9, *logs, theirs[-1], Window(9, 10, ours[9:], at_end=True))
    assert tail_verdict(one, 1.0).state == "same"


def test_so_is_a_log_to_an_audit(both: tuple[MockCluster, MockCluster], tmp_path: Path) -> None:
    with NativeLog(both[0].access) as ours, NativeLog(both[1].access) as theirs:
        extent = Extent(ONE, ONE, 0, 10, 0, 10, 9)
        running = PartitionAudit(extent, LogPair(ours, theirs), AuditRules(), Residue(tmp_path / "residue"))
        for _ in running.steps():
            pass
        result = running.result(0)
    assert (result.compared, result.counts) == (10, {})
    assert "not compared" in result.notes[0]


def test_it_is_watched_to_know_how_late_it_is(both: tuple[MockCluster, MockCluster]) -> None:
    """It was 56 years late, unless all that waited was mirrored within seconds."""
    bare = Window(4, 10, read(both[0])[4:], at_end=True)
    waits = PartitionLag(ONE, 3, Bounds(0, 10), bare)
    assert waits.stamped_ahead(1_800_000_000.0)
    for watched, passes in ((0.0, True), (30.0, True), (31.0, False)):
        one = replace(waits, waited_seconds=watched)
        assert judge([one], max_lag_seconds=30, at=1_800_000_000.0).passed == passes


def test_retention_is_not_said_to_reach_it_soon(both: tuple[MockCluster, MockCluster]) -> None:
    """It was 56 years old, and source-unbroken warned of it at each look that met one on its way."""
    bare = Window(4, 10, read(both[0])[4:], at_end=True)
    one = look(BOTH, lags=[PartitionLag(ONE, 3, Bounds(0, 10), bare)])
    week = {name: ConfigValue(value, 1) for name, value in WEEK.items()}
    configs: Mapping[str, Any] = {"orders": week}
    one.give(source_configs, configs)
    one.give(committed, Committed({ONE: 3}, at=1_800_000_000.0))
    assert risks(one) == []
    old = bare._replace(records=[bare.records[0]._replace(timestamp=1_799_500_000_000)])
    one.give(lags, [PartitionLag(ONE, 3, Bounds(0, 10), old)])
    assert [found.soon for found in risks(one)] == [True]


@pytest.mark.parametrize("stamp", [-1, -2, -3, -6])
def test_a_time_before_1970_is_no_special_question(stamp: int) -> None:
    """-1 asks for the end of a log (`ListOffsetsRequest`), behind each copy, and -2 for its start."""
    asked: list[int] = []

    class Admin:
        def list_offsets(self, wanted: dict[Any, Any], **_: Any) -> dict[Any, Any]:
            asked.extend(spec._value for spec in wanted.values())
            answer: Future[Any] = Future()
            answer.set_result(SimpleNamespace(offset=3))
            return dict.fromkeys(wanted, answer)

    assert offsets_at(cast(AdminClient, Admin()), [{ONE: stamp}]) == [{ONE: 3}]
    assert asked == [0]
