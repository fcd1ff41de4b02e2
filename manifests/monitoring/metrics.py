"""Every metric that `python -m mirror exporter` has: alerts, dashboard, exporter and docs/metrics.md read it.

Names and units are as Prometheus wants them (https://prometheus.io/docs/practices/naming): base units,
seconds and Unix times, `_total` for counters alone. All others are gauges. Each has the label `mirror`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PREFIX = "region_mirror_"
MIRROR = "mirror"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its labels beside `mirror`, and what it says.

    `of` is what has one: the exporter itself (there even when it can see nothing), a look, or one of those
    things of which a mirror may have thousands (`topic`, `partition`, `group`, `certificate`), where the
    number of series is limited.
    """

    name: str
    help: str
    labels: tuple[str, ...] = ()
    of: Literal["exporter", "look", "topic", "partition", "group", "certificate"] = "look"
    kind: Literal["gauge", "counter"] = "gauge"


def _of_exporter(name: str, help: str, kind: Literal["gauge", "counter"] = "gauge") -> Metric:
    return Metric(f"{PREFIX}{name}", help, of="exporter", kind=kind)


LOOK_SUCCESS = _of_exporter(
    "look_success",
    "1 where the last look could be taken, 0 where not: then nothing but the metrics of the exporter itself "
    "is there",
)
LOOK_LAST_SUCCESS = _of_exporter(
    "look_last_success_timestamp_seconds",
    "When the last look that could be taken began (Unix time); absent before the first one",
)
LOOK_DURATION = _of_exporter("look_duration_seconds", "How long the last look took, whether it failed or not")
LOOK_INTERVAL = _of_exporter("look_interval_seconds", "How often the exporter looks (`--every`)")
LOOKS = _of_exporter("looks_total", "Looks since the exporter started", "counter")
LOOK_FAILURES = _of_exporter("look_failures_total", "Looks that could not be taken", "counter")
LOOK_PROBLEMS = Metric(
    f"{PREFIX}look_problems",
    "Parts of the last look that could not be read; what would come of them is absent or older",
)

CHECK_PASSED = Metric(
    f"{PREFIX}check_passed",
    "1 where a check of `python -m mirror verify` passed, 0 where it found something or could not be judged",
    ("check",),
)
CHECK_FINDINGS = Metric(f"{PREFIX}check_findings", "What a check found, by number", ("check",))
CHECK_EVALUATED = Metric(
    f"{PREFIX}check_last_evaluated_timestamp_seconds",
    "When the look began over which a check was judged (Unix time)",
    ("check",),
)
CHECK_DURATION = Metric(
    f"{PREFIX}check_duration_seconds",
    "How long a check took; checks run side by side, and wait for what they share",
    ("check",),
)

LAG_RECORDS = Metric(f"{PREFIX}lag_records", "Records that are not mirrored yet, of all partitions; at most")
LAG_SECONDS = Metric(
    f"{PREFIX}lag_seconds", "Age of the oldest record that is not mirrored yet; 0 where none is"
)
LAG_LIMIT = Metric(f"{PREFIX}lag_limit_seconds", "`verification.max_lag_seconds`")
PARTITIONS = Metric(f"{PREFIX}partitions", "Source partitions by what `status` says of them", ("state",))
PARTITIONS_LOSING = Metric(
    f"{PREFIX}partitions_losing",
    "Partitions of which records went unmirrored, or will before they are mirrored, as `status` judges",
)
SERIES_LEFT_OUT = Metric(
    f"{PREFIX}series_left_out",
    "Topics, partitions, groups and certificates beyond `--series-limit`, which have no series of their own; "
    "the worst come first",
    ("of",),
)

TOPIC_LAG_RECORDS = Metric(
    f"{PREFIX}topic_lag_records", "Records of a topic that are not mirrored yet; at most", ("topic",), "topic"
)
TOPIC_LAG_SECONDS = Metric(
    f"{PREFIX}topic_lag_seconds",
    "Age of the oldest record of a topic that is not mirrored yet; 0 where none is",
    ("topic",),
    "topic",
)
TOPIC_RETENTION_LEFT = Metric(
    f"{PREFIX}topic_retention_left_seconds",
    "Seconds until the source's retention removes a record of the topic that is not mirrored, if MM2 "
    "mirrored nothing from now on; absent where records are kept for ever or it is not known",
    ("topic",),
    "topic",
)
TOPIC_RETENTION_USED = Metric(
    f"{PREFIX}topic_retention_used_ratio",
    "Age of the oldest unmirrored record as a share of the source topic's retention (0 to 1, more where "
    "it is over)",
    ("topic",),
    "topic",
)
TOPIC_LOSING = Metric(
    f"{PREFIX}topic_partitions_losing",
    "Partitions of a topic of which records went unmirrored, or will before they are mirrored",
    ("topic",),
    "topic",
)

PARTITION_LAG_RECORDS = Metric(
    f"{PREFIX}partition_lag_records",
    "Records of a partition that are not mirrored yet; at most (`--per-partition`)",
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
    "As of the topic, of one partition (`--per-partition`)",
    ("topic", "partition"),
    "partition",
)

GROUPS = Metric(
    f"{PREFIX}groups",
    "Consumer groups on mirrored topics by what `status` says of them: exact, behind, unreadable, "
    "not-translated, blocked, past-end",
    ("state",),
)
GROUP_STATE = Metric(
    f"{PREFIX}group_state", "1 for the state that a group is in", ("group", "state"), "group"
)
GROUP_REREAD_RECORDS = Metric(
    f"{PREFIX}group_reread_records",
    "Records that a group would read again on the target, as `status` estimates",
    ("group",),
    "group",
)
GROUP_UNREAD_RECORDS = Metric(
    f"{PREFIX}group_unread_records",
    "Records that a group has not read on the source; at most",
    ("group",),
    "group",
)
CHECKPOINTS_OVERDUE = Metric(
    f"{PREFIX}checkpoints_overdue",
    "Partitions of groups whose translation ought to have moved and has not, for longer than MM2 takes",
)

CONNECTOR_RUNNING = Metric(
    f"{PREFIX}connector_running", "1 where Connect says that a connector is RUNNING, else 0", ("connector",)
)
CONNECTOR_TASKS = Metric(
    f"{PREFIX}connector_tasks", "Tasks of a connector by Connect's state", ("connector", "state")
)

CERTIFICATE_EXPIRY = Metric(
    f"{PREFIX}certificate_expiry_timestamp_seconds",
    "When a certificate that the mirror stands on ends (Unix time): trusted CAs, clients, brokers",
    ("certificate",),
    "certificate",
)
CERTIFICATE_MARGIN = Metric(
    f"{PREFIX}certificate_margin_seconds", "`verification.certificate_margin_days`, in seconds"
)

METRICS: tuple[Metric, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
"""All of them, in the order above."""
