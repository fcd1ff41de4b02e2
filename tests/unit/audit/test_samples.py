"""A sample audits some stretches, the same ones every time, and finds what is wrong within them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mirror.audit import sample as sampling
from mirror.audit.blocks import LogPair
from mirror.audit.cut import Cut
from mirror.audit.extent import Extent
from mirror.audit.findings import PartitionResult
from mirror.audit.run import AuditRun
from mirror.audit.sample import merge_stretches, parse_fraction, sample_cut, stretches
from mirror.audit.state import AuditState
from mirror.clients.records import TopicPartition
from mirror.problems import CouldNotRun
from tests.unit.audit.made_up import COPY, ONE, MadeUpLog, Record, copied, records

SOURCE = records(2000)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "STRETCH", 100)


def extent(target: list[Record]) -> Extent:
    return Extent(ONE, COPY, 0, 2000, 0, len(target), 1999)


def run(folder: Path, target: list[Record], fraction: float) -> tuple[Cut, dict[str, int], int]:
    logs = LogPair(MadeUpLog({ONE: SOURCE}), MadeUpLog({COPY: target}))
    cut = Cut("m", "east", "west", "now", True, (extent(target),))

    def locate(_: TopicPartition, timestamp: int) -> int | None:
        return next((one.offset for one in target if one.timestamp >= timestamp), None)

    some = sample_cut(cut, fraction, logs.source, locate)
    result = audited(folder, some, logs)
    return some, dict(result.counts), result.compared


def audited(folder: Path, cut: Cut, logs: LogPair) -> PartitionResult:
    with AuditState.open(folder, "stack", "key", lambda: cut) as (state, kept):
        (result,) = merge_stretches(AuditRun(kept, logs, state, lanes=2).run())
    return result


def result_of(folder: Path, target: list[Record], fraction: float) -> PartitionResult:
    logs = LogPair(MadeUpLog({ONE: SOURCE}), MadeUpLog({COPY: target}))
    cut = Cut("m", "east", "west", "now", True, (extent(target),))
    return audited(folder, sample_cut(cut, fraction, logs.source, lambda *_: None), logs)


def test_places_are_random_and_the_same_every_time() -> None:
    chosen = stretches(extent(SOURCE), 0.25)
    assert chosen == stretches(extent(SOURCE), 0.25)
    assert len(chosen) == 5
    assert all(stop - start == 100 for start, stop in chosen)
    assert chosen != stretches(replace(extent(SOURCE), source=TopicPartition("orders", 1)), 0.25)
    assert len(stretches(extent(SOURCE), 0.0001)) == 1


def test_a_clean_copy_is_clean(tmp_path: Path) -> None:
    cut, counts, compared = run(tmp_path, copied(SOURCE), 0.25)
    assert (len(cut.extents), counts, compared) == (5, {}, 500)


def test_what_is_not_in_the_sample_is_counted(tmp_path: Path) -> None:
    assert result_of(tmp_path / "some", copied(SOURCE), 0.25).not_read == 1500
    none = result_of(tmp_path / "none", copied(SOURCE), 0)
    assert (none.source_records, none.not_read) == (0, 2000)
    assert result_of(tmp_path / "whole", copied(SOURCE), 1).not_read == 0


def test_faults_within_the_stretches_are_found_and_no_others(tmp_path: Path) -> None:
    chosen = stretches(extent(SOURCE), 0.25)
    inside = {start + 50 for start, _ in chosen} | {chosen[0][0], chosen[1][1] - 1}
    outside = set(range(50, 2000, 100)) - inside
    target = copied(one for one in SOURCE if one.offset not in inside | outside)
    _, counts, _ = run(tmp_path, target, 0.25)
    assert counts == {"lost": len(inside)}


def test_a_stretch_that_is_lost_as_a_whole(tmp_path: Path) -> None:
    (first, *_) = stretches(extent(SOURCE), 0.25)
    target = copied(one for one in SOURCE if not first[0] <= one.offset < first[1])
    assert run(tmp_path, target, 0.25)[1] == {"lost": 100}


def test_so_many_records() -> None:
    cut = Cut("m", "east", "west", "now", True, (extent(SOURCE),))
    assert parse_fraction(None, 500, cut) == 0.25
    assert parse_fraction(None, 5000, cut) == 1
    assert parse_fraction(None, None, cut) == 1
    with pytest.raises(CouldNotRun, match="exclude each other"):
        parse_fraction(0.5, 500, cut)
