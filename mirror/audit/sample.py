"""Reduces a cut to a sample: some stretches of each partition.

The stretches are random, but the same in every run of the same cut: a digest of topic, partition and stretch
number selects them. To find the copy of a stretch, the target is read from its first record whose timestamp
is not older than the oldest one of the stretch (ListOffsets); from its start if brokers set the timestamps.
Target records before and after the copy are not judged: only a full audit shows whether they are alien.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b

from mirror.audit.blocks import NO_PRODUCER_TIME, RecordLog
from mirror.audit.cut import Cut
from mirror.audit.extent import Extent
from mirror.audit.findings import PartitionResult, first_of
from mirror.clients.records import TopicPartition
from mirror.problems import CouldNotRun

STRETCH = 10_000
"""Number of offsets in a stretch."""
Locate = Callable[[TopicPartition, int], int | None]
"""Finds the first offset of a target partition with at least a timestamp (milliseconds)."""


def parse_fraction(fraction: float | None, max_records: int | None, cut: Cut) -> float:
    """Return the share of the source to audit; 1: all of it. Raises CouldNotRun."""
    if fraction is not None and max_records is not None:
        raise CouldNotRun(
            "reading the command line", "--sample and --max-records exclude each other", "drop one"
        )
    if max_records is not None:
        whole = sum(_length(one) for one in cut.extents)
        return min(1.0, max_records / whole) if whole else 1.0
    return 1.0 if fraction is None else fraction


def stretches(extent: Extent, fraction: float) -> list[tuple[int, int]]:
    """Return the stretches of a partition in order; at least one if it has any offset and `fraction` > 0."""
    count = math.ceil(_length(extent) / STRETCH)
    chosen = sorted(range(count), key=lambda place: _lot(extent.source, place))[: math.ceil(count * fraction)]
    end = extent.must + 1
    return [
        (extent.source_start + place * STRETCH, min(end, extent.source_start + (place + 1) * STRETCH))
        for place in sorted(chosen)
    ]


def sample_cut(cut: Cut, fraction: float, source: RecordLog, locate: Locate) -> Cut:
    """Replace the partitions of the cut by stretches of them. Raises CouldNotRun."""
    if fraction >= 1:
        return cut
    return replace(
        cut,
        extents=tuple(
            one for extent in cut.extents for one in _stretch_extents(extent, fraction, source, locate)
        ),
    )


def _stretch_extents(extent: Extent, fraction: float, source: RecordLog, locate: Locate) -> Iterator[Extent]:
    chosen = stretches(extent, fraction)
    whole = max(0, extent.source_stop - extent.source_start)
    beside = max(0, whole - sum(stop - start for start, stop in chosen))
    none_yet = True
    for start, stop in chosen:
        oldest: int | None = None
        with source.blocks(extent.source, start, stop) as blocks:
            for block in blocks:
                if len(block):
                    stamped = bool((block.flags & NO_PRODUCER_TIME).any())
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
            beside=beside if none_yet else 0,
        )
        none_yet = False
    if none_yet:  # an extent of no offset, so that the partition is part of the report
        end = extent.source_stop
        yield replace(
            extent,
            source_start=end,
            must=end - 1,
            target_start=extent.target_stop,
            sampled=True,
            beside=beside,
        )


def merge_stretches(results: Sequence[PartitionResult]) -> list[PartitionResult]:
    """Return one result for each partition, the sum of its stretches' results."""
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
        differences=first_of(every),
        more=first.more + second.more + len(every) - len(first_of(every)),
        notes=tuple(dict.fromkeys(first.notes + second.notes)),
        unread=first.unread or second.unread,
        not_read=first.not_read + second.not_read,
    )


def _length(extent: Extent) -> int:
    return max(0, extent.must + 1 - extent.source_start)


def _lot(partition: TopicPartition, place: int) -> bytes:
    return blake2b(f"{partition} {place}".encode(), digest_size=8).digest()
