"""Judges a drill from what was recorded: the window, lost records, records read twice. Pure.

A record is accepted if its producer was told so. An accepted record that is not on the target is lost; one
that is there twice is doubled. A group has to read its backlog and every accepted record of its streams once:
a read of anything else on the target is a record that it had read before the drill.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from mirror.cutover.drill.recording import GroupSeen, Kind, Line, Mark, Seen, Side, StepEvent, StreamSeen
from mirror.cutover.drill.results import DrillReport, GroupResult, StepTime, StreamResult
from mirror.text.numbers import counted

_Record = tuple[str, str]
"""Stream and number."""
_EXAMPLES = 5
_SIDES: tuple[Side, Side] = ("source", "target")


def judge(lines: Iterable[Line]) -> DrillReport:
    """Make the report."""
    recorded = list(lines)
    seen = [one for one in recorded if isinstance(one, Seen)]
    events = [one for one in recorded if isinstance(one, StepEvent)]
    streams = [_stream(one, seen) for one in recorded if isinstance(one, StreamSeen)]
    groups = [_group(one, seen) for one in recorded if isinstance(one, GroupSeen)]
    at = {side: [one.at for one in seen if one.kind == "accepted" and one.side == side] for side in _SIDES}
    report = DrillReport(
        streams,
        groups,
        steps(events),
        max(at["source"], default=None),
        min(at["target"], default=None),
        events[-1].text if events else "the cutover told nothing",
        [one for one in recorded if isinstance(one, Mark)],
    )
    return _with_problems(report, promoted=any(one.step == "promote" for one in report.steps))


def _with_problems(report: DrillReport, *, promoted: bool) -> DrillReport:
    found = [] if promoted else [f"the target was not promoted: {report.ended}"]
    if report.window is None:
        found.append("no window: no record was accepted on both sides")
    elif report.window < 0:
        found.append("the source accepted records after the target did: both were written at the same time")
    for stream in report.streams:
        found += _stream_problems(stream)
    for group in report.groups:
        if group.lost:
            found.append(f"group {group.group} was never given {counted(group.lost, 'record')}")
        if group.twice:
            found.append(f"group {group.group} was given {counted(group.twice, 'record')} twice")
    return replace(report, problems=tuple(found))


def _stream_problems(stream: StreamResult) -> list[str]:
    found = []
    if stream.lost:
        found.append(f"{stream.stream}: not on the target: {counted(stream.lost, 'accepted record')}")
    if stream.doubled:
        found.append(f"{stream.stream}: more than once on the target: {counted(stream.doubled, 'record')}")
    if not stream.accepted_at_source:
        found.append(f"{stream.stream}: the source accepted no record, so nothing was proven")
    return found


def _stream(stream: StreamSeen, seen: Sequence[Seen]) -> StreamResult:
    mine = [one for one in seen if one.stream == stream.stream]
    stored = Counter(one.record for one in mine if one.kind == "stored")
    accepted = _records(mine, "accepted")
    lost = [] if stream.compacted else sorted(accepted - stored.keys())
    doubled = sorted(record for record, count in stored.items() if count > 1)
    return StreamResult(
        stream.stream,
        sum(one.kind == "accepted" and one.side == "source" for one in mine),
        sum(one.kind == "accepted" and one.side == "target" for one in mine),
        len(_records(mine, "refused")),
        len(_records(mine, "unknown")),
        len(lost),
        sum(stored[record] - 1 for record in doubled),
        not stream.compacted,
        tuple((lost + doubled)[:_EXAMPLES]),
    )


def _group(group: GroupSeen, seen: Sequence[Seen]) -> GroupResult:
    must: set[_Record] = set()
    may: set[_Record] = set()
    reads: dict[_Record, list[Side]] = defaultdict(list)
    at: dict[Side, list[float]] = {"source": [], "target": []}
    for one in seen:
        record = (one.stream, one.record)
        if one.kind == "read" and one.group == group.group:
            reads[record].append(one.side)
            at[one.side].append(one.at)
        elif _is_due(one, group):
            must.add(record)
        elif one.stream in group.streams and one.kind == "unknown":
            may.add(record)
    lost = sorted(must - reads.keys())
    twice = {record: len(sides) - 1 for record, sides in reads.items() if len(sides) > 1}
    for record, sides in reads.items():
        # Read once, on the target, and not unread when the drill began: the group had read it before.
        if sides == ["target"] and record not in must and record not in may:
            twice[record] = 1
    examples = [f"{stream} {number}" for stream, number in [*lost, *sorted(twice)][:_EXAMPLES]]
    gap = min(at["target"]) - max(at["source"]) if at["source"] and at["target"] else None
    return GroupResult(
        group.group,
        group.streams,
        len(at["source"]),
        len(at["target"]),
        len(lost),
        sum(twice.values()),
        gap,
        tuple(examples),
    )


def _is_due(one: Seen, group: GroupSeen) -> bool:
    """Whether the group has to read this record."""
    if one.kind == "backlog":
        return one.group == group.group
    return one.kind == "accepted" and one.stream in group.streams


def _records(seen: Sequence[Seen], kind: Kind) -> set[str]:
    return {one.record for one in seen if one.kind == kind}


def steps(events: Iterable[StepEvent]) -> list[StepTime]:
    """Return the steps that were done, in order."""
    return [
        StepTime(one.step, one.at - (one.seconds or 0.0), one.at)
        for one in events
        if one.kind == "done" and one.step
    ]
