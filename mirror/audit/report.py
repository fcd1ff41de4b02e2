"""The report of an audit, and the sentence for each kind of difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mirror.audit.findings import DUPLICATED, KINDS, PartitionResult, RecordDifference
from mirror.audit.remedies import remedy_for
from mirror.audit.selection import WHOLE, PartitionSlice, TopicIdentity
from mirror.clients.records import TopicPartition

KIND = "region-mirror-audit"
"""Marks the JSON as an audit report, for `merge`."""


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The report of one audit; `partitions` are sorted, `at` is the time of the cut (UTC)."""

    mirror: str
    source: str
    target: str
    at: str
    seconds: float
    exactly_once: bool
    partitions: tuple[PartitionResult, ...]
    absent: Mapping[TopicPartition, int] = field(default_factory=dict)
    """Partitions without a copy from which MM2 has mirrored no record yet, with their source offsets."""
    part: PartitionSlice = WHOLE
    resumed: bool = False
    sample: str = ""
    """The size of the sample; empty: every record was compared."""
    topics: tuple[str, ...] = ()
    """The topics chosen by the user; empty: all."""
    identities: Mapping[str, TopicIdentity] = field(default_factory=dict)
    """By source topic; `merge` compares those of the slices."""
    last_cut: str = ""
    """The time of the last slice's cut; empty: there is one cut only."""
    promoted: bool = False
    """Whether clients write to the target by now: then records of theirs are there, and no remedy may
    mirror a topic again."""
    resumed_after: float = 0.0
    """Seconds from the cut to the run that resumed it: a state may lie for weeks."""

    @property
    def passed(self) -> bool:
        """Whether records were compared and no partition fails.

        One slice of several may hold no record: the merged report decides.
        """
        return (not self.empty or self.part.count > 1) and not self.failing

    @property
    def empty(self) -> bool:
        """Whether no record was found to be the same on both sides: such an audit proves nothing."""
        return not self.compared

    @property
    def partial(self) -> bool:
        """Whether the audit left out records on request: a sample, chosen topics, one slice of several."""
        return bool(self.sample or self.topics or self.part.count > 1)

    @property
    def failing(self) -> list[PartitionResult]:
        """The partitions that fail the audit."""
        return [one for one in self.partitions if one.failed(self.exactly_once)]

    @property
    def counts(self) -> dict[str, int]:
        """Records that differ, by kind."""
        total: Counter[str] = Counter()
        for one in self.partitions:
            total.update(one.counts)
        return {kind: total[kind] for kind in KINDS if total[kind]}

    @property
    def excused(self) -> dict[str, int]:
        """Records that may be on one side only, by reason."""
        total: Counter[str] = Counter()
        for one in self.partitions:
            total.update(one.excused)
        return dict(sorted(total.items()))

    @property
    def notes(self) -> dict[str, list[str]]:
        """Each note once, with the topics that it applies to."""
        found: dict[str, set[str]] = {}
        for one in self.partitions:
            for note in one.notes:
                found.setdefault(note, set()).add(one.source.topic)
        return {note: sorted(topics) for note, topics in sorted(found.items())}

    @property
    def compared(self) -> int:
        """Records that are the same on both sides."""
        return sum(one.compared for one in self.partitions)

    @property
    def read(self) -> int:
        """Records read on both sides."""
        return sum(one.source_records + one.target_records for one in self.partitions)

    @property
    def source_read(self) -> int:
        """Source records that were compared with the target."""
        return sum(one.source_records for one in self.partitions)

    @property
    def source_left(self) -> int:
        """Source offsets that were not read: not mirrored yet at the cut, or not in the sample."""
        return sum(one.not_read for one in self.partitions) + sum(self.absent.values())

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form; `from_json` reads it."""
        return {
            "kind": KIND,
            "mirror": self.mirror,
            "source": self.source,
            "target": self.target,
            "at": self.at,
            "seconds": round(self.seconds, 3),
            "passed": self.passed,
            "exactly_once": self.exactly_once,
            "slice": [self.part.number, self.part.count],
            "sample": self.sample,
            "topics": list(self.topics),
            "resumed": self.resumed,
            "compared": self.compared,
            "read": self.read,
            "source_records_compared": self.source_read,
            "source_records": self.source_read + self.source_left,
            "counts": self.counts,
            "excused": self.excused,
            "not_yet": len(self.absent),
            "absent": [[*one, offsets] for one, offsets in sorted(self.absent.items())],
            "topic_ids": {topic: one._asdict() for topic, one in sorted(self.identities.items())},
            "last_cut": self.last_cut,
            "promoted": self.promoted,
            "resumed_after_seconds": round(self.resumed_after),
            "partitions": [one.to_json() for one in self.partitions],
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> AuditReport:
        """Raises KeyError, TypeError or ValueError for anything else."""
        if plain["kind"] != KIND:
            raise ValueError("it is no report of an audit")
        return cls(
            plain["mirror"],
            plain["source"],
            plain["target"],
            plain["at"],
            plain["seconds"],
            plain["exactly_once"],
            tuple(PartitionResult.from_json(one) for one in plain["partitions"]),
            {TopicPartition(topic, number): offsets for topic, number, offsets in plain["absent"]},
            PartitionSlice(*plain["slice"]),
            plain["resumed"],
            plain["sample"],
            tuple(plain["topics"]),
            {topic: TopicIdentity(**one) for topic, one in plain["topic_ids"].items()},
            plain["last_cut"],
            plain.get("promoted", False),
            plain.get("resumed_after_seconds", 0.0),
        )


@dataclass(frozen=True, slots=True)
class FindingText:
    """A difference as text: where it is, what is wrong, and the remedy."""

    where: str
    what: str
    remedy: str = field(default="")


def sentence(partition: PartitionResult, one: RecordDifference, *, promoted: bool = False) -> FindingText:
    """Describe one difference. `promoted`: clients write to the target, so the remedy keeps every record."""
    named = "" if partition.target == partition.source else f" ({partition.target})"
    where = f"{partition.source}{named}"
    noun = "record" if one.records == 1 else "records"
    source, target = _span(one.source), _span(one.target)
    match one.kind:
        case "lost":
            what = f"source {source}, belongs between target offsets {_between(one.target)}"
        case "duplicated":
            what = f"target {target}, a second time; source {source}"
        case "reordered":
            what = f"source {source} is out of order at target {target}"
        case "altered":
            what = f"{' and '.join(one.parts)} of source {source}, target {target}"
        case _:
            what = f"target {target}, between source offsets {_between(one.source)}: no record of the source"
    remedy = remedy_for(partition, one, promoted=promoted)
    return FindingText(where, f"{one.records:,} {noun} {one.kind}: {what}", remedy)


def _span(offsets: tuple[int, int]) -> str:
    first, last = offsets
    return f"offset {first}" if first == last else f"offsets {first} to {last}"


def _between(offsets: tuple[int, int]) -> str:
    before, after = offsets
    return f"{before if before >= 0 else 'none'} and {after}"


def tolerated(report: AuditReport) -> int:
    """Count the permitted duplicates: those of a mirror that delivers at least once."""
    return 0 if report.exactly_once else report.counts.get(DUPLICATED, 0)
