"""One observation as samples: a pure translation of report and status, with a limit on the number of series.

Topics, partitions, groups and certificates are rows, most urgent first: rows beyond `Limits.series` have no
series of their own and are only counted. Totals include all rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from manifests.monitoring import metrics
from manifests.monitoring.metrics import Metric
from mirror.status.picture import Picture
from mirror.status.trouble import GroupTrouble, Trouble
from mirror.verify.checks import certificates_valid, connectors_running, groups_translated
from mirror.verify.report import CheckResult, Report

SERIES_LIMIT = 1000
# org.apache.kafka.connect.runtime.AbstractStatus.State without DESTROYED, which no API shows.
STATES = ("UNASSIGNED", "RUNNING", "PAUSED", "STOPPED", "FAILED", "RESTARTING")
T = TypeVar("T")

Labels = tuple[str, ...]
Samples = dict[Metric, dict[Labels, float]]
"""Values by metric and label values, without the label of the mirror."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`series`: largest number of series of each kind. `per_partition`: whether partitions have series."""

    series: int = SERIES_LIMIT
    per_partition: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """Result of one observation. `connectors`: names of the connectors that must run."""

    report: Report
    picture: Picture
    connectors: Sequence[str]
    max_lag_seconds: float
    certificate_margin: timedelta


class Gone:
    """The KafkaMirrorMaker2 does not exist: nothing is mirrored, and nothing else is known."""


def samples(seen: Observation | Gone | None, limits: Limits) -> Samples:
    """Return the samples of one observation, without those of the exporter itself. None: the mirror is
    promoted, so its connectors are stopped, and groups read on the target: no alert may say so.
    """
    if seen is None:
        return {metrics.PROMOTED: {(): 1.0}}
    if isinstance(seen, Gone):
        down = (connectors_running.NAME,)
        return {
            metrics.PROMOTED: {(): 0.0},
            metrics.CHECK_PASSED: {down: 0.0},
            metrics.CHECK_JUDGED: {down: 1.0},
        }
    found: Samples = {metrics.PROMOTED: {(): 0.0}}
    found[metrics.LAG_LIMIT] = {(): seen.max_lag_seconds}
    found[metrics.LOOK_PROBLEMS] = {(): float(len(seen.picture.snapshot.problems))}
    found[metrics.CERTIFICATE_MARGIN] = {(): seen.certificate_margin.total_seconds()}
    left_out = found[metrics.SERIES_LEFT_OUT] = {}
    for part in (
        _checks(seen.report),
        _lag(seen.picture, limits, left_out),
        _groups(seen.picture, limits, left_out),
        _bookkeeping(seen.report),
        _connectors(seen.report, seen.connectors),
        _certificates(seen.report, limits, left_out),
    ):
        for metric, labels, value in part:
            found.setdefault(metric, {})[labels] = float(value)
    return found


Part = Iterator[tuple[Metric, Labels, float]]


def _checks(report: Report) -> Part:
    for one in report.checks:
        yield metrics.CHECK_PASSED, (one.name,), one.passed
        yield metrics.CHECK_JUDGED, (one.name,), one.judged
        yield metrics.CHECK_FINDINGS, (one.name,), len(one.findings)
        yield metrics.CHECK_EVALUATED, (one.name,), report.at.timestamp()
        yield metrics.CHECK_DURATION, (one.name,), one.seconds


def _lag(picture: Picture, limits: Limits, left_out: dict[Labels, float]) -> Part:
    if picture.total is None:
        return  # no topic matches, or positions could not be read: the lag is unknown
    yield metrics.LAG_RECORDS, (), picture.total.records
    if picture.total.seconds is not None:
        yield metrics.LAG_SECONDS, (), picture.total.seconds
    for trouble in Trouble:
        yield metrics.PARTITIONS, (trouble.word,), picture.by_trouble[trouble]
    losing = Counter(row.partition.topic for row in picture.partitions if row.trouble.losing)
    yield metrics.PARTITIONS_LOSING, (), losing.total()
    yield from _topic_lag(picture, losing, limits, left_out)
    if limits.per_partition:
        yield from _partition_lag(picture, limits, left_out)


