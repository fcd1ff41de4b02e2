"""Prints a recovery's report: a table for people, and Markdown for the incident's document."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from mirror.cutover.recovery.missing import ranges
from mirror.cutover.recovery.report import RecoveryReport, told
from mirror.cutover.recovery.scan import Scanned
from mirror.text.markdown import prose, prose_table
from mirror.text.names import few
from mirror.text.numbers import counted
from mirror.text.tables import text_table

MOST = 40
COLUMNS = ("partition", "missing", "source offsets", "of", "conflicts", "what was seen")
CONFLICT_COLUMNS = ("partition", "source offset", "of", "target offset", "of")
GROUP_COLUMNS = ("group", "partition", "committed", "read twice", "read, never crossed")


def summary(report: RecoveryReport) -> str:
    """The result in one sentence."""
    if report.written is not None:
        count = sum(one.records for one in report.written)
        held = sum(one.quarantined for one in report.written)
        said = f"{counted(count, 'record')} recovered, {held:,} of them in quarantine"
        said += f"; {counted(report.left, 'record')} still missing"
    elif not report.missing:
        said = f"every record of {report.source} that could be judged is on {report.target}"
    else:
        said = f"{counted(report.missing, 'record')} of {report.source} never crossed"
        conflicts = report.total("conflicts")
        if conflicts:
            said += (
                f"; {conflicts:,} of them, or their keys, were written on {report.target} since the promotion"
            )
    gone = report.gone
    return f"{said}, and at most {gone:,} were deleted before they crossed" if gone else said


def remarks(report: RecoveryReport) -> list[str]:
    """What has to be known beside the tables, one line each."""
    said = [f"source {'fenced' if report.fenced else 'NOT FENCED'}: {report.fence}"]
    if not report.fenced:
        said.append(
            f"clients may still write to {report.source}: what they write now is on no other cluster; stop "
            "them, and run the command again"
        )
    if report.undecided:
        said.append(
            f"{report.undecided:,} source offsets are behind open transactions and are not judged; Kafka "
            "aborts these after transaction.timeout.ms: run the command again then"
        )
    if gone := report.gone:
        said.append(
            f"at most {gone:,} records never crossed and were deleted by the source's retention: transaction "
            "markers and aborted records count, too"
            + (
                ". Nothing on either side can bring them back, so the exit code stays 1 (`gone` in --output "
                "json): recover them from where producers have them"
                if report.lost
                else ", and one offset of a partition is most likely a marker"
            )
        )
    for name, text in (
        ("crossed", "records after MM2's last position are on the target"),
        (
            "superseded",
            "records may have crossed; a later record of their key has, and the target is compacted",
        ),
        ("recovered", "records were recovered by earlier runs"),
    ):
        if count := report.total(name):
            said.append(f"{count:,} {text}")
    if report.not_recognised:
        said.append(
            f"{few(report.not_recognised)}: copies on {report.target} have other timestamps, so they are not "
            "recognised: what counts as missing may be there already. It is written to quarantine, also with "
            "`--to topic`: compare before it is used. `--conflicts-to topic` writes it to its topic all the "
            "same"
        )
    if unknown := report.conflicts_unknown:
        reasons = "; ".join(sorted(set(unknown.values())))
        said.append(
            f"{few(sorted(unknown))}: not every conflict is known, because on {report.target} {reasons}. "
            "`--to topic` quarantines all of their records that have a key: in the topic, one could bring an "
            "older state back. `--conflicts-to topic` writes them all the same"
        )
    said += report.notes
    if report.written is None and report.missing:
        said.append(
            "nothing was written: `recover --write` writes them to quarantine topics, `recover --write --to "
            "topic` to their topics"
        )
    return said


def rows(report: RecoveryReport) -> list[tuple[str, ...]]:
    """Return a row for each partition with something to say, most missing records first."""
    chosen = [one for one in report.partitions if told(one)]
    chosen.sort(key=lambda one: (not one.unread, -_count(one), one.extent.source))
    return [_row(one) for one in chosen]


def conflict_rows(report: RecoveryReport) -> list[tuple[str, ...]]:
    """Return a row for each missing record whose key was written on the target since the promotion."""
    found: list[tuple[str, ...]] = []
    for one in report.partitions:
        judgement = one.judgement
        if judgement is None:
            continue
        for row in judgement.in_conflict.nonzero()[0][:MOST]:
            found.append(
                (
                    str(one.extent.source),
                    str(judgement.missing[row]),
                    _time(int(judgement.timestamps[row])),
                    str(judgement.there[row]),
                    _time(int(judgement.there_timestamps[row])),
                )
            )
    return found


def group_rows(report: RecoveryReport) -> list[tuple[str, ...]]:
    """Return a row for each group and partition with records that were processed on both sides."""
    return [
        (
            one.group,
            str(one.source),
            str(one.committed),
            *("not known" if count is None else f"{count:,}" for count in (one.twice, one.uncrossed)),
        )
        for one in report.groups
    ]


def render(report: RecoveryReport, console: Console) -> None:
    """Print the whole report."""
    console.print(
        Text.assemble(
            (f"recovery of mirror {report.mirror}: {report.source} -> {report.target}", "bold"),
            (f"   {report.at}, {report.seconds:.1f} s", "dim"),
        )
    )
    console.print(Text(summary(report), "green" if report.passed else "bold red"))
    for title, columns, found in _tables(report):
        if found:
            console.print(text_table(columns, found[:MOST], title))
            if len(found) > MOST:
                console.print(Text(f"... and {len(found) - MOST:,} more: see --output json", "dim"))
    for line in remarks(report):
        console.print(Text(line, "bold red" if "NOT FENCED" in line else "dim"))


def markdown(report: RecoveryReport) -> str:
    """Return the report as Markdown."""
    lines = [f"### Recovery of mirror {prose(report.mirror)}", "", prose(summary(report)), ""]
    for title, columns, found in _tables(report):
        if found:
            lines += [f"#### {title}", "", *prose_table(columns, found)]
    lines += [f"- {prose(line)}" for line in remarks(report)]
    return "\n".join(lines) + "\n"


def _tables(
    report: RecoveryReport,
) -> Iterable[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    return (
        ("Records that never crossed", COLUMNS, rows(report)),
        ("Conflicts: older record, newer record", CONFLICT_COLUMNS, conflict_rows(report)),
        ("Groups", GROUP_COLUMNS, group_rows(report)),
    )


def _count(one: Scanned) -> int:
    return len(one.judgement.missing) if one.judgement else 0


def _row(one: Scanned) -> tuple[str, ...]:
    judgement, extent = one.judgement, one.extent
    seen = [one.unread, extent.anew]
    if extent.target is None:
        seen.append("the target has no such partition")
    if extent.gone:
        seen.append(f"{extent.gone:,} offsets deleted by retention")
    if judgement and judgement.tombstones:
        seen.append(counted(judgement.tombstones, "tombstone"))
    if judgement is None or not len(judgement.missing):
        return str(extent.source), "0" if not one.unread else "?", "", "", "", "; ".join(filter(None, seen))
    shown = ranges(judgement.missing, 3)
    offsets = ", ".join(str(first) if first == last else f"{first}..{last}" for first, last, _ in shown)
    times = f"{_time(int(judgement.timestamps.min()))} .. {_time(int(judgement.timestamps.max()))}"
    return (
        str(extent.source),
        f"{len(judgement.missing):,}",
        offsets,
        times,
        f"{judgement.conflicts:,}",
        "; ".join(filter(None, seen)),
    )


def _time(milliseconds: int) -> str:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return str(milliseconds)
