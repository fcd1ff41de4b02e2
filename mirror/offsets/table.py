"""Writes and parses the file of `offsets export` and `offsets apply`: a CSV that people can edit."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from mirror.clients.records import TopicPartition
from mirror.offsets.proposal import Proposal
from mirror.problems import Finding
from mirror.text.foreign import csv_cell, csv_text

COLUMNS = (
    "group",
    "source_topic",
    "partition",
    "source_offset",
    "target_topic",
    "target_offset",
    "how",
    "reads_again",
    "current_target_offset",
    "note",
)
NEEDED = ("group", "source_topic", "partition", "target_topic", "target_offset")
"""The columns that `apply` uses; the others are information for people."""


@dataclass(frozen=True, slots=True)
class OffsetRow:
    """One offset to set. `line` is its line number in the file."""

    line: int
    group: str
    source: TopicPartition
    target: TopicPartition
    offset: int

    @property
    def subject(self) -> str:
        """The row in messages."""
        return f"line {self.line}, group {self.group}, {self.target}"


@dataclass(frozen=True, slots=True)
class OffsetFile:
    """The content of a file. `without` counts the lines without an offset, which are skipped."""

    rows: tuple[OffsetRow, ...]
    without: int
    problems: tuple[Finding, ...]


def write(proposals: Iterable[Proposal]) -> str:
    """The proposals as CSV, sorted by group, topic and partition."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in sorted(proposals, key=lambda one: (one.group, one.source)):
        rereads = "" if one.rereads is None else f"{'' if one.rereads_exact else '>'}{one.rereads}"
        writer.writerow(
            (
                csv_cell(one.group),
                csv_cell(one.source.topic),
                one.source.partition,
                one.source_offset,
                csv_cell(one.target.topic),
                one.offset,  # csv writes None as an empty cell
                one.how,
                rereads,
                one.current,
                csv_cell(one.note),
            )
        )
    return out.getvalue()


def read(text: str) -> OffsetFile:
    """The rows and all problems of a file."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    rows: list[OffsetRow] = []
    problems: list[Finding] = []
    without = 0
    try:
        missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
        if missing:
            message = f"columns are missing: {', '.join(missing)}"
            problem = Finding("the first line", message, "restore the first line of `offsets export`")
            return OffsetFile((), 0, (problem,))
        for values in reader:
            line = reader.line_num
            if not (values["target_offset"] or "").strip():
                without += 1
                continue
            row = _row(line, values)
            if isinstance(row, OffsetRow):
                rows.append(row)
            else:
                problems.append(Finding(f"line {line}", row, "correct the line, or remove it"))
    except csv.Error as error:
        line = reader.reader.line_num  # that of DictReader is of the last line without a problem
        problems.append(Finding(f"line {line}", f"it is not CSV: {error}", "save the file as CSV"))
    return OffsetFile(tuple(rows), without, (*problems, *_twice(rows)))


def _row(line: int, values: dict[str, str]) -> OffsetRow | str:
    """A row, or the reason why the line is invalid."""
    wrong = [f"{name} is empty" for name in NEEDED if not (values[name] or "").strip()]
    numbers = {}
    for name in ("partition", "target_offset"):
        text = (values[name] or "").strip()
        if text and not (text.isascii() and text.isdigit()):
            wrong.append(f"{name} is {text!r}, but must be an integer of 0 or more")
        elif text:
            numbers[name] = int(text)
    if wrong:
        return "; ".join(wrong)
    partition = numbers["partition"]
    return OffsetRow(
        line,
        csv_text(values["group"]),
        TopicPartition(csv_text(values["source_topic"]), partition),
        TopicPartition(csv_text(values["target_topic"]), partition),
        numbers["target_offset"],
    )


def _twice(rows: Iterable[OffsetRow]) -> list[Finding]:
    first: dict[tuple[str, TopicPartition], OffsetRow] = {}
    found = []
    for row in rows:
        other = first.setdefault((row.group, row.target), row)
        if other is not row:
            message = f"line {other.line} has the same group and partition"
            found.append(Finding(row.subject, message, "keep one of them"))
    return found
