"""The cut of an audit: which offsets of each partition are compared, as a value that is stored as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mirror.audit.extent import Extent
from mirror.audit.rules import AuditRules, Cleaning
from mirror.clients.records import TopicPartition


@dataclass(frozen=True, slots=True)
class Cut:
    """What an audit compares. Stored as JSON, because a resumed audit keeps the cut of its first run."""

    mirror: str
    source: str
    target: str
    at: str
    exactly_once: bool
    extents: tuple[Extent, ...]
    rules: Mapping[str, AuditRules] = field(default_factory=dict)  # by source topic
    unreadable: Mapping[TopicPartition, str] = field(default_factory=dict)
    not_yet: Mapping[TopicPartition, int] = field(default_factory=dict)
    """Partitions without a copy from which MM2 has mirrored no record yet, with their source offsets."""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form; `from_json` reads it."""
        return {
            "mirror": self.mirror,
            "source": self.source,
            "target": self.target,
            "at": self.at,
            "exactly_once": self.exactly_once,
            "extents": [one.to_json() for one in self.extents],
            "rules": {
                topic: [[side.compacted, side.delete_retention_ms] for side in (rules.source, rules.target)]
                for topic, rules in self.rules.items()
            },
            "unreadable": [[*one, why] for one, why in self.unreadable.items()],
            "not_yet": [[*one, offsets] for one, offsets in self.not_yet.items()],
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Cut:
        """Read the JSON form. Raises KeyError, TypeError or ValueError for any other content."""
        return cls(
            plain["mirror"],
            plain["source"],
            plain["target"],
            plain["at"],
            plain["exactly_once"],
            tuple(Extent.from_json(one) for one in plain["extents"]),
            {
                topic: AuditRules(Cleaning(*source), Cleaning(*target), plain["exactly_once"])
                for topic, (source, target) in plain["rules"].items()
            },
            {TopicPartition(topic, number): why for topic, number, why in plain["unreadable"]},
            {TopicPartition(topic, number): offsets for topic, number, offsets in plain["not_yet"]},
        )
