"""What an audit says: one report, or several of slices as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mirror.audit.cut import WHOLE, Slice
from mirror.audit.findings import DUPLICATED, KINDS, Difference, PartitionResult
from mirror.problems import CouldNotRun

KIND = "region-mirror-audit"
"""In the JSON, so that `merge` takes nothing else for a report."""


@dataclass(frozen=True, slots=True)
class AuditReport:
    """One audit; `partitions` in order. `at` is when the cut was made (UTC)."""

    mirror: str
    source: str
    target: str
    at: str
    seconds: float
    exactly_once: bool
    partitions: tuple[PartitionResult, ...]
    not_yet: int = 0
    part: Slice = WHOLE
    resumed: bool = False
    sample: str = ""
    """How it was sampled; empty: every record."""
    topics: tuple[str, ...] = ()
    """The topics that were asked for; empty: all."""

    @property
    def passed(self) -> bool:
        return not any(one.failed(self.exactly_once) for one in self.partitions)

    @property
    def failing(self) -> list[PartitionResult]:
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
        total: Counter[str] = Counter()
        for one in self.partitions:
            total.update(one.excused)
        return dict(sorted(total.items()))

    @property
    def notes(self) -> dict[str, list[str]]:
        """What is said once, with the topics that it is said of."""
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
        return sum(one.source_records + one.target_records for one in self.partitions)

    def to_json(self) -> dict[str, Any]:
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
            "counts": self.counts,
            "excused": self.excused,
            "not_yet": self.not_yet,
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
            plain["not_yet"],
            Slice(*plain["slice"]),
            plain["resumed"],
            plain["sample"],
            tuple(plain["topics"]),
        )


@dataclass(frozen=True, slots=True)
class Sentence:
    """A difference for people: where, what, and what to do."""

    where: str
    what: str
    remedy: str = field(default="")


REMEDIES: Mapping[str, str] = {
    "lost": "stop the source connector, set its offset of this partition to the one before the first "
    "lost record (strimzi.io/connector-offsets=alter), start it again: what follows comes a second time; or "
    "mirror the topic anew",
    "duplicated": "was somebody else writing to the copy, or the connector's offsets set back? Consumers "
    "that do not mind duplicates need nothing; otherwise mirror the topic anew",
    "reordered": "records of one partition must keep their order: look for a second writer or mirror of this "
    "topic, then mirror it anew",
    "altered": "look for transforms in the connector's configuration (`transforms`, converters that are not "
    "ByteArrayConverter) and for a second writer, then mirror the topic anew",
    "alien": "somebody else writes to the copy, or a transaction was aborted on the source and copied "
    "(isolation.level=read_uncommitted): take the right to write away (ACLs), then mirror the topic anew",
}


def sentence(partition: PartitionResult, one: Difference) -> Sentence:
    """One difference in words."""
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
    return Sentence(where, f"{one.records:,} {noun} {one.kind}: {what}", REMEDIES[one.kind])


def _span(offsets: tuple[int, int]) -> str:
    first, last = offsets
    return f"offset {first}" if first == last else f"offsets {first} to {last}"


def _between(offsets: tuple[int, int]) -> str:
    before, after = offsets
    return f"{before if before >= 0 else 'none'} and {after}"


def tolerated(report: AuditReport) -> int:
    """Duplicates of a mirror that delivers at least once: told, not a failure."""
    return 0 if report.exactly_once else report.counts.get(DUPLICATED, 0)


def merge(reports: Sequence[AuditReport]) -> AuditReport:
    """The reports of all slices as one. Raises CouldNotRun where one is missing or is of something else."""
    tried = "merging the reports"
    if not reports:
        raise CouldNotRun(tried, "there is none", "name the files")
    first = reports[0]
    for one in reports:
        if (one.mirror, one.source, one.target, one.exactly_once, one.sample, one.topics) != (
            first.mirror,
            first.source,
            first.target,
            first.exactly_once,
            first.sample,
            first.topics,
        ):
            raise CouldNotRun(
                tried,
                f"they are of different audits: {first.mirror} and {one.mirror}",
                "merge those of one mirror that were made with the same options",
            )
    count = first.part.count
    there = Counter(one.part.number for one in reports)
    if any(one.part.count != count for one in reports) or any(number > 1 for number in there.values()):
        slices = ", ".join(sorted(str(one.part) for one in reports))
        raise CouldNotRun(tried, f"the slices do not fit together: {slices}", "one report a slice")
    if missing := sorted(set(range(count)) - set(there)):
        raise CouldNotRun(
            tried,
            f"missing: {', '.join(f'{number}/{count}' for number in missing)}",
            "what is missing was not audited: run it (--partition-slice), then merge again",
        )
    return AuditReport(
        first.mirror,
        first.source,
        first.target,
        min(one.at for one in reports),
        max(one.seconds for one in reports),
        first.exactly_once,
        tuple(sorted((part for one in reports for part in one.partitions), key=lambda part: part.source)),
        sum(one.not_yet for one in reports),
        WHOLE,
        any(one.resumed for one in reports),
        first.sample,
        first.topics,
    )
