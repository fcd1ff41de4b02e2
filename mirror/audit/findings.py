"""The result of an audit for one partition: plain values with a lossless JSON form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from mirror.clients.records import TopicPartition

DifferenceKind = Literal["lost", "duplicated", "reordered", "altered", "alien"]
LOST: Final = "lost"
DUPLICATED: Final = "duplicated"
REORDERED: Final = "reordered"
ALTERED: Final = "altered"
ALIEN: Final = "alien"
KINDS: tuple[DifferenceKind, ...] = (LOST, DUPLICATED, REORDERED, ALTERED, ALIEN)

PARTS = ("key", "value", "headers", "timestamp")

Offsets = tuple[int, int]
"""First and last offset, both inclusive."""


@dataclass(frozen=True, slots=True)
class RecordDifference:
    """Neighbouring records with the same kind of difference: one record or a run of any length."""

    kind: DifferenceKind
    records: int
    source: Offsets
    """Offsets of the records; if the source lacks them, of the records before and after."""
    target: Offsets
    """Offsets of the records; if the target lacks them, of the records before and after (-1: none before)."""
    parts: tuple[str, ...] = ()
    """The altered parts, a subset of PARTS."""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form; `from_json` reads it."""
        return {
            "kind": self.kind,
            "records": self.records,
            "source_offsets": list(self.source),
            "target_offsets": list(self.target),
            **({"parts": list(self.parts)} if self.parts else {}),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> RecordDifference:
        """Read the JSON form. Raises KeyError, TypeError or ValueError for any other content."""
        source, target = plain["source_offsets"], plain["target_offsets"]
        return cls(
            plain["kind"],
            plain["records"],
            (source[0], source[1]),
            (target[0], target[1]),
            tuple(plain.get("parts", ())),
        )


FIRST_DIFFERENCES = 20
"""Differences of a partition that its result holds."""


def first_of(differences: Iterable[RecordDifference]) -> tuple[RecordDifference, ...]:
    """Return those that a result holds: duplicates, which a mirror may be permitted, push out no other."""
    return tuple(sorted(differences, key=lambda one: one.kind == DUPLICATED)[:FIRST_DIFFERENCES])


@dataclass(frozen=True, slots=True)
class PartitionResult:
    """How much of one partition was compared, and which records differ."""

    source: TopicPartition
    target: TopicPartition
    must: int
    """The last source offset that had to be on the target; -1: none."""
    compared: int = 0
    """Records that are the same on both sides."""
    source_records: int = 0
    target_records: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    """Records by kind of difference: exact, however many."""
    excused: Mapping[str, int] = field(default_factory=dict)
    """Records that may be on one side only, by reason."""
    differences: tuple[RecordDifference, ...] = ()
    """The first differences, duplicates last; the findings file has all."""
    more: int = 0
    """Number of further differences."""
    notes: tuple[str, ...] = ()
    unread: str = ""
    """Why the partition could not be compared; empty if it was."""
    sampled: bool = False
    not_read: int = 0
    """Source offsets that were not read: not mirrored yet at the cut, or not in the sample. Not every offset
    holds a record."""
    hidden: str = ""
    """The way out where an open transaction on the target hides records, which are then called lost; empty
    where none does."""

    def failed(self, exactly_once: bool) -> bool:
        """Whether the partition fails the audit.

        Duplicates pass if the mirror delivers at least once: after a crash MM2 resumes from its last
        committed position and may deliver records a second time (KIP-618).
        """
        return bool(self.unread) or any(
            count for kind, count in self.counts.items() if exactly_once or kind != DUPLICATED
        )

    def failing_more(self, exactly_once: bool) -> int:
        """How many further differences may fail the audit: none where duplicates are the next, and pass."""
        permitted = not exactly_once and any(one.kind == DUPLICATED for one in self.differences)
        return 0 if permitted else self.more

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form; `from_json` reads it."""
        return {
            "topic": self.source.topic,
            "partition": self.source.partition,
            "target_topic": self.target.topic,
            "must": self.must,
            "compared": self.compared,
            "source_records": self.source_records,
            "target_records": self.target_records,
            "counts": dict(self.counts),
            "excused": dict(self.excused),
            "differences": [one.to_json() for one in self.differences],
            "more_differences": self.more,
            "notes": list(self.notes),
            "unread": self.unread,
            "sampled": self.sampled,
            "source_offsets_not_read": self.not_read,
            **({"hidden": self.hidden} if self.hidden else {}),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> PartitionResult:
        """Read the JSON form. Raises KeyError, TypeError or ValueError for any other content."""
        return cls(
            TopicPartition(plain["topic"], plain["partition"]),
            TopicPartition(plain["target_topic"], plain["partition"]),
            plain["must"],
            plain["compared"],
            plain["source_records"],
            plain["target_records"],
            plain["counts"],
            plain["excused"],
            tuple(RecordDifference.from_json(one) for one in plain["differences"]),
            plain["more_differences"],
            tuple(plain["notes"]),
            plain["unread"],
            plain["sampled"],
            plain["source_offsets_not_read"],
            plain.get("hidden", ""),
        )
