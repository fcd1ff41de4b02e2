"""What an audit says about one partition: plain values that go through JSON and come back the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mirror.clients.records import TopicPartition

LOST = "lost"
DUPLICATED = "duplicated"
REORDERED = "reordered"
ALTERED = "altered"
ALIEN = "alien"
KINDS = (LOST, DUPLICATED, REORDERED, ALTERED, ALIEN)

PARTS = ("key", "value", "headers", "timestamp")

Offsets = tuple[int, int]
"""First and last."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Records of one kind that stand together: one, or a run of any length."""

    kind: str
    records: int
    source: Offsets
    """Of the records; where they are not on the source, of those before and after."""
    target: Offsets
    """Of the records; where they are not on the target, of those before and after (-1: none before)."""
    parts: tuple[str, ...] = ()
    """What is altered."""

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "records": self.records,
            "source_offsets": list(self.source),
            "target_offsets": list(self.target),
            **({"parts": list(self.parts)} if self.parts else {}),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Difference:
        source, target = plain["source_offsets"], plain["target_offsets"]
        return cls(
            plain["kind"],
            plain["records"],
            (source[0], source[1]),
            (target[0], target[1]),
            tuple(plain.get("parts", ())),
        )


@dataclass(frozen=True, slots=True)
class PartitionResult:
    """What was compared of one partition, and what differs."""

    source: TopicPartition
    target: TopicPartition
    must: int
    """Up to this source offset everything had to be on the target; -1: nothing."""
    compared: int = 0
    """Records that are the same on both sides."""
    source_records: int = 0
    target_records: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    """Records by kind of difference: exact, however many."""
    excused: Mapping[str, int] = field(default_factory=dict)
    """Records that are rightly on one side only, by reason."""
    differences: tuple[Difference, ...] = ()
    """The first ones; all of them are in the findings file."""
    more: int = 0
    """Differences that are not among them."""
    notes: tuple[str, ...] = ()
    unread: str = ""
    """Why it could not be compared, where it could not."""
    sampled: bool = False

    def failed(self, exactly_once: bool) -> bool:
        """Whether something is wrong. A mirror that delivers at least once may deliver twice, since after a
        crash MM2 goes on from its last committed position (KIP-618); nothing else is excused by it."""
        return bool(self.unread) or any(
            count for kind, count in self.counts.items() if exactly_once or kind != DUPLICATED
        )

    def to_json(self) -> dict[str, Any]:
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
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> PartitionResult:
        return cls(
            TopicPartition(plain["topic"], plain["partition"]),
            TopicPartition(plain["target_topic"], plain["partition"]),
            plain["must"],
            plain["compared"],
            plain["source_records"],
            plain["target_records"],
            plain["counts"],
            plain["excused"],
            tuple(Difference.from_json(one) for one in plain["differences"]),
            plain["more_differences"],
            tuple(plain["notes"]),
            plain["unread"],
            plain["sampled"],
        )
