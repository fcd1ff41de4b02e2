"""A sample of a cut: some stretches of each partition instead of all of it.

Where they lie is random, yet the same in every run of the same cut: a digest of topic, partition and place
decides. The copy of a stretch begins nowhere before the first target record with a timestamp like the
stretch's oldest one (ListOffsets), and nowhere before the log's start where the target stamps records itself.
What the target holds before and after the copy is not judged: only the whole shows what is alien there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b

from mirror.audit.blocks import LOG_APPEND_TIME, Log
from mirror.audit.cut import Cut
from mirror.audit.extent import Extent
from mirror.audit.findings import PartitionResult
from mirror.audit.partition import FIRST_DIFFERENCES
from mirror.clients.records import TopicPartition
from mirror.problems import CouldNotRun

STRETCH = 10_000
"""Offsets of a stretch."""
Locate = Callable[[TopicPartition, int], int | None]
"""The first offset of a target partition with a timestamp of at least so many milliseconds."""


def parse_fraction(fraction: float | None, max_records: int | None, cut: Cut) -> float:
    """What part of the source to audit; 1 is all of it. Raises CouldNotRun."""
    if fraction is not None and max_records is not None:
        raise CouldNotRun(
            "reading the command line", "--sample and --max-records exclude each other", "drop one"
        )
    if max_records is not None:
        whole = sum(_length(one) for one in cut.extents)
        return min(1.0, max_records / whole) if whole else 1.0
    return 1.0 if fraction is None else fraction


def places(extent: Extent, fraction: float) -> list[tuple[int, int]]:
    """The stretches of a partition, in order: at least one where there is any record."""
    count = math.ceil(_length(extent) / STRETCH)
    chosen = sorted(range(count), key=lambda place: _lot(extent.source, place))[: math.ceil(count * fraction)]
    end = extent.must + 1
    return [
        (extent.source_start + place * STRETCH, min(end, extent.source_start + (place + 1) * STRETCH))
        for place in sorted(chosen)
    ]


def sample(cut: Cut, fraction: float, source: Log, locate: Locate) -> Cut:
    """The cut with stretches in place of partitions. Raises CouldNotRun."""
    if fraction >= 1:
        return cut
    return replace(
        cut,
        extents=tuple(one for extent in cut.extents for one in _stretches(extent, fraction, source, locate)),
    )


def _stretches(extent: Extent, fraction: float, source: Log, locate: Locate) -> Iterator[Extent]:
    for start, stop in places(extent, fraction):
        oldest: int | None = None
        with source.blocks(extent.source, start, stop) as blocks:
            for block in blocks:
                if len(block):
                    stamped = bool((block.flags & LOG_APPEND_TIME).any())
                    first = -1 if stamped else int(block.timestamps.min())
                    oldest = first if oldest is None else min(first, oldest)
        if oldest is None:
            continue
        found = locate(extent.target, oldest) if oldest >= 0 else None
        yield replace(
            extent,
            source_start=start,
            source_stop=stop,
            must=stop - 1,
            target_start=max(extent.target_start, found or 0),
            sampled=True,
        )


def together(results: Sequence[PartitionResult]) -> list[PartitionResult]:
    """One result a partition: that of its stretches."""
    found: dict[TopicPartition, PartitionResult] = {}
    for one in results:
        found[one.source] = _sum(found[one.source], one) if one.source in found else one
    return [found[one] for one in sorted(found)]


def _sum(first: PartitionResult, second: PartitionResult) -> PartitionResult:
    every = first.differences + second.differences
    return replace(
        first,
        must=max(first.must, second.must),
        compared=first.compared + second.compared,
        source_records=first.source_records + second.source_records,
        target_records=first.target_records + second.target_records,
        counts={
            kind: first.counts.get(kind, 0) + second.counts.get(kind, 0)
            for kind in {**first.counts, **second.counts}
        },
        excused={
            why: first.excused.get(why, 0) + second.excused.get(why, 0)
            for why in {**first.excused, **second.excused}
        },
        differences=every[:FIRST_DIFFERENCES],
        more=first.more + second.more + max(0, len(every) - FIRST_DIFFERENCES),
        notes=tuple(dict.fromkeys(first.notes + second.notes)),
        unread=first.unread or second.unread,
    )


def _length(extent: Extent) -> int:
    return max(0, extent.must + 1 - extent.source_start)


def _lot(partition: TopicPartition, place: int) -> bytes:
    return blake2b(f"{partition} {place}".encode(), digest_size=8).digest()
