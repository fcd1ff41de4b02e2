"""Renders an audit report for the terminal, in the same layout as `verify`, and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mirror.audit.findings import ALIEN, ALTERED, DUPLICATED, LOST, REORDERED
from mirror.audit.report import AuditReport, FindingText, sentence, tolerated
from mirror.text.durations import duration
from mirror.text.markdown import code, prose
from mirror.text.numbers import counted
from mirror.text.tables import Block, blocks, table, verdict

MOST_FINDINGS = 12
MOST_TOPICS = 25
_WORST_FIRST = (LOST, ALTERED, ALIEN, REORDERED, DUPLICATED)
OLD_SECONDS = 3600.0
"""From this age on a resumed cut is told to be old."""


def render(report: AuditReport, console: Console) -> None:
    """Prints the whole report."""
    parts: list[RenderableType] = [_verdict(report), _topics(report)]
    parts += [Padding(Text(line, "dim"), (0, 0, 0, 1)) for line in remarks(report)]
    shown, hidden = _findings(report)
    parts.append(blocks([Block(one.where, one.what, one.remedy) for one in shown], hidden, "--findings FILE"))
    console.print(Group(*parts))


def remarks(report: AuditReport) -> list[str]:
    """Return what limits or explains the verdict, one line each."""
    said = []
    if report.sample:
        said.append(f"sampled: {report.sample}; records between the stretches were not compared")
    if report.part.count > 1:
        said.append(f"slice {report.part} of the partitions only")
    if report.topics:
        said.append(f"of the mirrored topics, only: {', '.join(report.topics)}")
    if report.last_cut and report.last_cut != report.at:
        said.append(f"each slice has a cut of its own; the last one is of {report.last_cut}")
    if report.empty and report.passed:
        said.append("this slice holds no record that could be compared: the merged report decides")
    if left := report.source_left:
        said.append(
            f"{left:,} source offsets were not read: not mirrored yet at the cut"
            + (", or not in the sample" if report.sample else "")
        )
    said += _of_the_target(report)
    said += [f"{count:,} records {reason}" for reason, count in report.excused.items()]
    if twice := tolerated(report):
        said.append(f"{twice:,} duplicated records: permitted, because this mirror delivers at least once")
    said += [f"{', '.join(topics)}: {note}" for note, topics in report.notes.items()]
    if report.resumed:
        said.append(_resumed(report))
    return said


def _resumed(report: AuditReport) -> str:
    said = "resumed from an interrupted run of this audit"
    if report.resumed_after >= OLD_SECONDS:
        said += (
            f", when its cut was {duration(report.resumed_after)} old: records after the cut are not judged, "
            "nor what happened since to partitions that were compared before (--fresh makes a new cut)"
        )
    return said


def _of_the_target(report: AuditReport) -> Iterator[str]:
    if report.promoted and report.counts.get(ALIEN):
        yield "the mirror is promoted: records that clients have written to the target are alien to it"
    if report.absent:
        yield (
            f"not on the target yet: {counted(len(report.absent), 'partition')}, of which MM2 has mirrored "
            "no record"
        )


def _verdict(report: AuditReport) -> RenderableType:
    what = f"audit of mirror {report.mirror}: {report.source} -> {report.target}"
    text = verdict(report.passed, what, f"cut of {report.at}, {report.seconds:.1f} s", partial=report.partial)
    text.append(f"\n {summary(report)}", "" if report.passed else "red")
    return text


def summary(report: AuditReport) -> str:
    """The verdict in one sentence."""
    most = "at most " if report.source_left else ""
    of = f"{most}{report.source_read + report.source_left:,}"
    said = (
        f"compared {report.source_read:,} of {of} source records; "
        f"{report.compared:,} records of {counted(len(report.partitions), 'partition')} are the same on both "
        "sides"
    )
    if report.counts:
        said += "; " + ", ".join(f"{count:,} {kind}" for kind, count in report.counts.items())
    if unread := sum(bool(one.unread) for one in report.partitions):
        said += f"; {counted(unread, 'partition')} could not be compared"
    return said


def _rows(report: AuditReport) -> list[tuple[str, int, int, str]]:
    """Return for each topic: partitions, identical records, differences; most differences first."""
    topics: dict[str, tuple[int, int, dict[str, int]]] = {}
    for one in report.partitions:
        partitions, compared, counts = topics.get(one.source.topic, (0, 0, {}))
        for kind, count in (*one.counts.items(), *((("not compared", 1),) if one.unread else ())):
            counts[kind] = counts.get(kind, 0) + count
        topics[one.source.topic] = partitions + 1, compared + one.compared, counts
    ordered = sorted(topics.items(), key=lambda one: (-sum(one[1][2].values()), one[0]))
    return [
        (name, partitions, compared, ", ".join(f"{count:,} {kind}" for kind, count in counts.items()))
        for name, (partitions, compared, counts) in ordered
    ]


def _topics(report: AuditReport) -> RenderableType:
    made = table()
    made.add_column("topic", overflow="fold")
    made.add_column("partitions", justify="right")
    made.add_column("records the same", justify="right")
    made.add_column("what differs", overflow="fold")
    rows = _rows(report)
    for name, partitions, compared, differs in rows[:MOST_TOPICS]:
        made.add_row(Text(name), str(partitions), f"{compared:,}", Text(differs, "red"))
    if len(rows) > MOST_TOPICS:
        made.add_row(f"... and {len(rows) - MOST_TOPICS} more: see --json", "", "", "")
    return Padding(made, (1, 0, 1, 1))


def _findings(report: AuditReport) -> tuple[list[FindingText], int]:
    every = list(_sentences(report))
    hidden = max(0, len(every) - MOST_FINDINGS) + sum(
        one.failing_more(report.exactly_once) for one in report.failing
    )
    return every[:MOST_FINDINGS], hidden


def _nothing(report: AuditReport) -> tuple[str, str]:
    """Why no record was compared, and the way out."""
    if report.sample and report.source_left:
        return "nothing was compared: the sample is empty", "choose a larger --sample or --max-records"
    if report.source_read:
        return (
            "nothing is proven: of every record, the counterpart was deleted by retention or compaction",
            "compare retention and cleanup.policy on both sides, then audit again",
        )
    if report.source_left:
        return (
            "nothing was compared: MM2 has mirrored no record",
            "run `region-mirror verify`: connectors-running and lag name the cause",
        )
    return (
        "nothing was compared: the topics hold no record on the source",
        "check `mirror.topics`; audit again once the source has records",
    )


def _sentences(report: AuditReport) -> Iterator[FindingText]:
    if report.empty and not report.passed and not report.failing:
        yield FindingText(f"mirror {report.mirror}", *_nothing(report))
    for one in report.failing:
        if one.unread:
            remedy = "unread records are not proven: fix the cause, then audit again"
            yield FindingText(str(one.source), f"not compared: {one.unread}", remedy)
    failing = [
        (one, difference)
        for one in report.failing
        for difference in one.differences
        if report.exactly_once or difference.kind != DUPLICATED
    ]
    for one, difference in sorted(failing, key=lambda each: _WORST_FIRST.index(each[1].kind)):
        yield sentence(one, difference, promoted=report.promoted)


def markdown(report: AuditReport) -> str:
    """The report as GitHub-flavoured Markdown."""
    outcome = ("passed in part" if report.partial else "proven") if report.passed else "**not proven**"
    lines = [
        f"### Audit of mirror `{report.mirror}` ({report.source} → {report.target}): {outcome}",
        "",
        f"{prose(summary(report))}. Cut of {report.at}, {report.seconds:.1f} s.",
        "",
    ]
    lines += [f"- {prose(line)}" for line in remarks(report)]
    lines += ["", "| topic | partitions | records the same | what differs |", "| --- | ---: | ---: | --- |"]
    lines += [
        f"| {code(name)} | {partitions} | {compared:,} | {differs} |"
        for name, partitions, compared, differs in _rows(report)
    ]
    shown, hidden = _findings(report)
    if shown:
        lines += ["", "| finding | what is wrong | what to do |", "| --- | --- | --- |"]
        lines += [f"| {code(one.where)} | {prose(one.what)} | {prose(one.remedy)} |" for one in shown]
    if hidden:
        lines += ["", f"… and {hidden:,} more findings: see `--findings FILE`"]
    return "\n".join(lines) + "\n"
