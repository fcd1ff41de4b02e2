"""Brokers that restart during an audit are waited for, and a partition without a leader is reported."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mirror.audit.blocks import LogPair, RecordBlock
from mirror.audit.cut import Cut
from mirror.audit.extent import Extent
from mirror.audit.findings import PartitionResult
from mirror.audit.run import PAUSES, AuditRun
from mirror.audit.state import AuditState
from mirror.clients.records import Bounds, TopicPartition
from mirror.problems import CouldNotConnect, CouldNotRun
from tests.unit.audit.five_partitions import CUT, SOURCE, TARGET
from tests.unit.audit.made_up import COPY, ONE, MadeUpLog, copied, records


def test_a_partition_that_cannot_be_read_fails_alone(tmp_path: Path) -> None:
    class Broken(MadeUpLog):
        def bounds(self, partitions: object) -> dict:  # type: ignore[type-arg]
            raise CouldNotRun("asking for offsets", "no leader", "wait")

    with AuditState.open(tmp_path, "stack", "key", lambda: CUT) as (state, cut):
        broken = LogPair(Broken(SOURCE), MadeUpLog(TARGET))
        results = AuditRun(cut, broken, state, lanes=2, pauses=(0.0, 0.0)).run()
    assert all("no leader" in one.unread for one in results)
    assert all(one.failed(exactly_once=False) for one in results)


class Restarting(MadeUpLog):
    """A log whose broker is away for some requests."""

    def __init__(self, away: int, error: CouldNotRun) -> None:
        super().__init__(SOURCE)
        self.away, self.error, self.asked = away, error, 0

    def bounds(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, Bounds]:
        self.asked += 1
        if self.asked <= self.away:
            raise self.error
        return super().bounds(partitions)


def attempts(
    folder: Path, away: int, error: CouldNotRun, **more: Any
) -> tuple[Restarting, list[PartitionResult], list[float]]:
    log, paused = Restarting(away, error), list[float]()

    class Counting(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            paused.append(timeout or 0.0)
            return False

    with AuditState.open(folder, "stack", "key", lambda: CUT) as (state, cut):
        running = AuditRun(cut, LogPair(log, MadeUpLog(TARGET)), state, lanes=1, _stop=Counting(), **more)
        return log, running.run(), paused


NO_LEADER = CouldNotRun("asking for offsets", "no leader", "wait")


NO_BROKER = CouldNotConnect("connecting to east", "no broker answers", "wait")


@pytest.mark.parametrize("error", [NO_LEADER, NO_BROKER])
def test_a_broker_that_restarts_is_waited_for(error: CouldNotRun, tmp_path: Path) -> None:
    _, results, paused = attempts(tmp_path, 5, error)
    assert not any(one.unread for one in results)
    assert paused == [1.0, 2.0, 4.0, 8.0, 15.0]


def test_after_a_minute_the_partition_is_reported_and_the_others_continue(tmp_path: Path) -> None:
    _, results, paused = attempts(tmp_path, 7, NO_LEADER)
    assert [bool(one.unread) for one in sorted(results, key=lambda one: -one.must)] == [True] + [False] * 4
    assert paused == list(PAUSES)
    assert sum(PAUSES) >= 60


def test_a_cluster_that_stays_away_ends_the_audit(tmp_path: Path) -> None:
    with pytest.raises(CouldNotConnect, match="no broker answers"):
        attempts(tmp_path, 7, NO_BROKER)


def test_many_partitions_without_a_leader_do_not_take_hours(tmp_path: Path) -> None:
    _, results, paused = attempts(tmp_path, 10_000, NO_LEADER, paused_at_most=70.0)
    assert all(one.unread for one in results)
    assert sum(paused) == 70.0


def test_an_attempt_that_read_further_begins_the_pauses_anew(tmp_path: Path) -> None:
    """Each attempt reads two blocks and is then interrupted, more often than there are pauses."""
    source = records(1500)
    one = Extent(ONE, COPY, 0, 1500, 0, 1500, 1499)

    class Interrupted(MadeUpLog):
        @contextmanager
        def blocks(self, partition: TopicPartition, start: int, stop: int) -> Iterator[Iterator[RecordBlock]]:
            with super().blocks(partition, start, stop) as found:
                yield self.some(found)

        def some(self, found: Iterator[RecordBlock]) -> Iterator[RecordBlock]:
            for number, block in enumerate(found):
                if number == 3:
                    raise NO_LEADER
                yield block

    log = Interrupted({ONE: source}, block_records=40)
    with AuditState.open(tmp_path, "stack", "key", lambda: Cut("m", "e", "w", "now", True, (one,))) as (
        state,
        cut,
    ):
        copy = MadeUpLog({COPY: copied(source)}, block_records=40)
        (result,) = AuditRun(cut, LogPair(log, copy), state, pauses=(0.0,)).run()
    assert (result.unread, result.compared) == ("", 1500)
