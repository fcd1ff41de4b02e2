"""One row a partition: how far behind, how fast, when caught up, whether retention wins. Pure.

Seconds behind are the age of the oldest record that is not mirrored: by its timestamp, and no more than it
can have waited since the last look that did not see it.

Retention removes records by their timestamps, whatever they are, a segment at a time, when the newest record
of the segment is too old (`UnifiedLog.deleteRetentionMsBreachedSegments`): so the time that is left is a
little more than what is said here, never less.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.status.rates import Rate, Rates
from mirror.status.snapshot import PartitionSeen, Retention, Snapshot, Waiting
from mirror.status.trouble import Trouble
from mirror.text.durations import duration

# A position that has not moved for so long, while records wait, is stuck.
STUCK_SECONDS = 10.0
# MM2 without exactly-once commits its positions once a minute.
LONG_SECONDS = 90.0
RISK_SHARE = 0.5
RISK_SECONDS = 2 * 3600.0


class PartitionRow(NamedTuple):
    """What is said of one partition. None stands for what is not known, or not so."""

    partition: TopicPartition
    trouble: Trouble
    says: str
    position: int | None
    source_start: int | None
    source_end: int | None
    records: int
    exact: bool
    seconds: float | None
    since: float | None  # when the oldest unmirrored record was written, in seconds since the epoch
    produced: float | None
    mirrored: float | None
    catch_up: float | None  # seconds; None: not known, or never
    retention: float | None  # seconds; None: for ever, or not known
    retention_used: float | None  # share of the retention that the oldest unmirrored record has behind it

    @property
    def key(self) -> tuple[int, float, int, TopicPartition]:
        """Sorts the worst first."""
        return (-self.trouble, -(self.seconds or 0.0), -self.records, self.partition)


def partition_rows(
    snapshot: Snapshot, rates: Rates, over: Mapping[TopicPartition, Rate]
) -> list[PartitionRow]:
    """Every partition, the worst first. `over` are the rates of this look."""
    rows = [
        _row(one, snapshot, over.get(one.partition), rates, snapshot.retention.get(one.partition.topic))
        for one in snapshot.partitions
    ]
    return sorted(rows, key=lambda row: row.key)


def _row(
    one: PartitionSeen, snapshot: Snapshot, rate: Rate | None, rates: Rates, kept: Retention | None
) -> PartitionRow:
    source, waiting = one.source, one.waiting
    start = end = None
    if isinstance(source, Bounds):
        start, end = source
    if not isinstance(waiting, Waiting):
        first = max(start or 0, -1 if one.position is None else one.position + 1)
        waiting = Waiting(0 if end is None else max(0, end - first), exact=False)
    age = None if waiting.oldest is None else max(0.0, snapshot.at - waiting.oldest / 1000)
    seconds = age
    if waiting.first is not None and (most := rates.waits_at_most(snapshot.at, one.partition, waiting.first)):
        seconds = most if age is None else min(age, most)
    if waiting.records == 0:
        seconds = 0.0
    retention = None if kept is None or kept.milliseconds is None else kept.milliseconds / 1000
    row = PartitionRow(
        one.partition,
        Trouble.UP_TO_DATE,
        "",
        one.position,
        start,
        end,
        waiting.records,
        waiting.exact,
        seconds,
        None if seconds is None or waiting.records == 0 else snapshot.at - seconds,
        None if rate is None else rate.produced,
        None if rate is None else rate.mirrored,
        None if rate is None else rate.catch_up(waiting.records),
        retention,
        None if age is None or not retention else age / retention,
    )
    trouble, says = _judged(one, row, rate, rates.seconds, bool(snapshot.faults), snapshot.max_lag_seconds)
    return row._replace(trouble=trouble, says=says)


def _judged(
    one: PartitionSeen, row: PartitionRow, rate: Rate | None, over: float, halted: bool, max_lag: float
) -> tuple[Trouble, str]:
    for unread in (one.source, one.waiting):
        if isinstance(unread, Unread):
            return Trouble.UNREADABLE, f"could not be read: {unread.reason}"
    assert row.source_start is not None
    assert row.source_end is not None
    if one.position is not None:
        gap = row.source_start - one.position - 1
        if gap > 0:
            return Trouble.LOST, f"the source has removed up to {gap:,} records that were never mirrored"
        if one.position >= row.source_end:
            return (
                Trouble.PAST_END,
                f"position {one.position:,} lies past the source's end {row.source_end:,}: "
                "the topic was made anew or cut",
            )
    if not one.copied:
        return Trouble.ABSENT, "it is not on the target"
    if row.records == 0:
        return Trouble.UP_TO_DATE, ""
    late = row.seconds is None or row.seconds > max_lag
    if late and (risk := _risk(row, rate)):
        return Trouble.RETENTION_RISK, risk
    if not late:
        return Trouble.FLOWING, ""
    what = "none of it is mirrored" if one.position is None else "its position does not move"
    if halted:
        return Trouble.STUCK, f"{what}: the connector does not run"
    if rate is None or row.seconds is None:
        return Trouble.BEHIND, ""
    if rate.mirrored == 0 and (over >= STUCK_SECONDS or row.seconds > max_lag + LONG_SECONDS):
        return Trouble.STUCK, f"{what} (looked at for {duration(over)})"
    if rate.mirrored <= rate.produced:
        return Trouble.FALLING_BEHIND, "records come faster than they are mirrored"
    return Trouble.BEHIND, ""


def _risk(row: PartitionRow, rate: Rate | None) -> str:
    """Why retention may remove records before they are mirrored; empty where it will not."""
    if rate is not None and rate.removed > rate.mirrored and row.position is not None:
        assert row.source_start is not None
        left = (row.position + 1 - row.source_start) / (rate.removed - rate.mirrored)
        if left < RISK_SECONDS:
            return f"the log's start moves faster than the mirror, and reaches it in {duration(left)}"
    if row.retention is None or row.retention_used is None:
        return ""
    left = row.retention * (1 - row.retention_used)
    if left <= 0:
        return f"its oldest unmirrored record is older than the retention of {duration(row.retention)}"
    if row.catch_up is not None and row.catch_up > left:
        return f"retention wins: {duration(left)} left, {duration(row.catch_up)} to catch up"
    if row.retention_used >= RISK_SHARE:
        return f"{row.retention_used:.0%} of the retention used up, {duration(left)} left"
    if rate is not None and row.catch_up is None and left < RISK_SECONDS:
        return f"retention wins in {duration(left)} unless it catches up"
    return ""


class TopicRow(NamedTuple):
    """A topic with all its partitions."""

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
    def key(self) -> tuple[int, float, int, str]:
        """Sorts the worst first."""
        return (-self.trouble, -(self.seconds or 0.0), -self.records, self.topic)


def topic_rows(rows: Sequence[PartitionRow]) -> list[TopicRow]:
    """Partitions folded into their topics, the worst first."""
    by_topic: dict[str, list[PartitionRow]] = {}
    for row in rows:
        by_topic.setdefault(row.partition.topic, []).append(row)
    return sorted((fold(topic, own) for topic, own in by_topic.items()), key=lambda row: row.key)


def fold(topic: str, rows: Sequence[PartitionRow]) -> TopicRow:
    """Some partitions as one row. Time to catch up: that of the slowest."""
    worst = min(rows, key=lambda row: row.key)
    late = [row for row in rows if row.records]
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
        worst.retention,
        most(row.retention_used for row in rows),
    )


def most(values: Iterable[float | None]) -> float | None:
    """The largest of what is known."""
    return max((value for value in values if value is not None), default=None)


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
