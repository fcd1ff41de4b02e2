"""What a recovery has found and written, as a value and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mirror.cutover.recovery.groups import ReadTwice
from mirror.cutover.recovery.missing import ranges
from mirror.cutover.recovery.scan import Scanned

FIRST = 20
"""Ranges and conflicts that are named for each partition."""


@dataclass(frozen=True, slots=True)
class Written:
    """Records that this run has written, by source topic and partition."""

    topic: str
    partition: int
    records: int
    quarantined: int
    to: str
    quarantine: str


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """The result of `recover` for one mirror."""

    mirror: str
    source: str
    target: str
    at: str
    promoted_at: str
    fence: str
    """Whether producers may still write on the source."""
    fenced: bool
    partitions: Sequence[Scanned]
    groups: Sequence[ReadTwice] = ()
    written: Sequence[Written] | None = None
    """None: nothing was to be written."""
    seconds: float = 0.0
    notes: Sequence[str] = field(default_factory=tuple)

    @property
    def missing(self) -> int:
        """Records that never crossed, and were not recovered before this run."""
        return sum(len(one.judgement.missing) for one in self.partitions if one.judgement)

    @property
    def left(self) -> int:
        """Records that are still missing after this run."""
        return self.missing - sum(one.records for one in self.written or ())

    @property
    def unread(self) -> list[Scanned]:
        """Partitions that could not be judged."""
        return [one for one in self.partitions if one.unread]

    @property
    def undecided(self) -> int:
        """Source offsets behind open transactions."""
        return sum(one.extent.undecided for one in self.partitions)

    @property
    def gone(self) -> int:
        """Source offsets that retention has removed before they crossed: nothing can recover them."""
        return sum(one.extent.gone for one in self.partitions)

    @property
    def lost(self) -> bool:
        """Whether records may be among what is gone. One offset of a partition is taken for the marker behind
        its last record, as source-unbroken takes it (`source_partition.gap`): with transactions each idle
        partition has one, which retention deletes sooner or later."""
        return any(one.extent.gone > 1 for one in self.partitions)

    @property
    def not_recognised(self) -> list[str]:
        """Topics with missing records that may be there already: the target has stamped its copies anew."""
        found = {
            one.extent.source.topic for one in self.partitions if one.judgement and one.judgement.stamped
        }
        return sorted(found)

    @property
    def conflicts_unknown(self) -> dict[str, str]:
        """Topics with missing records whose conflicts are not all known, and why."""
        return {
            one.extent.source.topic: one.conflicts_unknown
            for one in self.partitions
            if one.conflicts_unknown and one.judgement is not None and bool(one.judgement.keyed.any())
        }

    @property
    def passed(self) -> bool:
        """Whether every record of the source is on the target, or in quarantine. Those that are gone are on
        neither, as far as anybody can tell: a pipeline must not take them for recovered."""
        return not self.left and not self.unread and not self.undecided and not self.lost

    def total(self, name: str) -> int:
        """Sum up one number of all judgements."""
        return sum(int(getattr(one.judgement, name)) for one in self.partitions if one.judgement)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        document: dict[str, Any] = {
            "mirror": self.mirror,
            "source": self.source,
            "target": self.target,
            "at": self.at,
            "promoted_at": self.promoted_at,
            "passed": self.passed,
            "source_fenced": self.fenced,
            "fence": self.fence,
            "missing": self.missing,
            "conflicts": self.total("conflicts"),
            "tombstones": self.total("tombstones"),
            "crossed": self.total("crossed"),
            "superseded": self.total("superseded"),
            "recovered_before": self.total("recovered"),
            "gone": self.gone,
            "undecided": self.undecided,
            "copies_not_recognised": self.not_recognised,
            "conflicts_not_known": self.conflicts_unknown,
            "seconds": round(self.seconds, 3),
            "partitions": [_partition(one) for one in self.partitions if told(one)],
            "groups": [one.to_json() for one in self.groups],
            "notes": list(self.notes),
        }
        if self.written is not None:
            document["written"] = [
                {
                    "topic": one.topic,
                    "partition": one.partition,
                    "records": one.records,
                    "quarantined": one.quarantined,
                    "to": one.to,
                    "quarantine": one.quarantine,
                }
                for one in self.written
            ]
            document["left"] = self.left
        return document


def told(one: Scanned) -> bool:
    """Whether there is anything to say of a partition."""
    extent = one.extent
    return bool(one.judgement or one.unread or extent.gone or extent.undecided or extent.anew)


def _partition(one: Scanned) -> dict[str, Any]:
    extent, judgement = one.extent, one.judgement
    plain: dict[str, Any] = {
        "topic": extent.source.topic,
        "partition": extent.source.partition,
        "target_topic": extent.target.topic if extent.target else None,
        "mirrored": extent.mirrored,
        "recovered": extent.recovered,
        "gone": extent.gone,
        "undecided": extent.undecided,
    }
    if extent.anew:
        plain["anew"] = extent.anew
    if one.unread:
        plain["unread"] = one.unread
    if judgement is None:
        return plain
    missing = judgement.missing
    plain |= {
        "missing": len(missing),
        "ranges": [
            {"first": first, "last": last, "records": count} for first, last, count in ranges(missing, FIRST)
        ],
        "tombstones": judgement.tombstones,
        "crossed": judgement.crossed,
        "superseded": judgement.superseded,
        "recovered_before": judgement.recovered,
        "conflicts": judgement.conflicts,
        "first_conflicts": [
            {
                "source_offset": int(missing[row]),
                "source_timestamp": int(judgement.timestamps[row]),
                "target_offset": int(judgement.there[row]),
                "target_timestamp": int(judgement.there_timestamps[row]),
            }
            for row in judgement.in_conflict.nonzero()[0][:FIRST]
        ],
    }
    if len(missing):
        plain |= {
            "oldest": int(judgement.timestamps.min()),
            "newest": int(judgement.timestamps.max()),
        }
    return plain
