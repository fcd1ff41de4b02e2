"""What the target misses: what the last look saw, less what was mirrored since, and what came after it. Pure.

    source, at the last look   |=====================|-----------|
                                       mirrored       behind      end
    the position now           |==========================|
                                                           missing: at most `end - 1 - position`, and at most
                                                           what was behind

Records that the source accepted after the last look are unknown. They are estimated by the rate at which each
topic grew, for the time in which a further look was due.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from mirror.clients.records import Record, TopicPartition
from mirror.last_look.record import LastLook, PartitionLook, still_missing
from mirror.text.numbers import counted

_SHOWN = 2_000
"""Partitions in a report; those that miss most come first."""


class Mirrored(NamedTuple):
    """One source partition as it is on the target. `position`: source offset of the last mirrored record.
    `newest`: that record's copy; None where the log is empty, or it was not read."""

    target: TopicPartition
    position: int | None
    newest: Record | None = None


class PartitionLoss(NamedTuple):
    """One source partition. `missing`: records that the last look saw and the target lacks, at most; None
    for a partition that it did not see."""

    source: TopicPartition
    mirrored: Mirrored
    end: int | None
    missing: int | None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        newest = self.mirrored.newest
        return {
            "topic": self.source.topic,
            "partition": self.source.partition,
            "target_topic": self.mirrored.target.topic,
            "last_mirrored_source_offset": self.mirrored.position,
            "last_mirrored_target_offset": newest.offset if newest else None,
            "last_mirrored_timestamp": moment(newest.timestamp / 1000) if newest else None,
            "source_end_at_last_look": self.end,
            "missing_at_most": self.missing,
        }


@dataclass(frozen=True, slots=True)
class Loss:
    """What a failover at `at` (seconds since the epoch) misses. `look`: None where nobody has ever looked.

    `since`: records that the source may have accepted after the last look, estimated; None where no rate is
    known. `newest`: the timestamp of the newest mirrored record, in seconds since the epoch.
    """

    at: float
    partitions: tuple[PartitionLoss, ...]
    look: LastLook | None
    since: int | None = None
    newest: float | None = None

    @property
    def missing(self) -> int:
        """Records that the last look saw, and that the target lacks, at most."""
        return sum(one.missing or 0 for one in self.partitions)

    @property
    def at_most(self) -> int | None:
        """The same with the estimate of what came later; None where nothing is known."""
        return None if self.look is None or self.since is None else self.missing + self.since

    @property
    def unseen(self) -> int:
        """The number of mirrored partitions that the last look did not see."""
        return sum(one.missing is None for one in self.partitions)

    @property
    def seconds_behind(self) -> float | None:
        """How far behind the target was at the last look."""
        return None if self.look is None else max(0.0, self.look.at - self.look.covered_until)

    @property
    def _behind(self) -> str:
        """How far behind that was, where the look has read it: 0 s would say that nothing was."""
        unaged, seconds = self.look.unaged if self.look else 0, f"{self.seconds_behind or 0:.1f} s behind"
        return f"at least {seconds} ({counted(unaged, 'partition')} of unknown age)" if unaged else seconds

    @property
    def text(self) -> str:
        """One sentence."""
        if self.look is None:
            return "nobody has kept a last look, so it is unknown how many records are missing"
        age = max(0.0, self.at - self.look.at)
        told = (
            f"the last look ({self.look.by}, {age:,.0f} s ago) saw up to {self.missing:,} records that the "
            f"target lacks, {self._behind}"
        )
        if self.since is not None:
            told += f"; at the rates of the last look, up to about {self.since:,} more were written after it"
        else:
            told += "; how many were written after it is unknown"
        if self.look.unread:
            unread = counted(self.look.unread, "partition")
            told += f"; it could not read {unread}, of which an earlier look counts where there was one"
        if self.unseen:
            told += f"; it did not see {counted(self.unseen, 'partition')}"
        return told

    def to_json(self, shown: int = _SHOWN) -> dict[str, Any]:
        """Return plain JSON values; partitions that miss most come first."""
        look = self.look
        ordered = sorted(self.partitions, key=lambda one: (-(one.missing or 0), one.source))
        return {
            "text": self.text,
            "last_look": None
            if look is None
            else {
                "at": moment(look.at),
                "by": look.by,
                "age_seconds": round(self.at - look.at, 1),
                "records_behind": look.behind,
                "seconds_behind": round(self.seconds_behind or 0.0, 3),
                "partitions_of_unknown_age": look.unaged,
                "partitions_unread": look.unread,
                "problems": list(look.problems),
            },
            "missing_at_most_at_last_look": None if look is None else self.missing,
            "written_after_last_look_estimate": self.since,
            "missing_at_most_estimate": self.at_most,
            "newest_mirrored_timestamp": None if self.newest is None else moment(self.newest),
            "partitions_not_in_last_look": self.unseen,
            "partitions": [one.to_json() for one in ordered[:shown]],
            "partitions_left_out": max(0, len(ordered) - shown),
        }


def loss(at: float, mirrored: Mapping[TopicPartition, Mirrored], look: LastLook | None) -> Loss:
    """Compare the last look with what is mirrored now."""
    seen = look.partitions if look else {}
    every = {one: mirrored.get(one) or Mirrored(one, None) for one in sorted({*mirrored, *seen})}
    partitions = tuple(
        PartitionLoss(one, now, then.end if then else None, _missing(then, now.position))
        for one, now in every.items()
        for then in (seen.get(one),)
    )
    newest = max((one.newest.timestamp / 1000 for one in mirrored.values() if one.newest), default=None)
    return Loss(at, partitions, look, _since(at, partitions, look), newest)


def _missing(then: PartitionLook | None, position: int | None) -> int | None:
    """Return the records that were seen and are not mirrored now, at most."""
    return None if then is None else still_missing(then, position)


def _since(at: float, partitions: tuple[PartitionLoss, ...], look: LastLook | None) -> int | None:
    """Return an estimate of what was written after the last look and is not mirrored.

    A command that looks again and again would have replaced the look, had the source answered for twice its
    interval.
    """
    if look is None or not look.appended:
        return None
    age = max(0.0, at - look.at)
    seconds = age if look.every is None else min(age, 2 * look.every)
    came: Counter[str] = Counter()
    for one in partitions:
        if one.end is not None and one.mirrored.position is not None:
            came[one.source.topic] += max(0, one.mirrored.position + 1 - one.end)
    found = sum(max(0.0, rate * seconds - came[topic]) for topic, rate in look.appended.items())
    return round(found)


def moment(seconds: float) -> str:
    """Return a time as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
