"""Reads the JSON reports of slices from files or from logs of pods, and merges them into one report."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from mirror.audit.report import KIND, AuditReport
from mirror.audit.selection import WHOLE, TopicIdentity
from mirror.clients.records import TopicPartition
from mirror.problems import CouldNotRun
from mirror.text.files import file_problem
from mirror.text.names import few

STDIN = "-"


def read_reports(file: Path) -> list[AuditReport]:
    """Read all reports in a file; other lines are skipped. Raises CouldNotRun if there is none."""
    try:
        text = sys.stdin.read() if str(file) == STDIN else file.read_text(encoding="utf-8", errors="replace")
        found = [AuditReport.from_json(one) for one in documents(text) if one.get("kind") == KIND]
    except OSError as error:
        raise CouldNotRun(f"reading {file}", file_problem(error), "check the name of the file") from error
    except (ValueError, KeyError, TypeError) as error:
        raise CouldNotRun(
            f"reading {file}",
            f"it contains a report that this release cannot read ({type(error).__name__}: {error})",
            "merge with the release of region-mirror that wrote the reports",
        ) from error
    if not found:
        raise CouldNotRun(
            f"reading {file}",
            "it contains no audit report (`region-mirror audit --json`)",
            "an interrupted audit writes no report: run it again, it resumes",
        )
    return found


def documents(text: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects that begin at the start of a line; the log of a pod has other lines, too."""
    decoder = json.JSONDecoder()
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        if text[at] == "{":
            try:
                found, at = decoder.raw_decode(text, at)
                yield found
                end = text.find("\n", at)
            except ValueError:  # truncated or not JSON: skip the line
                pass
        at = len(text) if end < 0 else end + 1


def merge(reports: Sequence[AuditReport]) -> AuditReport:
    """Merge the reports of all slices. Raises CouldNotRun if one is missing or belongs to another audit."""
    tried = "merging the reports"
    if not reports:
        raise CouldNotRun(tried, "no report was given", "name the files of the reports")
    first = reports[0]
    for one in reports:
        if (one.mirror, one.source, one.target, one.exactly_once, one.sample, one.topics) != (
            first.mirror,
            first.source,
            first.target,
            first.exactly_once,
            first.sample,
            first.topics,
        ):
            raise CouldNotRun(
                tried,
                f"they belong to different audits: {first.mirror} and {one.mirror}",
                "merge only reports of one mirror and with the same options",
            )
    count = first.part.count
    there = Counter(one.part.number for one in reports)
    if any(one.part.count != count for one in reports) or any(number > 1 for number in there.values()):
        slices = ", ".join(sorted(str(one.part) for one in reports))
        raise CouldNotRun(
            tried, f"the slices do not fit together: {slices}", "pass exactly one report for each slice"
        )
    if missing := sorted(set(range(count)) - set(there)):
        raise CouldNotRun(
            tried,
            f"missing: {', '.join(f'{number}/{count}' for number in missing)}",
            "audit the missing slices (--partition-slice), then merge again",
        )
    absent = {partition: offsets for one in reports for partition, offsets in one.absent.items()}
    _whole_topics(reports, set(absent))
    return AuditReport(
        first.mirror,
        first.source,
        first.target,
        min(one.at for one in reports),
        max(one.seconds for one in reports),
        first.exactly_once,
        tuple(sorted((part for one in reports for part in one.partitions), key=lambda part: part.source)),
        absent,
        WHOLE,
        any(one.resumed for one in reports),
        first.sample,
        first.topics,
        _identities(reports),
        max(one.last_cut or one.at for one in reports) if count > 1 else first.last_cut,
        any(one.promoted for one in reports),
        max(one.resumed_after for one in reports),
    )


def _identities(reports: Sequence[AuditReport]) -> dict[str, TopicIdentity]:
    """Each topic's identity. Raises CouldNotRun if a topic was created again between two slices' audits."""
    found: dict[str, TopicIdentity] = {}
    for one in reports:
        for topic, there in one.identities.items():
            known = found.setdefault(topic, there)
            if known[:2] != there[:2]:
                where = "source" if known.source != there.source else "target"
                raise CouldNotRun(
                    "merging the reports",
                    f"topic {topic} was deleted and created again on the {where} between the audits of two "
                    f"slices: its ids are {known[:2]} and {there[:2]}",
                    "audit all slices again, then merge their new reports",
                )
            if there.partitions > known.partitions:
                found[topic] = there
    return found


def _whole_topics(reports: Sequence[AuditReport], absent: Collection[TopicPartition]) -> None:
    """Raises CouldNotRun where a partition is in no report: it was created after its slice was audited."""
    audited = {part.source for one in reports for part in one.partitions} | set(absent)
    missing = [
        TopicPartition(topic, number)
        for topic, one in _identities(reports).items()
        for number in range(one.partitions)
        if TopicPartition(topic, number) not in audited
    ]
    if missing:
        named = few([str(one) for one in missing], 10)
        raise CouldNotRun(
            "merging the reports",
            f"partitions that no slice has audited, because they were created later: {named}",
            "audit again the slices to which they belong, then merge",
        )
