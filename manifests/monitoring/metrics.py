"""The metrics of `python -m mirror exporter`, for the exporter, the alerts, the dashboard and
docs/metrics.md.

Names and units follow Prometheus (https://prometheus.io/docs/practices/naming): base units, seconds and Unix
times; only counters end with `_total`, all other metrics are gauges. Each metric has the label `mirror`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PREFIX = "region_mirror_"
MIRROR = "mirror"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its help text, and its labels besides `mirror`.

    `of` is the object that has one value each: the exporter itself (present even if every look fails), a
    look, the last look that was kept for a failover (present while the source does not answer), or an object
    of which a mirror may have thousands (`topic`, `partition`, `group`, `certificate`), for which the number
    of series is limited.
    """

    name: str
    help: str
    labels: tuple[str, ...] = ()
    of: Literal["exporter", "look", "last look", "topic", "partition", "group", "certificate"] = "look"
    kind: Literal["gauge", "counter"] = "gauge"


def _of_exporter(name: str, help: str, kind: Literal["gauge", "counter"] = "gauge") -> Metric:
    return Metric(f"{PREFIX}{name}", help, of="exporter", kind=kind)


def _of_last_look(name: str, help: str) -> Metric:
    return Metric(f"{PREFIX}{name}", help, of="last look")


LOOK_SUCCESS = _of_exporter(
    "look_success",
    "1 if the last look succeeded, 0 if it failed: then only the metrics of the exporter itself, and of the "
    "last look at the source, are present",
)
LOOK_LAST_SUCCESS = _of_exporter(
    "look_last_success_timestamp_seconds",
    "Start of the last successful look (Unix time); absent before the first one",
)
LOOK_DURATION = _of_exporter("look_duration_seconds", "Duration of the last look, successful or not")
LOOK_INTERVAL = _of_exporter("look_interval_seconds", "Interval between two looks (`--every`)")
LOOKS = _of_exporter("looks_total", "Looks since the exporter started", "counter")
LOOK_FAILURES = _of_exporter("look_failures_total", "Failed looks since the exporter started", "counter")
LOOK_PROBLEMS = Metric(
    f"{PREFIX}look_problems",
    "Parts of the last look that could not be read; metrics that depend on them are absent or older",
)
PROMOTED = Metric(
    f"{PREFIX}promoted",
    "1 once the mirror is promoted: it is stopped for good, and all other metrics of looks are absent",
)

LAST_LOOK = _of_last_look(
    "last_look_timestamp_seconds",
    "When the source was last seen, by whichever command kept the last look (Unix time); absent before the "
    "first look and after the promotion, as the metrics of a failover",
)
SOURCE_SILENT = _of_last_look(
    "source_silent",
    "1 while no broker of the source answers the exporter, 0 while one does; absent where that is not known, "
    "and after the promotion",
)
FAILOVER_MISSING_RECORDS = _of_last_look(
    "failover_missing_records", "Records that were not mirrored at the last look (upper bound)"
)
FAILOVER_COVERED_UNTIL = _of_last_look(
    "failover_covered_until_timestamp_seconds",
    "Moment up to which every record was mirrored at the last look (Unix time): a failover misses what came "
    "after it",
)
FAILOVER_LIMIT_RECORDS = _of_last_look("failover_limit_records", "`monitoring.failover_limit_records`")
FAILOVER_LIMIT_SECONDS = _of_last_look("failover_limit_seconds", "`monitoring.failover_limit_seconds`")

CHECK_PASSED = Metric(
    f"{PREFIX}check_passed",
    "1 if a check of `region-mirror verify` passed, 0 if it failed or could not be evaluated",
    ("check",),
)
CHECK_JUDGED = Metric(
    f"{PREFIX}check_judged",
    "1 if a check could be evaluated, 0 if not: then it has not passed, and nothing is known",
    ("check",),
)
CHECK_FINDINGS = Metric(f"{PREFIX}check_findings", "Number of findings of a check", ("check",))
CHECK_EVALUATED = Metric(
    f"{PREFIX}check_last_evaluated_timestamp_seconds",
    "Start of the look from which a check was evaluated (Unix time)",
    ("check",),
)
CHECK_DURATION = Metric(
    f"{PREFIX}check_duration_seconds",
    "Duration of a check; checks run in parallel and include the wait for shared data",
    ("check",),
)

LAG_RECORDS = Metric(
    f"{PREFIX}lag_records", "Records of all partitions that are not mirrored yet (upper bound)"
)
LAG_SECONDS = Metric(
    f"{PREFIX}lag_seconds", "Age of the oldest record that is not mirrored yet; 0 if all are"
)
LAG_LIMIT = Metric(f"{PREFIX}lag_limit_seconds", "`verification.max_lag_seconds`")
PARTITIONS = Metric(
    f"{PREFIX}partitions", "Number of source partitions in each state that `status` reports", ("state",)
)
PARTITIONS_LOSING = Metric(
    f"{PREFIX}partitions_losing",
    "Partitions whose records were deleted before they were mirrored, or will be, as `status` reports",
)
SERIES_LEFT_OUT = Metric(
    f"{PREFIX}series_left_out",
    "Topics, partitions, groups and certificates without series of their own, because of `--series-limit`; "
    "the most urgent ones have series",
    ("of",),
)

