"""Killed at any place, an audit that is run again says what an uninterrupted one says."""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mirror.audit.extent import ResumePoint
from mirror.audit.findings import PartitionResult
from mirror.audit.lanes import AuditProgress
from mirror.audit.residue import ResidueSizes
from mirror.audit.run import AuditRun
from mirror.audit.state import AuditState
from mirror.problems import CouldNotRun
from tests.unit.audit.five_partitions import CUT, LOGS, SOURCE, TARGET
from tests.unit.audit.made_up import COPY, ONE, Record, audit, copied, records


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
