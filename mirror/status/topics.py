"""One row a topic: the sum or the worst of its partitions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mirror.status.partitions import PartitionRow
from mirror.status.trouble import Trouble, most_urgent, most_urgent_first


class TopicRow(NamedTuple):
    """A topic: the sum or the worst of its partitions. `troubled`: partitions with a problem."""

    topic: str
    trouble: Trouble
    says: str
    partitions: int
    troubled: int
    records: int
    exact: bool
    seconds: float | None
    since: float | None
    produced: float | None
    mirrored: float | None
    catch_up: float | None
    retention: float | None
    retention_used: float | None

    @property
    def urgency(self) -> tuple[int, float, int, str]:
        """The sort key of `most_urgent_first`."""
        return (-self.trouble, -(self.seconds or 0.0), -self.records, self.topic)


def topic_rows(rows: Sequence[PartitionRow]) -> list[TopicRow]:
    """Return a row for every topic, most urgent first."""
    by_topic: dict[str, list[PartitionRow]] = {}
    for row in rows:
        by_topic.setdefault(row.partition.topic, []).append(row)
    return most_urgent_first(fold(topic, own) for topic, own in by_topic.items())


def fold(topic: str, rows: Sequence[PartitionRow]) -> TopicRow:
    """Return partitions as one row; its time to catch up is that of the slowest that is late: others keep up.
    Its retention is that of the one which has used most of its own.
    """
    worst = most_urgent(rows)
    waiting = [row for row in rows if row.records]
    late = [row for row in waiting if row.trouble.bad] or waiting
    tightest = max(rows, key=lambda row: -1.0 if row.retention_used is None else row.retention_used)
    times = [row.catch_up for row in late]
    known = [time for time in times if time is not None]
    says = f"partition {worst.partition.partition}: {worst.says}" if worst.says else ""
    return TopicRow(
        topic,
        worst.trouble,
        says,
        len(rows),
        sum(row.trouble.bad for row in rows),
        sum(row.records for row in rows),
        all(row.exact for row in rows),
        most(row.seconds for row in rows),
        min((row.since for row in rows if row.since is not None), default=None),
        _sum([row.produced for row in rows]),
        _sum([row.mirrored for row in rows]),
        None if len(known) < len(times) else max(known, default=0.0),
        worst.retention if tightest.retention_used is None else tightest.retention,
        tightest.retention_used,
    )


def most(values: Iterable[float | None]) -> float | None:
    """Return the largest known value."""
    return max((value for value in values if value is not None), default=None)


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
