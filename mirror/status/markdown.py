"""One look at a mirror as GitHub-flavoured Markdown, made from its JSON (`picture.to_json`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mirror.status.groups import SIGNS, Quality
from mirror.text.durations import duration
from mirror.text.markdown import code, prose
from settings.markdown import table_row

MOST_ROWS = 20
"""Rows of a table; the most urgent come first, and the JSON has all of them."""


def markdown(look: Mapping[str, Any]) -> str:
    """Render verdict, faults, topics and consumer groups."""
    lines = [
        f"### Mirror `{look['mirror']}` ({look['source']} → {look['target']}): {look['verdict']}",
        "",
        prose(look["says"]),
    ]
    faults = [(prose(one["message"]), prose(one["remedy"])) for one in look["faults"]]
    faults += [(prose(problem), "") for problem in look["problems"]]
    if faults:
        lines += ["", "| problem | what to do |", "| --- | --- |", *map(_row, faults)]
    lines += _table(
        ["topic", "state", "records behind", "time behind", "note"],
        [
            (
                code(topic["topic"]),
                topic["trouble"],
                _bounded(topic["records_behind"], "exactly" if topic["records_exact"] else "at most"),
                duration(topic["seconds_behind"]),
                prose(topic["says"]),
            )
            for topic in look["topics"]
        ],
    )
    lines += _table(
        ["consumer group", "state", "partitions", "records re-read", "note"],
        [
            (
                code(group["group"]),
                group["trouble"],
                f"{group['partitions']:,}",
                _rereads(group),
                prose(group["says"]),
            )
            for group in look["groups"]
        ],
    )
    return "\n".join(lines) + "\n"


def _table(head: list[str], rows: list[tuple[str, ...]]) -> list[str]:
    if not rows:
        return []
    lines = ["", _row(head), _row(["---", "---", "---:", "---:", "---"]), *map(_row, rows[:MOST_ROWS])]
    if len(rows) > MOST_ROWS:
        lines += ["", f"... and {len(rows) - MOST_ROWS:,} more: see `--output json`"]
    return lines


def _row(cells: Iterable[str]) -> str:
    return table_row(cells)


def _bounded(value: int, quality: Quality) -> str:
    return f"{SIGNS[quality] if value else ''}{value:,}"


def _rereads(group: Mapping[str, Any]) -> str:
    if group["trouble"] in ("unreadable", "not-translated") and not group["rereads"]:
        return "?"
    return _bounded(group["rereads"], group["rereads_are"])