def _topic_lag(picture: Picture, losing: Counter[str], limits: Limits, left_out: dict[Labels, float]) -> Part:
    left: dict[str, float] = {}
    for row in picture.partitions:
        if row.retention_left is not None:
            topic = row.partition.topic
            left[topic] = min(row.retention_left, left.get(topic, row.retention_left))
    for one in _first("topic", picture.topics, limits.series, left_out):
        yield metrics.TOPIC_LAG_RECORDS, (one.topic,), one.records
        yield metrics.TOPIC_LOSING, (one.topic,), losing[one.topic]
        if one.seconds is not None:
            yield metrics.TOPIC_LAG_SECONDS, (one.topic,), one.seconds
        if one.topic in left:
            yield metrics.TOPIC_RETENTION_LEFT, (one.topic,), left[one.topic]
        if one.retention and (one.retention_used is not None or not one.records):
            yield metrics.TOPIC_RETENTION_USED, (one.topic,), one.retention_used or 0.0


def _partition_lag(picture: Picture, limits: Limits, left_out: dict[Labels, float]) -> Part:
    for row in _first("partition", picture.partitions, limits.series, left_out):
        labels = (row.partition.topic, str(row.partition.partition))
        yield metrics.PARTITION_LAG_RECORDS, labels, row.records
        if row.seconds is not None:
            yield metrics.PARTITION_LAG_SECONDS, labels, row.seconds
        if row.retention_left is not None:
            yield metrics.PARTITION_RETENTION_LEFT, labels, row.retention_left


def _groups(picture: Picture, limits: Limits, left_out: dict[Labels, float]) -> Part:
    if picture.snapshot.problems and not picture.groups:
        return  # the unread part may be the groups: their number is unknown
    for trouble in GroupTrouble:
        yield metrics.GROUPS, (trouble.word,), picture.by_group_trouble[trouble]
    for row in _first("group", picture.groups, limits.series, left_out):
        yield metrics.GROUP_STATE, (row.group, row.trouble.word), 1
        yield metrics.GROUP_REREAD_RECORDS, (row.group,), row.rereads
        yield metrics.GROUP_UNREAD_RECORDS, (row.group,), row.unread_at_source


def _bookkeeping(report: Report) -> Part:
    facts = _facts(report, groups_translated.NAME)
    if "groups" in facts:
        overdue = sum(
            "checkpoint_overdue_seconds" in partition
            for group in facts["groups"].values()
            for partition in group.values()
        )
        yield metrics.CHECKPOINTS_OVERDUE, (), overdue


def _connectors(report: Report, expected: Sequence[str]) -> Part:
    facts = _facts(report, connectors_running.NAME)
    if "connectors" not in facts:
        return
    yield metrics.RECONCILING, (), facts.get("reconciling", False)
    there: dict[str, Mapping[str, Any]] = {str(one["name"]): one for one in facts["connectors"]}
    for name in dict.fromkeys((*expected, *there)):
        one = there.get(name, {})
        yield metrics.CONNECTOR_RUNNING, (name,), one.get("state") == "RUNNING"
        tasks = Counter(str(state) for state in one.get("tasks", ()))
        for state in dict.fromkeys((*STATES, *tasks)):
            yield metrics.CONNECTOR_TASKS, (name, state), tasks[state]


def _certificates(report: Report, limits: Limits, left_out: dict[Labels, float]) -> Part:
    """Yield expiry dates; of two CAs with one name (CA renewal) the later one counts, as in the check."""
    ends: dict[str, float] = {}
    for one in _facts(report, certificates_valid.NAME).get("certificates", ()):
        if "ends" in one:
            moment = datetime.fromisoformat(one["ends"]).timestamp()
            ends[one["what"]] = max(moment, ends.get(one["what"], moment))
    soonest = sorted(ends.items(), key=lambda item: item[1])
    for what, moment in _first("certificate", soonest, limits.series, left_out):
        yield metrics.CERTIFICATE_EXPIRY, (what,), moment


def _facts(report: Report, check: str) -> Mapping[str, Any]:
    """Return the facts of a check; empty if it did not run or could not be evaluated."""
    found: Iterable[CheckResult] = (one for one in report.checks if one.name == check)
    return next((one.facts for one in found), {})


def _first(of: str, rows: Sequence[T], limit: int, left_out: dict[Labels, float]) -> Sequence[T]:
    left_out[(of,)] = float(max(0, len(rows) - limit))
    return rows[:limit]