TOPIC_LAG_RECORDS = Metric(
    f"{PREFIX}topic_lag_records",
    "Records of a topic that are not mirrored yet (upper bound)",
    ("topic",),
    "topic",
)
TOPIC_LAG_SECONDS = Metric(
    f"{PREFIX}topic_lag_seconds",
    "Age of the oldest record of a topic that is not mirrored yet; 0 if all are",
    ("topic",),
    "topic",
)
TOPIC_RETENTION_LEFT = Metric(
    f"{PREFIX}topic_retention_left_seconds",
    "Seconds until the source's retention deletes a record of the topic that is not mirrored, if MM2 stopped "
    "now; absent if records are kept for ever or the time is unknown",
    ("topic",),
    "topic",
)
TOPIC_RETENTION_USED = Metric(
    f"{PREFIX}topic_retention_used_ratio",
    "Age of the oldest record that is not mirrored yet as a share of the source topic's retention (more than "
    "1 if the record is older than the retention)",
    ("topic",),
    "topic",
)
TOPIC_LOSING = Metric(
    f"{PREFIX}topic_partitions_losing",
    "Partitions of a topic whose records were deleted before they were mirrored, or will be",
    ("topic",),
    "topic",
)

PARTITION_LAG_RECORDS = Metric(
    f"{PREFIX}partition_lag_records",
    "Records of a partition that are not mirrored yet (upper bound; `--per-partition`)",
    ("topic", "partition"),
    "partition",
)
PARTITION_LAG_SECONDS = Metric(
    f"{PREFIX}partition_lag_seconds",
    "Age of the oldest record of a partition that is not mirrored yet (`--per-partition`)",
    ("topic", "partition"),
    "partition",
)
PARTITION_RETENTION_LEFT = Metric(
    f"{PREFIX}partition_retention_left_seconds",
    "The same as for the topic, for one partition (`--per-partition`)",
    ("topic", "partition"),
    "partition",
)

GROUPS = Metric(
    f"{PREFIX}groups",
    "Number of consumer groups of mirrored topics in each state that `status` reports: exact, behind, "
    "unreadable, not-translated, blocked, ahead, below-start, past-end",
    ("state",),
)
GROUP_STATE = Metric(
    f"{PREFIX}group_state", "1 for the current state of a group", ("group", "state"), "group"
)
GROUP_REREAD_RECORDS = Metric(
    f"{PREFIX}group_reread_records",
    "Records that a group would re-read on the target, as `status` estimates",
    ("group",),
    "group",
)
GROUP_UNREAD_RECORDS = Metric(
    f"{PREFIX}group_unread_records",
    "Records that a group has not read on the source (upper bound)",
    ("group",),
    "group",
)
CHECKPOINTS_OVERDUE = Metric(
    f"{PREFIX}checkpoints_overdue",
    "Partitions of groups whose translated offset should have advanced but has not, for longer than MM2 "
    "needs",
)

CONNECTOR_RUNNING = Metric(
    f"{PREFIX}connector_running", "1 if Connect reports a connector as RUNNING, else 0", ("connector",)
)
RECONCILING = Metric(
    f"{PREFIX}reconciling",
    "1 while the operator has not finished the newest change of the KafkaMirrorMaker2, as while it rolls the "
    "workers, and all else of connectors-running is well",
)
CONNECTOR_TASKS = Metric(
    f"{PREFIX}connector_tasks",
    "Number of tasks of a connector in each state of Connect",
    ("connector", "state"),
)

CERTIFICATE_EXPIRY = Metric(
    f"{PREFIX}certificate_expiry_timestamp_seconds",
    "Expiry of a certificate that the mirror depends on (Unix time): trusted CAs, clients, brokers",
    ("certificate",),
    "certificate",
)
CERTIFICATE_MARGIN = Metric(
    f"{PREFIX}certificate_margin_seconds", "`verification.certificate_margin_days`, in seconds"
)

METRICS: tuple[Metric, ...] = (
    LOOK_SUCCESS,
    LOOK_LAST_SUCCESS,
    LOOK_DURATION,
    LOOK_INTERVAL,
    LOOKS,
    LOOK_FAILURES,
    LOOK_PROBLEMS,
    PROMOTED,
    LAST_LOOK,
    SOURCE_SILENT,
    FAILOVER_MISSING_RECORDS,
    FAILOVER_COVERED_UNTIL,
    FAILOVER_LIMIT_RECORDS,
    FAILOVER_LIMIT_SECONDS,
    CHECK_PASSED,
    CHECK_JUDGED,
    CHECK_FINDINGS,
    CHECK_EVALUATED,
    CHECK_DURATION,
    LAG_RECORDS,
    LAG_SECONDS,
    LAG_LIMIT,
    PARTITIONS,
    PARTITIONS_LOSING,
    SERIES_LEFT_OUT,
    TOPIC_LAG_RECORDS,
    TOPIC_LAG_SECONDS,
    TOPIC_RETENTION_LEFT,
    TOPIC_RETENTION_USED,
    TOPIC_LOSING,
    PARTITION_LAG_RECORDS,
    PARTITION_LAG_SECONDS,
    PARTITION_RETENTION_LEFT,
    GROUPS,
    GROUP_STATE,
    GROUP_REREAD_RECORDS,
    GROUP_UNREAD_RECORDS,
    CHECKPOINTS_OVERDUE,
    CONNECTOR_RUNNING,
    RECONCILING,
    CONNECTOR_TASKS,
    CERTIFICATE_EXPIRY,
    CERTIFICATE_MARGIN,
)
"""All metrics, in the order in which docs/metrics.md lists them."""
