"""The audit of one mirror from start to end: choose partitions, make or resume the cut, compare, report."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from manifests.strimzi.moved import moved_of
from mirror.audit.blocks import LogPair
from mirror.audit.cut import Cut
from mirror.audit.hidden import with_hidden
from mirror.audit.lanes import AuditProgress
from mirror.audit.make_cut import make_cut
from mirror.audit.report import AuditReport
from mirror.audit.run import AuditRun, unaudited
from mirror.audit.sample import STRETCH, merge_stretches, parse_fraction, sample_cut
from mirror.audit.selection import WHOLE, ChosenPartitions, PartitionSlice, audit_key, choose, identities
from mirror.audit.state import AuditState
from mirror.clients.records import TopicPartition
from mirror.clients.sides import Sides
from mirror.clients.topics import read_topics
from mirror.estate.deployed import DeployedMirror
from mirror.mm2.phase import AT_REST, phase_of
from mirror.text.durations import duration
from settings.model import Settings


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """What to audit and how, as the user asked for it."""

    state: Path
    """The folder that holds the state of all audits."""
    topics: tuple[str, ...] = ()
    """Names on the source; empty: all mirrored topics."""
    part: PartitionSlice = WHOLE
    lanes: int = 2
    """Number of partitions that are compared at the same time."""
    fraction: float | None = None
    """The share of each partition to sample, 0 to 1; None: everything."""
    max_records: int | None = None
    """The approximate size of the sample; excludes `fraction`."""
    fresh: bool = False
    """Discard the state of an interrupted audit."""
    findings: Path | None = None
    """Append every difference to this file, one JSON object on each line."""

    def describe_sample(self) -> str:
        """Describe the sample for the report; empty if every record is compared."""
        if self.max_records is not None:
            return f"about {self.max_records:,} records, in stretches of {STRETCH:,} offsets"
        if self.fraction is not None and self.fraction < 1:
            return f"{self.fraction:.2%} of each partition, in stretches of {STRETCH:,} offsets"
        return ""


def audit_mirror(
    settings: Settings,
    access: DeployedMirror,
    options: AuditOptions,
    say: Callable[[str], None],
    show: Callable[[AuditProgress], None],
) -> AuditReport:
    """Audit one mirror; `say` gets single lines for the user, `show` the progress. Raises CouldNotRun."""
    # numba needs a second to load and a folder to write to. Other commands need neither, and the container of
    # the verification Job has no such folder.
    from mirror.audit.native import NativeLog

    began = time.monotonic()
    # Clients write to what was moved as a part, also where the stack file does not declare that yet.
    settings = settings.with_moved(moved_of(access.resource))
    with ExitStack() as stack:
        sides = stack.enter_context(Sides(access.source, access.target))
        chosen = choose(read_topics(settings, sides), options.topics, options.part)
        topics = identities(sides, chosen)
        key = audit_key(settings, chosen, topics, {"sample": [options.fraction, options.max_records]})
        name = f"{settings.target.alias}-{settings.mirror.name}"
        logs = LogPair(
            stack.enter_context(NativeLog(access.source, say)),
            stack.enter_context(NativeLog(access.target, say)),
        )

        def new_cut() -> Cut:
            return _cut(settings, sides, chosen, logs, options)

        opened = AuditState.open(options.state, name, key, new_cut, fresh=options.fresh)
        state, cut = stack.enter_context(opened)
        resumed_after = max(0.0, time.time() - datetime.fromisoformat(cut.at).timestamp())
        if state.resumed:
            say(
                f"resuming the interrupted audit of {cut.at}, {duration(resumed_after)} ago; "
                "--fresh makes a new cut"
            )
        results = merge_stretches([*AuditRun(cut, logs, state, options.lanes).run(show), *unaudited(cut)])
        promoted = phase_of(access.resource) in AT_REST
        report = AuditReport(
            cut.mirror,
            cut.source,
            cut.target,
            cut.at,
            time.monotonic() - began,
            cut.exactly_once,
            tuple(results if promoted else with_hidden(sides.target, results)),
            cut.not_yet,
            chosen.part,
            state.resumed,
            options.describe_sample(),
            options.topics,
            topics,
            promoted=promoted,
            resumed_after=resumed_after if state.resumed else 0.0,
        )
        if options.findings is not None:
            _write_findings(options.findings, state, cut)
        state.remove()
        return report


def _cut(
    settings: Settings, sides: Sides, chosen: ChosenPartitions, logs: LogPair, options: AuditOptions
) -> Cut:
    whole = make_cut(settings, sides, chosen)

    def locate(partition: TopicPartition, timestamp: int) -> int | None:
        return sides.target.offsets_at({partition: timestamp}).get(partition)

    fraction = parse_fraction(options.fraction, options.max_records, whole)
    return sample_cut(whole, fraction, logs.source, locate)


def _write_findings(path: Path, state: AuditState, cut: Cut) -> None:
    order = sorted(range(len(cut.extents)), key=lambda number: cut.extents[number].source)
    with path.open("a", encoding="utf-8") as file:
        for number in order:
            extent = cut.extents[number]
            where = {
                "topic": extent.source.topic,
                "partition": extent.source.partition,
                "target_topic": extent.target.topic,
            }
            for one in state.every_difference(number):
                file.write(json.dumps({**where, **one.to_json()}, ensure_ascii=False) + "\n")
