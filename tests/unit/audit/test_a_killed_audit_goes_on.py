"""Killed at any place, an audit that is run again says what an uninterrupted one says."""

from __future__ import annotations

import os
import random
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mirror.audit.blocks import LogPair, RecordBlock
from mirror.audit.cut import Cut
from mirror.audit.extent import Extent, ResumePoint
from mirror.audit.findings import PartitionResult
from mirror.audit.lanes import AuditProgress
from mirror.audit.residue import ResidueSizes
from mirror.audit.run import PAUSES, AuditRun
from mirror.audit.state import AuditState
from mirror.clients.records import Bounds, TopicPartition
from mirror.problems import CouldNotConnect, CouldNotRun
from tests.unit.audit.made_up import COPY, ONE, MadeUpLog, Record, audit, copied, records


def faulty(source: list[Record]) -> list[Record]:
    rows = list(source)
    rows[3:5] = []
    rows[100:100] = source[50:90]
    rows[300:700] = []
    rows[500], rows[510] = rows[510], rows[500]
    rows.append(Record(0, 1, 2, 3))
    return copied(rows)


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(break_after=st.integers(0, 80))
def test_within_a_partition(break_after: int) -> None:
    source = records(1500)
    with tempfile.TemporaryDirectory() as folder:
        whole = audit(Path(folder) / "a", source, faulty(source), block_records=40)
        again = audit(Path(folder) / "b", source, faulty(source), block_records=40, break_after=break_after)
    assert again.differences == whole.differences
    assert again.result == whole.result


PARTITIONS = [TopicPartition("orders", number) for number in range(5)]
SOURCE = {one: records(50 + 10 * one.partition) for one in PARTITIONS}
TARGET = {one: copied(rows[:7] + rows[8:] if one.partition % 2 else rows) for one, rows in SOURCE.items()}
LOGS = LogPair(MadeUpLog(SOURCE), MadeUpLog(TARGET))
CUT = Cut(
    "m", "east", "west", "2026-11-26", True,
    tuple(
        Extent(one, one, 0, len(SOURCE[one]), 0, len(TARGET[one]), len(SOURCE[one]) - 1)
        for one in PARTITIONS
    ),
)  # fmt: skip


class Killed(BaseException):
    """A kill, as far as one process can play it."""


def run(root: Path, tell: object = lambda _: None) -> tuple[list[PartitionResult], bool, list[str]]:
    with AuditState.open(root, "stack", "key", lambda: CUT) as (state, cut):
        results = AuditRun(cut, LOGS, state, lanes=1).run(tell)  # type: ignore[arg-type]
        differences = [str(one) for number in range(5) for one in state.every_difference(number)]
        return results, state.resumed, differences


def test_between_partitions(tmp_path: Path) -> None:
    def kill(progress: AuditProgress) -> None:
        if progress.done >= 2:
            raise Killed

    whole, resumed, differences = run(tmp_path / "a")
    assert not resumed
    assert [one.counts for one in whole] == [{}, {"lost": 1}, {}, {"lost": 1}, {}]
    with pytest.raises(Killed):
        run(tmp_path / "b", kill)
    done = next(iter((tmp_path / "b").glob("*/done.jsonl")))
    with done.open("a") as file:
        file.write('{"number": 4, "resu')  # a line that was being written
    again, resumed, same = run(tmp_path / "b")
    assert resumed
    assert again == whole
    assert same == differences


def test_a_place_that_was_not_written_whole_means_from_the_start(tmp_path: Path) -> None:
    with AuditState.open(tmp_path, "stack", "key", lambda: CUT) as (state, _):
        (state.folder / "place-1.json").write_text('{"source_next": 5, "sizes": [10, 0, 1]')
        assert state.place(1)[0] is None
        (state.folder / "place-2.json").write_text(
            '{"source_next": 5, "target_next": 5, "sizes": [10, 0, 1]}'
        )
        assert state.place(2)[0] is None, "its residue is shorter than it says"


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    opened = AuditState.open(tmp_path, "stack", "key", lambda: CUT)
    with opened, pytest.raises(CouldNotRun, match="another process"):
        run(tmp_path)


def test_fresh_forgets_what_was_done(tmp_path: Path) -> None:
    run(tmp_path)
    with AuditState.open(tmp_path, "stack", "key", lambda: CUT, fresh=True) as (state, _):
        assert (state.resumed, state.done) == (False, {})


def test_progress_counts_what_was_read(tmp_path: Path) -> None:
    told: list[AuditProgress] = []
    run(tmp_path, told.append)
    last = told[-1]
    assert (last.done, last.partitions, last.share) == (5, 5, 1.0)
    assert last.records == sum(map(len, SOURCE.values())) + sum(map(len, TARGET.values()))
    assert last.differing == 2
    assert random.choice(told).to_json()["partitions"] == 5


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


def test_what_a_resume_point_refers_to_is_on_disk_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a power failure, a file that was not synced may have zeros for its last rows."""
    synced: list[str] = []

    def fsync(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").resolve().name)

    monkeypatch.setattr(os, "fsync", fsync)
    with AuditState.open(tmp_path, "stack", "key", lambda: CUT) as (state, _):
        assert synced[0] == "cut.json.new"
        synced.clear()
        residue = state.folder / "residue-1"
        residue.mkdir()
        (residue / "lost.rows").write_bytes(b"x")
        state.save(1, ResumePoint(5, 5))
        assert synced == [], "no row is referred to"
        state.save(1, ResumePoint(5, 5, sizes=ResidueSizes(1, 0, 0)))
        assert synced == ["lost.rows", "place-1.json.new", state.folder.name]


def test_thousands_of_small_partitions_are_not_synced_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    with AuditState.open(tmp_path, "stack", "key", lambda: CUT) as (state, _):
        before = len(synced)
        for number in range(100):
            state.finish(number, PartitionResult(ONE, COPY, 1))
        assert len(synced) - before < 30
        assert len(state.done) == 100
