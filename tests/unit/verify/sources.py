"""A made-up baseline and its source, for the tests of source-unbroken."""

from __future__ import annotations

from mirror.clients.records import Bounds, TopicPartition
from mirror.verify.baseline import Baseline, TopicThen
from mirror.verify.checks.source_unbroken import judge
from mirror.verify.report import CheckResult
from mirror.verify.values.source_partition import PartitionNow, SourceNow

ONE = TopicPartition("orders", 0)
THEN = Baseline("2026-11-01T00:00:00+00:00", "cluster", {"orders": TopicThen("id-1", 1, (100,))})


def at(position: int | None, begin: int, end: int, start: int | None = None) -> PartitionNow:
    return PartitionNow(ONE, position, Bounds(begin, end), start)


def judged(*partitions: PartitionNow, baseline: Baseline = THEN, **now: object) -> CheckResult:
    seen: dict[str, object] = {
        "cluster": "cluster",
        "ids": {"orders": "id-1"},
        "matched_by_pattern": ["orders"],
        "partitions": partitions,
    }
    return judge(baseline, SourceNow(**{**seen, **now}))  # type: ignore[arg-type]
