"""Presents the drill of the disaster. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from mirror.cutover.drill.disaster.judge import set_aside
from mirror.cutover.drill.disaster.results import DisasterReport
from mirror.cutover.drill.presented import Presented, Table, seconds, times
from mirror.cutover.drill.recording import Line

STREAM_COLUMNS = (
    "stream",
    "before the kill",
    "unknown",
    "never crossed",
    "recovered",
    "on the target",
    "at home",
    "doubled",
    "lost",
)
GROUP_COLUMNS = (
    "group",
    "before the kill",
    "on the target",
    "at home",
    "set aside",
    "twice",
    "announced",
    "lost",
)
REACHED_COLUMNS = (
    "recovery time",
    "from the kill",
    "from the start",
    "from the answer",
    "plain client",
    "ratio",
)


def presented_disaster(report: DisasterReport, lines: Iterable[Line]) -> Presented:
    """Present the report."""
    window, judged = None, {one.stream for one in report.streams if one.judged}
    if report.killed_at is not None and report.first_at_target is not None:
        took = report.first_at_target - report.killed_at
        window = (report.killed_at, report.first_at_target, f"no writes: {took:.1f} s")
    return Presented(
        report,
        _tables(report),
        [one for one in report.phases if one.seconds > 0],
        [one.stream for one in report.streams],
        [one.group for one in report.groups],
        window,
        max((one.end for one in report.phases), default=0.0),
        "never crossed",
        "Blue: the source. Green: the target. Red: accepted by the source, and not copied before it was "
        "killed. Shaded: from the kill to the first record that the target accepted.",
        frozenset(one for one in set_aside(list(lines)) if one[0] in judged),
    )


def _tables(report: DisasterReport) -> list[Table]:
    reached = [
        (
            one.what,
            seconds(one.from_kill),
            seconds(one.from_start),
            seconds(one.from_decision),
            seconds(one.plain),
            "none" if one.ratio is None else f"{one.ratio:.2f}",
        )
        for one in report.reached
    ]
    streams = [
        (
            one.stream,
            f"{one.before:,}",
            f"{one.unknown:,}",
            f"{one.missing:,}" if one.judged else "compacted",
            f"{one.recovered:,}",
            f"{one.at_target:,}",
            f"{one.at_home:,}",
            f"{one.doubled:,}",
            f"{one.lost:,}" if one.judged else "compacted",
        )
        for one in report.streams
    ]
    groups = [
        (
            one.group,
            *(
                f"{count:,}"
                for count in (
                    one.before,
                    one.at_target,
                    one.at_home,
                    one.set_aside,
                    one.twice,
                    one.named,
                    one.lost,
                )
            ),
        )
        for one in report.groups
    ]
    return [
        Table("Recovery time", REACHED_COLUMNS, reached),
        Table("Streams", STREAM_COLUMNS, streams),
        Table("Groups", GROUP_COLUMNS, groups),
        times("Phases", "phase", report.phases),
        times("Steps", "step", report.steps),
    ]
