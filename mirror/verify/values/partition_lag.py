"""How far behind its source one partition is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mirror.clients.records import Bounds, TopicPartition, Unread, Window
from mirror.verify.remedies import at_most, end_transaction

CLOCKS_DIFFER_SECONDS = 5.0
"""By so much the clock of a producer may be ahead without a doubt about its timestamps."""


@dataclass(frozen=True, slots=True)
class PartitionLag:
    """One source partition. `window` holds the first committed records after the position.

    `drained_seconds` is set when a second look at the positions, that many seconds after the first, found
    every record mirrored that had been missing: then the lag is at most that, whatever the records' own
    timestamps say (a producer may set them to anything).
    """

    partition: TopicPartition
    position: int | None
    bounds: Bounds | Unread
    window: Window | Unread | None
    drained_seconds: float | None = None
    waited_seconds: float = 0.0
    """For so long the first missing record was watched, and it stayed missing: its age is that at least."""

    def stamped_ahead(self, at: float) -> bool:
        """Whether the first missing record has a timestamp after `at`, or none (-1): that says nothing about
        its age."""
        if not isinstance(self.window, Window) or not self.window.records:
            return False
        stamp = self.window.records[0].timestamp
        return stamp < 0 or stamp / 1000 > at + CLOCKS_DIFFER_SECONDS


@dataclass(frozen=True, slots=True)
class HeldBack:
    """An open transaction that began at offset `first`: of the `offsets` from there on nothing is visible to
    who reads committed records, as MM2. `too_long`: Kafka would have aborted it by now."""

    first: int
    offsets: int
    too_long: bool

    def hides(self, copy: TopicPartition) -> tuple[str, str]:
        """What is wrong with a copy behind it on the target, and the way out: nothing of it is lost."""
        return (
            f"a transaction that began at offset {self.first} on the target has not ended: "
            f"{at_most(self.offsets)} from there on, also mirrored ones, are hidden from who reads committed "
            "records, as consumers should and region-mirror does",
            "mirror nothing again, because the records are there; what records-match or groups-translated "
            f"find here may come from it. On the target, {end_transaction(copy, self.first)}",
        )


class OpenTransactions:
    """Since when the looks of a session have seen each partition's oldest open transaction."""

    def __init__(self) -> None:
        self._known: dict[TopicPartition, tuple[int, float]] = {}

    def look(
        self, first: Mapping[TopicPartition, int], at: float, unread: Iterable[TopicPartition] = ()
    ) -> dict[TopicPartition, float]:
        """Return for how many seconds each has been seen open. `first`: where those begin that are open now;
        `at`: on a monotonic clock; `unread`: partitions of which nothing is known this time.
        """
        before = self._known
        kept = {one: before[one] for one in unread if one in before}
        self._known = kept | {
            one: before[one] if one in before and before[one][0] == offset else (offset, at)
            for one, offset in first.items()
        }
        return {one: at - self._known[one][1] for one in first}


@dataclass(frozen=True, slots=True)
class Behind:
    """Records not mirrored yet (an upper bound unless `exact`), and the age in seconds of the oldest."""

    records: int
    exact: bool
    seconds: float

    def __str__(self) -> str:
        return f"{'' if self.exact else 'up to '}{self.records:,} records, {self.seconds:,.0f} s"


def behind(one: PartitionLag, at: float) -> Behind:
    """How far behind one partition was when the positions were read; `at` in seconds since the epoch."""
    window = one.window
    if not isinstance(window, Window) or not window.records or isinstance(one.bounds, Unread):
        return Behind(0, True, 0.0)
    records = len(window.records)
    exact = window.at_end or window.end >= one.bounds.end
    if not exact:
        # Offsets that are no records are among these: an upper bound.
        records = max(records, one.bounds.end - window.records[0].offset)
    age = 0.0 if one.stamped_ahead(at) else max(0.0, at - window.records[0].timestamp / 1000)
    age = max(age, one.waited_seconds)
    if one.drained_seconds is not None:
        age = min(age, one.drained_seconds)
    return Behind(records, exact, age)
