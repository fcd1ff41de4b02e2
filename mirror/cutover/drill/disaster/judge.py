"""Judges the recording of a drill of the disaster: RPO, RTO, what was lost, doubled and recovered. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import median

from mirror.cutover.drill.disaster.groups import group_result
from mirror.cutover.drill.disaster.phases import (
    COUNT,
    FAILOVER,
    HOME,
    KILLED,
    RECOVER,
    RESTORED,
    begun,
    marked,
    phases,
)
from mirror.cutover.drill.disaster.results import DisasterReport, GroupResult, Reached, StreamResult
from mirror.cutover.drill.disaster.streams import missing_of, result_of
from mirror.cutover.drill.judge import steps
from mirror.cutover.drill.recording import (
    AGREED,
    Document,
    GroupSeen,
    Line,
    Phase,
    Plain,
    Seen,
    StepEvent,
    StreamSeen,
)
from mirror.text.numbers import counted

PROMOTE = "promote"
FAILED = "failed"
"""The document that says which command of the way home has failed."""
WHOLE = "whole"
"""The document with which a drill begins says whether it shall go on until production is home."""


def is_disaster(lines: Iterable[Line]) -> bool:
    """Whether this is the recording of such a drill."""
    return any(isinstance(one, Phase) for one in lines)


def judge_disaster(lines: Iterable[Line]) -> DisasterReport:
    """Make the report."""
    recorded = list(lines)
    seen = [one for one in recorded if isinstance(one, Seen)]
    streams = [one for one in recorded if isinstance(one, StreamSeen)]
    home, killed = begun(recorded, HOME), marked(recorded, KILLED)
    recovers = any(isinstance(one, Document) and one.name == RECOVER for one in recorded)
    missing = {stream: missing_of(stream, seen, home) for stream in streams}
    aside = set_aside(recorded)
    events = [one for one in recorded if isinstance(one, StepEvent)]
    at_target = [one.at for one in seen if one.kind == "accepted" and one.side == "target"]
    report = DisasterReport(
        [result_of(one, seen, home, recovers=recovers) for one in streams],
        [group_result(one, recorded, aside) for one in recorded if isinstance(one, GroupSeen)],
        phases(recorded, max((one.at for one in seen), default=0.0)),
        steps(events),
        killed,
        min((one.at for of, found in missing.items() if not of.compacted for one in found), default=None),
        min(at_target, default=None),
        max(_numbers(recorded, FAILOVER, "missing_at_most_estimate"), default=None),
        max(_numbers(recorded, RECOVER, "conflicts"), default=None),
        reached(recorded, killed),
        any(_numbers(recorded, WHOLE, WHOLE)),
        next((one.text for one in reversed(events) if one.kind != "ended"), "no command told anything"),
    )
    return replace(report, problems=tuple(_problems(report, recorded)))


def set_aside(lines: Sequence[Line]) -> frozenset[tuple[str, str]]:
    """Return stream and number of every record that the mirror has not copied."""
    seen, home = [one for one in lines if isinstance(one, Seen)], begun(lines, HOME)
    return frozenset(
        (one.stream, one.record)
        for stream in lines
        if isinstance(stream, StreamSeen)
        for one in missing_of(stream, seen, home)
    )


def reached(lines: Sequence[Line], killed: float | None) -> list[Reached]:
    """Return the recovery times of consumers and of producers, the first of them and all of them. Where the
    command was not asked, its start is the decision.
    """
    started = begun(lines, FAILOVER)
    decided = marked(lines, AGREED) or started
    seen = [one for one in lines if isinstance(one, Seen) and one.side == "target"]
    plain = [one for one in lines if isinstance(one, Plain)]
    running = {
        one.group
        for one in lines
        if isinstance(one, Seen) and one.kind == "read" and one.side == "source"
        if killed is not None and one.at <= killed
    }
    reads: dict[str, float] = {}
    writes: dict[str, float] = {}
    for one in seen:
        if one.kind == "read" and one.group in running:
            reads[one.group] = min(one.at, reads.get(one.group, one.at))
        elif one.kind == "accepted":
            writes[one.stream] = min(one.at, writes.get(one.stream, one.at))
    streams = {one.stream for one in lines if isinstance(one, StreamSeen)}

    def told(what: str, at: float | None, client: str) -> Reached:
        took = [found.seconds for found in plain if found.client == client]

        def since(begin: float | None) -> float | None:
            return None if at is None or begin is None else at - begin

        return Reached(what, since(killed), since(started), since(decided), median(took) if took else None)

    return [
        told("first read", min(reads.values(), default=None), "consumer"),
        told("first write", min(writes.values(), default=None), "producer"),
        told("every group reads", _last(reads, running), "consumer"),
        told("every stream is written", _last(writes, streams), "producer"),
    ]


def _last(at: dict[str, float], wanted: set[str]) -> float | None:
    return max(at.values()) if at and wanted <= at.keys() else None


def _problems(report: DisasterReport, lines: Sequence[Line]) -> list[str]:
    found = _of_course(report)
    failed = [one for one in lines if isinstance(one, Document) and one.name == FAILED]
    found += [str(one.content["text"]) for one in failed]
    if begun(lines, COUNT) is None:
        return [*found, "the drill ended early: the logs were not counted"]
    found += _late_writes(lines)
    if report.announced is not None and report.rpo_records > report.announced:
        found.append(
            f"{counted(report.rpo_records, 'record')} never crossed, and the failover's report said at most "
            f"{report.announced:,}"
        )
    left = _numbers(lines, RECOVER, "left")
    if left and left[-1]:
        found.append(f"recover left {counted(left[-1], 'record')} at the source")
    return [
        *found,
        *(one for stream in report.streams for one in _of_stream(stream)),
        *(one for group in report.groups for one in _of_group(group)),
    ]


def _of_course(report: DisasterReport) -> list[str]:
    """What the drill was to do and has not done."""
    found = []
    if report.killed_at is None:
        found.append("the source was not killed")
    promoted = [one for one in report.steps if one.step == PROMOTE]
    if not promoted:
        found.append(f"the target was not promoted: {report.ended}")
    elif report.whole and len(promoted) < 2:
        found.append(f"production did not come home: {report.ended}")
    return found + [f"no {one.what} on the target" for one in report.reached[:2] if one.from_kill is None]


def _late_writes(lines: Sequence[Line]) -> list[str]:
    """The old region must stay quiet from its return until production comes home."""
    back, home = marked(lines, RESTORED), begun(lines, HOME)
    if back is None:
        return []
    late = sum(
        isinstance(one, Seen)
        and one.kind == "accepted"
        and one.side == "source"
        and back <= one.at < (home or float("inf"))
        for one in lines
    )
    return (
        [f"the source accepted {counted(late, 'record')} between its return and the move home"]
        if late
        else []
    )


def _of_stream(one: StreamResult) -> list[str]:
    found = []
    if one.lost:
        found.append(f"{one.stream}: lost: {counted(one.lost, 'accepted record')}")
    if one.doubled:
        found.append(f"{one.stream}: {counted(one.doubled, 'record')} more than once")
    if one.halves:
        found.append(f"{one.stream}: {counted(one.halves, 'transaction')} visible in part")
    if one.visible_aborts:
        found.append(f"{one.stream}: {counted(one.visible_aborts, 'record')} of aborted transactions visible")
    if not one.before:
        found.append(f"{one.stream}: the source accepted no record, so nothing was proven")
    return found


def _of_group(one: GroupResult) -> list[str]:
    found = []
    if one.lost:
        found.append(f"group {one.group} was never given {counted(one.lost, 'record')}")
    if one.unnamed:
        found.append(
            f"group {one.group} was given {counted(one.twice, 'record')} twice, and {one.named:,} were "
            "announced"
        )
    return found


def _numbers(lines: Iterable[Line], name: str, key: str) -> list[int]:
    """What the documents of that name say, in order; a document that does not know it says nothing."""
    found = [one.content.get(key) for one in lines if isinstance(one, Document) and one.name == name]
    return [int(one) for one in found if one is not None]
