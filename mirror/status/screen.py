"""The status as one terminal screen: the most urgent rows that fit, and a sum of the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from mirror.clients.records import TopicPartition
from mirror.status.groups import SIGNS, GroupRow, least_exact
from mirror.status.partitions import PartitionRow
from mirror.status.picture import Picture, VerdictWord
from mirror.status.topics import TopicRow, fold
from mirror.status.trouble import GroupTrouble, Shade, Trouble
from mirror.text.durations import duration
from mirror.text.foreign import printable
from mirror.text.numbers import counted
from mirror.text.tables import table as empty_table

_VERDICT: dict[VerdictWord, str] = {
    "flowing": "bold white on green",
    "empty": "bold white on green",
    "behind": "bold black on yellow",
    "unknown": "bold black on yellow",
}
_ALARM = "bold white on red"
_STYLES: dict[Shade, str] = {"good": "green", "warn": "yellow", "bad": "bold red"}
# Lines of a table besides its rows: head, rule, and the sum of the other rows.
_TABLE_LINES = 3
LEAST_ROWS = 3
# Terminal width in columns from which rates, and retention and positions, are shown.
MEDIUM, WIDE = 96, 130


def screen(
    picture: Picture,
    width: int,
    height: int,
    since: float | None = None,
    folded: bool = True,
    last: Picture | None = None,
    expand: bool = True,
) -> RenderableType:
    """Return at most `height` lines of at most `width` columns.

    `expand`: the tables take the whole width, as on a terminal, where a watch must not jump; not in a file.
    `folded`: one row a topic instead of one row a partition. `last`: the last successful look; its tables are
    shown if this look failed.
    """
    head = _head(picture, width, since)
    if picture.total is None and last is not None and last is not picture:
        head.append(f"\n below: the last successful look, at {_clock(last.snapshot.at)} UTC", "bold yellow")
        picture = last
    used = len(head.plain.splitlines())  # lines are cut to the width
    rows: Sequence[TopicRow | PartitionRow] = picture.topics if folded else picture.partitions
    flows, groups = _shares(height - used, len(rows), len(picture.groups))
    parts: list[RenderableType] = [head]
    if rows:
        parts.append(_flow_table(rows, flows, width, expand))
    if picture.groups:
        parts.append(_group_table(picture.groups, groups, width, expand))
    return Group(*parts)


def _shares(lines: int, rows: int, groups: int) -> tuple[int, int]:
    """Return the rows that fit of topics and of groups; groups get at most two fifths if both need more."""
    tables = bool(rows) + bool(groups)
    free = max(0, lines - tables * (_TABLE_LINES + 1))
    for_groups = min(groups, free * 2 // 5 if rows else free)
    for_rows = min(rows, free - for_groups)
    for_groups = min(groups, free - for_rows)
    least = min(LEAST_ROWS, free)
    return max(for_rows, min(rows, least)), for_groups


def _head(picture: Picture, width: int, since: float | None) -> Text:
    snapshot, verdict, total = picture.snapshot, picture.verdict, picture.total
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f" {verdict.word.upper()} ", _VERDICT.get(verdict.word, _ALARM))
    text.append(f"  {snapshot.mirror}: {snapshot.source} -> {snapshot.target}", "bold")
    text.append(f"  {_clock(snapshot.at)} UTC, read in {snapshot.seconds:.1f} s\n", "dim")
    text.append(f" {_cut(verdict.says, width - 2)}", "" if verdict.good else "red")
    if since is not None:
        text.append(f"\n since {_clock(since)} UTC, {duration(snapshot.at - since)} ago")
    if total is not None:
        rest = f"{counted(total.partitions, 'partition')} of {counted(len(picture.topics), 'topic')}: "
        rest += f"{_records(total)} records behind, {duration(total.seconds)}"
        if total.mirrored is not None and total.produced is not None:
            rest += f"; {_rate(total.produced)}/s in, {_rate(total.mirrored)}/s mirrored"
            rest += f" (over {duration(picture.rates_over)})"
        text.append("\n " + _cut(rest, width - 2))
        counts = [f"{count:,} {one.word}" for one, count in sorted(picture.by_trouble.items(), reverse=True)]
        text.append("\n " + _cut("partitions: " + ", ".join(counts), width - 2), "dim")
        counts = [
            f"{count:,} {one.word}" for one, count in sorted(picture.by_group_trouble.items(), reverse=True)
        ]
        if counts:
            text.append("\n " + _cut("groups: " + ", ".join(counts), width - 2), "dim")
    for message, remedy in list(snapshot.faults)[:2]:
        text.append("\n " + _cut(message, width - 2), "red")
        text.append("\n   " + _cut(f"-> {remedy}", width - 4), "cyan")
    for problem in list(snapshot.problems)[:2]:
        text.append("\n " + _cut(problem, width - 2), "red")
    return text


def _flow_table(rows: Sequence[TopicRow | PartitionRow], shown: int, width: int, expand: bool) -> Table:
    wide, medium = width >= WIDE, width >= MEDIUM
    folded = isinstance(rows[0], TopicRow)
    table = empty_table(expand=expand)
    _words(table, "topic" if folded else "partition", width)
    _numbers(table, "records", "behind")
    if medium:
        _numbers(table, "in/s", "out/s", "caught up")
    if wide:
        _numbers(table, "retention", *(() if folded else ("position", "source end")))
    for row in rows[:shown]:
        _flow_row(table, row, wide, medium)
    rest = rows[shown:]
    if rest:
        sum_of = _sum_of(rest)
        name = f"... {len(rest):,} more {'topics' if folded else 'partitions'}"
        _flow_row(table, sum_of._replace(topic=name, says=""), wide, medium, blank=0 if folded else 2)
    return table


def _sum_of(rows: Sequence[TopicRow | PartitionRow]) -> TopicRow:
    """Return rows as one row; a topic has all columns that the sum needs."""
    return fold("", [row if isinstance(row, PartitionRow) else _as_partition(row) for row in rows])


def _as_partition(row: TopicRow) -> PartitionRow:
    return PartitionRow(
        TopicPartition(row.topic, 0), row.trouble, row.says, None, None, None, row.records, row.exact,
        row.seconds, row.since, row.produced, row.mirrored, row.catch_up, row.retention, row.retention_used,
    )  # fmt: skip


def _flow_row(table: Table, row: TopicRow | PartitionRow, wide: bool, medium: bool, blank: int = 0) -> None:
    name = row.topic if isinstance(row, TopicRow) else str(row.partition)
    cells = [Text(printable(name)), _trouble(row.trouble, row.says), Text(_records(row))]
    cells.append(Text("" if not row.records else duration(row.seconds)))
    if medium:
        cells += [Text(_rate(row.produced)), Text(_rate(row.mirrored)), Text(_caught_up(row))]
    if wide:
        used = row.retention_used
        cells.append(Text("" if used is None else f"{used:.0%} of {duration(row.retention)}"))
        if isinstance(row, PartitionRow):
            cells += [Text(_number(row.position)), Text(_number(row.source_end))]
        else:
            cells += [Text("")] * blank
    table.add_row(*cells)


def _group_table(rows: Sequence[GroupRow], shown: int, width: int, expand: bool) -> Table:
    table = empty_table(expand=expand)
    _words(table, "consumer group", width)
    _numbers(table, "partitions", "re-reads")
    if width >= MEDIUM:
        _numbers(table, "unread at source")
    for row in rows[:shown]:
        style = "red" if row.trouble.bad else ""
        says = row.trouble.word + (f": {row.says}" if row.says else "")
        cells = [Text(printable(row.group)), Text(printable(says), style), Text(f"{row.partitions:,}")]
        cells.append(Text(_rereads(row)))
        table.add_row(*cells, *([f"<= {row.unread_at_source:,}"] if width >= MEDIUM else []))
    rest = rows[shown:]
    if rest:
        bad = sum(row.trouble.bad for row in rest)
        sign = SIGNS[least_exact(row.quality for row in rest)]
        cells = [
            Text(f"... {len(rest):,} more groups"),
            Text(f"{bad:,} of them cannot move" if bad else rest[0].trouble.word + " or better"),
            Text(f"{sum(row.partitions for row in rest):,}"),
            Text(f"{sign}{sum(row.rereads for row in rest):,}"),
        ]
        table.add_row(*cells, *([""] if width >= MEDIUM else []))
    return table


def _words(table: Table, name: str, width: int) -> None:
    """Add a column for names, at most two fifths of the width, and one for the state, the remaining width."""
    table.add_column(name, no_wrap=True, overflow="ellipsis", max_width=max(8, width * 2 // 5))
    least = 0 if width < 60 else 14
    table.add_column("", no_wrap=True, overflow="ellipsis", ratio=1, min_width=least)


def _numbers(table: Table, *names: str) -> None:
    for name in names:
        table.add_column(name, justify="right", no_wrap=True, overflow="ellipsis")


def _trouble(trouble: Trouble, says: str) -> Text:
    text = Text(trouble.word, _STYLES[trouble.shade])
    if says:
        text.append(f": {printable(says)}", "")
    return text


def _rereads(row: GroupRow) -> str:
    if row.trouble in (GroupTrouble.UNREADABLE, GroupTrouble.NOT_TRANSLATED) and not row.rereads:
        return "?"
    return f"{SIGNS[row.quality]}{row.rereads:,}"


def _records(row: TopicRow | PartitionRow) -> str:
    return f"{'' if row.exact or not row.records else '<= '}{row.records:,}"


def _rate(value: float | None) -> str:
    if value is None:
        return "?"
    return f"{value:,.0f}" if value >= 10 or value == 0 else f"{value:.1f}"


def _caught_up(row: TopicRow | PartitionRow) -> str:
    if not row.records:
        return ""
    if not row.trouble.bad:
        return "keeps up"
    return "never" if row.catch_up is None and row.mirrored is not None else duration(row.catch_up)


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"


def _cut(text: str, width: int) -> str:
    line = printable(" ".join(text.split()))
    return line if len(line) <= width else line[: max(1, width - 1)] + "…"
