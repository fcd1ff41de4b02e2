"""Neither a long log nor a long lost stretch takes memory: what is left over lies in files."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from mirror.audit.blocks import BLOCK_RECORDS, LogPair, RecordBlock
from mirror.audit.columns import mixed
from mirror.audit.extent import Extent
from mirror.audit.findings import RecordDifference
from mirror.audit.partition import PartitionAudit
from mirror.audit.residue import Residue
from mirror.audit.rules import AuditRules
from mirror.clients.records import Bounds, TopicPartition

ONE = TopicPartition("orders", 0)
MEGABYTE = 1 << 20


class ComputedLog:
    """A log that is nowhere: its records are computed from their numbers. `without` are left out."""

    def __init__(self, records: int, without: range = range(0)) -> None:
        self._count, self._without = records - len(without), without

    def bounds(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, Bounds]:
        return {one: Bounds(0, self._count) for one in partitions}

    @contextmanager
    def blocks(self, partition: TopicPartition, start: int, stop: int) -> Iterator[Iterator[RecordBlock]]:
        yield self._blocks(start, min(stop, self._count))

    def _blocks(self, start: int, stop: int) -> Iterator[RecordBlock]:
        while True:
            end = min(stop, start + BLOCK_RECORDS)
            offsets = np.arange(start, max(start, end))
            numbers = offsets + len(self._without) * (offsets >= self._without.start)
            digests = mixed(numbers.astype(np.uint64)) | np.uint64(1)
            nothing = np.zeros(len(offsets), np.uint64)
            flags = np.zeros(len(offsets), np.uint8)
            yield RecordBlock(offsets, numbers, nothing, digests, nothing, flags, end, end >= stop)
            if end >= stop:
                return
            start = end


@pytest.mark.parametrize("lost", [range(0), range(300_000, 1_700_000)])
def test_peak_memory(tmp_path: Path, lost: range) -> None:
    records = 2_000_000
    source, target = ComputedLog(records), ComputedLog(records, lost)
    extent = Extent(ONE, ONE, 0, records, 0, records - len(lost), records - 1)
    found: list[RecordDifference] = []
    running = PartitionAudit(extent, LogPair(source, target), AuditRules(), Residue(tmp_path / "residue"))
    tracemalloc.start()
    try:
        for _ in running.steps():
            pass
        result = running.result(0, found.append)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert result.compared == records - len(lost)
    assert [(one.kind, one.records, one.source) for one in found] == (
        [("lost", len(lost), (lost[0], lost[-1]))] if lost else []
    )
    # The records themselves are 41 bytes a row on either side: 150 MB.
    assert peak < (100 if lost else 20) * MEGABYTE, f"{peak / MEGABYTE:.0f} MB"
