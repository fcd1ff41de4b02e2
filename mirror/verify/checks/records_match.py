"""records-match: windows at head, middle and tail of each partition are the same on both sides.

Same means key, value, headers in their order, timestamp and order. Offsets are not compared: transactions,
aborted records and compaction make them differ. So the middle is aligned by content, in this order of reads:

    1. P   MM2's committed position: P and everything before it is on the target
    2. T0  where the target's log starts, and which source record that is a copy of, where it was cut
    3. S   windows of source records, all of them at or before P
    4. T   for each window the target's stretch that must hold its copy: records keep their timestamps, and
           the first target record at or after the window's own (ListOffsets by timestamp) is at or before its
           copy; from a little before there on, until the whole window is found

    source   |S S S .......... S S S .......... S S S| P          head, middle, tail
    target   |T T T .......... . T T T . ...... T T T| ..

Timestamps that say nothing (out of order, or LogAppendTime on the target) only make the first guess worse:
then the target is read on from there, and around the place where the window stands by proportion. A window
that is still not found is a finding, not a pass. The middle's place changes from run to run, and so do the
partitions, where there are more than `verification.window_partitions`; `region-mirror audit` reads all.
The exporter reads the head again after ten minutes, or where a log begins elsewhere (`MatchedWindows`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from mirror.clients.records import Record, Window
from mirror.problems import Finding
from mirror.text.numbers import counted
from mirror.verify.check import Check
from mirror.verify.comparison import ALIVE, RecordDifference
from mirror.verify.reading.look import Look
from mirror.verify.reading.parts import tails
from mirror.verify.reading.windows import windows
from mirror.verify.remedies import RESET_OF_THE_TOPIC, at_most, or_else
from mirror.verify.report import CheckResult
from mirror.verify.values.probe import Probe, ProbeVerdict, Sample, probe_verdict

NAME = "records-match"
_SHOWN = 3
_READ = "check that the user may Read the topic, and the health of the partition's leader"
_TOMBSTONE = (
    "write a tombstone (a record of this key without a value) to the source topic: MM2 mirrors it, and the "
    "target's log cleaner removes the value; `region-mirror audit` names every such record"
)


def judge(
    probes: Sequence[Probe], sample: Sample, *, exactly_once: bool, ends_elsewhere: bool = False
) -> CheckResult:
    """`exactly_once`: whether the mirror promises that no record is there twice. `ends_elsewhere`:
    tail-matches is judged as well, and what is missing at the very end of a target's log is its finding.
    """
    verdicts = [
        (one, probe_verdict(one, exactly_once=exactly_once, ends_elsewhere=ends_elsewhere)) for one in probes
    ]
    findings = [finding for one, result in verdicts for finding in _findings(one, result)]
    same = sum(result.same for _, result in verdicts)
    where = f"{counted(len(probes), 'window')} of {counted(sample.chosen, 'partition')}"
    summary = f"{same:,} records in {where} are the same, in order"
    if earlier := sum(one.before is not None for one in probes):
        summary += f"; {counted(earlier, 'window')} of an earlier look"
    if sample.empty:
        summary += f"; {sample.empty} have nothing to compare"
    if doubled := sum(result.doubled for _, result in verdicts):
        summary += f"; {doubled} are there twice, as an at-least-once mirror may write them"
    open_ = [one for one, result in verdicts if result.state == "not-comparable"]
    if open_:
        summary += f"; not comparable: {counted(len(open_), 'window')}"
    if sample.chosen + sample.empty < sample.mirrored:
        looked = f"{sample.chosen + sample.empty} of {sample.mirrored} partitions"
        summary += f"; {looked} checked in this run; the next run checks others"
    if findings:
        wrong = len({one.partition for one, result in verdicts if _findings(one, result)})
        summary = f"{wrong} of {sample.chosen} partitions differ in {counted(len(findings), 'window')}"
    return CheckResult.of(NAME, summary, findings, _facts(verdicts, sample))


def _findings(one: Probe, result: ProbeVerdict) -> list[Finding]:
    if result.state != "different":
        return []
    where = "" if one.remote == one.partition else f" ({one.remote} on the target)"
    subject = f"{one.partition}{where}, {one.place}"
    if result.reason:
        remedy = _READ if "could not be read" in result.reason else _anew(one)
        return [Finding(subject, result.reason, remedy)]
    counts = Counter(difference.kind for difference in result.differences)
    what = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    named = "; ".join(_named(difference) for difference in result.differences[:_SHOWN])
    more = len(result.differences) - _SHOWN
    remedy = _TOMBSTONE if counts.keys() == {ALIVE} else _anew(one)
    return [Finding(subject, f"{what}: {named}{f'; and {more} more' if more > 0 else ''}", remedy)]


def _anew(one: Probe) -> str:
    return or_else(
        "`region-mirror audit` names every such record; find out who writes to the topic on the target "
        "(while it is mirrored, only the mirror's user may), or what was lost there, and keep what producers "
        "wrote there",
        f"destroy the topic on the target, of which this partition has {at_most(one.held)}, and rewind the "
        "topic",
        f"stop the source connector, {RESET_OF_THE_TOPIC}, delete the topic on the target, start it again",
    )


def _named(one: RecordDifference) -> str:
    places = [
        f"{side} offset {record.offset}"
        for side, record in (("source", one.source), ("target", one.target))
        if record is not None
    ]
    what = ""
    if one.kind == "altered" and one.source is not None and one.target is not None:
        what = f" in its {_altered(one.source, one.target)}"
    return f"{one.kind}{what} at {' and '.join(places)}"


def _altered(source: Record, target: Record) -> str:
    if source.content == target.content:
        return "timestamp"
    if source.key != target.key:
        return "key"
    return "value" if source.tombstone != target.tombstone else "value or headers"


def _facts(verdicts: Iterable[tuple[Probe, ProbeVerdict]], sample: Sample) -> dict[str, Any]:
    partitions: dict[str, dict[str, Any]] = {}
    for one, result in verdicts:
        offsets = [record.offset for record in one.window.records] if isinstance(one.window, Window) else []
        partitions.setdefault(str(one.partition), {})[one.place] = {
            "state": result.state,
            "source_offsets": [offsets[0], offsets[-1]] if offsets else [],
            "same": result.same,
            "removed_on_target": result.removed,
            "differences": len(result.differences),
            "reason": result.reason,
        }
    return {
        "partitions_looked_at": sample.chosen + sample.empty,
        "partitions_mirrored": sample.mirrored,
        "partitions": partitions,
    }


def _of(look: Look) -> CheckResult:
    seen = look.of(windows)
    exactly_once = look.settings.mirror.exactly_once
    return judge(seen.probes, seen.sample, exactly_once=exactly_once, ends_elsewhere=tails in look.reads)


CHECK = Check(
    NAME,
    "records at head, middle and tail are the same on both sides",
    reads=(windows,),
    judge=_of,
    copies_only=True,
)
