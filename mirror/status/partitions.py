"""One row a partition: lag in records and seconds, rates, time to catch up, risk from retention. Pure.

Seconds behind are the age of the oldest unmirrored record by its timestamp. Where a look did not see the
record yet that would have seen one so old, or where its timestamp was not read, they are the time since that
look; or, where that is longer than the mirror may be behind, since the first look that saw it. So they are of
a record without a timestamp (-1): to retention it is at least as old.

Retention deletes a whole segment by the age of its newest record
(`UnifiedLog.deleteRetentionMsBreachedSegments`).
The time left is therefore a little longer than reported here, never shorter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.status.rates import Rate, Rates
from mirror.status.snapshot import PartitionSeen, Retention, Snapshot, Waiting
from mirror.status.trouble import Trouble, most_urgent_first
from mirror.text.durations import duration
from mirror.verify.remedies import stalled
from mirror.verify.values.partition_lag import CLOCKS_DIFFER_SECONDS
from mirror.verify.values.source_partition import PartitionNow, gap, lost_offsets, past_end

# A partition is stuck if records wait and its position has not moved for so long.
STUCK_SECONDS = 10.0
# MM2 without exactly-once commits its positions once a minute.
LONG_SECONDS = 90.0
RISK_SHARE = 0.5
RISK_SECONDS = 2 * 3600.0


Judged = tuple[Trouble, str]
"""A state, and its cause or an empty text."""


class PartitionRow(NamedTuple):
    """One partition. None: unknown, or does not apply. Seconds, and records a second."""

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
    catch_up: float | None  # seconds; None: unknown, or never
    retention: float | None  # seconds; None: forever, or unknown
    retention_used: float | None  # age of the oldest unmirrored record as a share of the retention

    @property
    def urgency(self) -> tuple[int, float, int, TopicPartition]:
        """The sort key of `most_urgent_first`."""
        return (-self.trouble, -(self.seconds or 0.0), -self.records, self.partition)

    @property
    def retention_left(self) -> float | None:
        """Seconds until retention may delete the oldest unmirrored record; negative if already possible.

        Without unmirrored records, the whole retention. None: not deleted by age, or the age is unknown.
        """
        if not self.retention:
            return None
        if self.retention_used is not None:
            return self.retention * (1 - self.retention_used)
        return self.retention if self.records == 0 else None


def partition_rows(
    snapshot: Snapshot, rates: Rates, over: Mapping[TopicPartition, Rate]
) -> list[PartitionRow]:
    """Return a row for every partition, most urgent first. `over`: the rates of this look."""
    copied = {one.partition.topic for one in snapshot.partitions if one.copied}
    missing = sorted({one.partition.topic for one in snapshot.partitions} - copied)
    rows = [
        _row(
            one,
            snapshot,
            over.get(one.partition),
            rates,
            snapshot.retention.get(one.partition.topic),
            missing,
        )
        for one in snapshot.partitions
    ]
    return most_urgent_first(rows)


def _row(
    one: PartitionSeen,
    snapshot: Snapshot,
    rate: Rate | None,
    rates: Rates,
    kept: Retention | None,
    missing: Sequence[str],
) -> PartitionRow:
    source, waiting = one.source, one.waiting
    start = end = None
    if isinstance(source, Bounds):
        start, end = source
    if not isinstance(waiting, Waiting):
        first = max(start or 0, -1 if one.position is None else one.position + 1)
        waiting = Waiting(0 if end is None else max(0, end - first), exact=False)
    age = None
    if waiting.oldest is not None and waiting.oldest >= 0:
        age = max(0.0, snapshot.at - waiting.oldest / 1000)
    seconds = age
    if waiting.first is not None and (known := rates.waits(snapshot.at, one.partition, waiting.first)):
        least, most = known
        # An older timestamp than `most` says nothing. Where looks are further apart than the mirror may be
        # behind, `most` would call late what is not.
        unknown = most if most <= snapshot.max_lag_seconds else least
        seconds = unknown if age is None or age > most + CLOCKS_DIFFER_SECONDS else min(age, most)
    if seconds is None and waiting.oldest is not None:
        seconds = 0.0
    if seconds is not None:
        seconds = max(seconds, rates.waits_at_least(snapshot.at, one.partition))
    if waiting.records == 0:
        seconds = 0.0
    if age is None and waiting.oldest is not None:
        age = seconds
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
    trouble, says = (
        _unreadable(one)
        or _broken(one, row)
        or _flow(one, row, rate, rates.seconds, bool(snapshot.faults), snapshot.max_lag_seconds)
    )
    if trouble is Trouble.STUCK and missing and not snapshot.faults:
        says += f"; {stalled(missing)}: `verify --check topics-present` names the cause"
    return row._replace(trouble=trouble, says=says)


def _unreadable(one: PartitionSeen) -> Judged | None:
    for unread in (one.source, one.waiting):
        if isinstance(unread, Unread):
            return Trouble.UNREADABLE, f"could not be read: {unread.reason}"
    return None


def _broken(one: PartitionSeen, row: PartitionRow) -> Judged | None:
    """Return a state in which records are lost or cannot be mirrored."""
    if isinstance(one.source, Bounds):
        now = PartitionNow(
            one.partition, one.position, one.source, one.start, one.no_record_before, one.record_at
        )
        offsets = f"up to {lost_offsets(now, None):,} records that were never mirrored"
        match gap(now, None):
            case "unknown":
                return Trouble.POSSIBLY_LOST, f"unknown: the source deleted {offsets}"
            case "lost":
                return Trouble.LOST, f"the source deleted {offsets}, at least one"
            case _:
                pass
        if one.position is not None and past_end(one.position, one.source):
            return (
                Trouble.PAST_END,
                f"position {one.position:,} is past the source's end offset {one.source.end:,}: "
                "the topic was recreated or truncated",
            )
    if one.held:
        return Trouble.STUCK, (
            f"a hanging transaction on the source holds back up to {one.held:,} records, also committed ones "
            "of others: `verify --check lag` names the way out"
        )
    return None if one.copied else (Trouble.ABSENT, "the partition does not exist on the target")


def _flow(
    one: PartitionSeen, row: PartitionRow, rate: Rate | None, over: float, halted: bool, max_lag: float
) -> Judged:
    """Judge lag, risk from retention, and rates. `over`: seconds of the rates; `halted`: connectors fail."""
    if row.records == 0:
        return Trouble.UP_TO_DATE, ""
    if row.seconds is not None and row.seconds <= max_lag:
        return Trouble.FLOWING, ""
    if risk := _risk(row, rate):
        return Trouble.RETENTION_RISK, risk
    what = "no record is mirrored" if one.position is None else "the position does not advance"
    if halted:
        return Trouble.STUCK, f"{what}: the connector is not running"
    if rate is None or row.seconds is None:
        return Trouble.BEHIND, ""
    if rate.mirrored == 0 and (over >= STUCK_SECONDS or row.seconds > max_lag + LONG_SECONDS):
        return Trouble.STUCK, f"{what} (observed for {duration(over)})"
    if rate.mirrored <= rate.produced:
        return Trouble.FALLING_BEHIND, "records are produced faster than they are mirrored"
    return Trouble.BEHIND, ""


def _risk(row: PartitionRow, rate: Rate | None) -> str:
    """Return why retention may delete unmirrored records; empty if there is no such risk."""
    start, position = row.source_start, row.position
    if rate is not None and rate.removed > rate.mirrored and position is not None and start is not None:
        left = (position + 1 - start) / (rate.removed - rate.mirrored)
        if left < RISK_SECONDS:
            return f"the log start advances faster than the mirror and reaches it in {duration(left)}"
    if row.retention is None or row.retention_used is None or row.retention_left is None:
        return ""
    return _age_risk(row, row.retention, row.retention_used, row.retention_left, rate is not None)


def _age_risk(row: PartitionRow, retention: float, used: float, left: float, rated: bool) -> str:
    if left <= 0:
        return f"the oldest unmirrored record is older than the retention of {duration(retention)}"
    if row.catch_up is not None and row.catch_up > left:
        return f"retention deletes records in {duration(left)}, catching up takes {duration(row.catch_up)}"
    if used >= RISK_SHARE:
        return f"{used:.0%} of the retention used, {duration(left)} left"
    if rated and row.catch_up is None and left < RISK_SECONDS:
        return f"retention deletes unmirrored records in {duration(left)} unless the mirror catches up"
    return ""
