"""The alerts for one mirror. Each links to its section in docs/alerts.md, which describes what to do.

Expressions aggregate by the subject of the alert, without `instance` and `pod`: an exporter that moves to
another pod does not restart an alert, and two exporters of one mirror cause one alert. If a look fails, its
metrics are withdrawn and their alerts resolve; `MirrorExporterBlind` then reports that the state is unknown.
Only the metrics of the last look at the source remain (`MirrorFailoverWouldMiss`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from manifests.monitoring import metrics
from manifests.monitoring.metrics import MIRROR, Metric

Severity = Literal["critical", "warning"]

RUNNING = "connectors-running"
"""The check that has an alert of its own, `MirrorDown`."""
RETENTION_WARNING = 0.25
RETENTION_CRITICAL = 0.5
"""Shares of the source's retention."""
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Alert:
    """One alerting rule. `hold` is Prometheus' `for`; Prometheus fills in `{{ ... }}` of its texts."""

    name: str
    severity: Severity
    expression: str
    hold: str
    summary: str
    description: str

    @property
    def anchor(self) -> str:
        """The anchor of its section in docs/alerts.md, as GitHub derives it from the heading."""
        return self.name.lower()


def alerts(mirror: str) -> tuple[Alert, ...]:
    """Return all alerts for one mirror."""
    return (
        *_running(mirror),
        *_retention(mirror),
        *_failover(mirror),
        *_checkpoints(mirror),
        *_certificates(mirror),
        *_verification(mirror),
        *_exporter(mirror),
    )


def series(metric: Metric, mirror: str, *where: str) -> str:
    """Select the series of one mirror."""
    matchers = ", ".join((f'{MIRROR}="{mirror}"', *where))
    return f"{metric.name}{{{matchers}}}"


def least(metric: Metric, mirror: str, *by: str, where: str = "") -> str:
    """Render the smallest value, by the mirror and the labels `by`."""
    return _folded("min", metric, mirror, by, where)


def most(metric: Metric, mirror: str, *by: str) -> str:
    """Render the largest value, by the mirror and the labels `by`."""
    return _folded("max", metric, mirror, by)


def _folded(operator: str, metric: Metric, mirror: str, by: tuple[str, ...], where: str = "") -> str:
    selected = series(metric, mirror, *filter(None, (where,)))
    return f"{operator} by ({', '.join((MIRROR, *by))}) ({selected})"


def _beyond(left: str, operator: str, right: str) -> str:
    """Compare many series of a mirror with its one limit."""
    return f"{left}\n  {operator} on ({MIRROR}) group_left () ({right})"


def _running(mirror: str) -> tuple[Alert, ...]:
    running = least(metrics.CHECK_PASSED, mirror, where=f'check="{RUNNING}"')
    return (
        Alert(
            "MirrorDown",
            "critical",
            f"{running} == 0",
            "5m",
            f"Mirror {mirror} is not running",
            "The KafkaMirrorMaker2 is not Ready, or one of its connectors or tasks is not RUNNING. New "
            "records stay on the source until its retention deletes them.",
        ),
    )


def _retention(mirror: str) -> tuple[Alert, ...]:
    """Alerts for records that the source may delete before they are mirrored."""
    used = most(metrics.TOPIC_RETENTION_USED, mirror, "topic")
    losing = most(metrics.TOPIC_LOSING, mirror, "topic")
    late = _beyond(most(metrics.TOPIC_LAG_SECONDS, mirror, "topic"), ">", most(metrics.LAG_LIMIT, mirror))
    return (
        Alert(
            "MirrorLagAgainstRetention",
            "critical",
            f"{losing} > 0\nor\n({used} > {RETENTION_CRITICAL}\nand\n{late})",
            "1m",
            f"Mirror {mirror} is losing or will soon lose records of {{{{ $labels.topic }}}}",
            "The source deletes records of {{ $labels.topic }} before they are mirrored, has already deleted "
            "some, or the topic was recreated. Raise its retention.ms on the source now.",
        ),
        Alert(
            "MirrorLagAgainstRetention",
            "warning",
            f"{used} > {RETENTION_WARNING}\nand\n{late}",
            "15m",
            f"Mirror {mirror} is far behind on {{{{ $labels.topic }}}}",
            "The oldest record of {{ $labels.topic }} that is not mirrored yet has reached "
            "{{ $value | humanizePercentage }} of the source's retention. At 100% the source deletes it.",
        ),
    )


def _failover(mirror: str) -> tuple[Alert, ...]:
    """The alert for what a failover would miss now. Its metrics stay while the source does not answer."""
    records = most(metrics.FAILOVER_MISSING_RECORDS, mirror)
    too_many = _beyond(records, ">", most(metrics.FAILOVER_LIMIT_RECORDS, mirror))
    seconds = f"time() - {most(metrics.FAILOVER_COVERED_UNTIL, mirror)}"
    too_old = _beyond(seconds, ">", most(metrics.FAILOVER_LIMIT_SECONDS, mirror))
    return (
        Alert(
            "MirrorFailoverWouldMiss",
            "warning",
            f"{too_many}\nor\n{too_old}",
            "5m",
            f"A failover of mirror {mirror} now would miss more records than the limits allow",
            "By the last look at the source, the target lacks more records than "
            "`monitoring.failover_limit_records`, or the records of more than "
            "`monitoring.failover_limit_seconds` seconds.",
        ),
    )


def _checkpoints(mirror: str) -> tuple[Alert, ...]:
    return (
        Alert(
            "MirrorCheckpointsStale",
            "warning",
            f"{most(metrics.CHECKPOINTS_OVERDUE, mirror)} > 0",
            "10m",
            f"Mirror {mirror} no longer translates consumer group offsets",
            "On {{ $value }} partitions of groups the translated offset should have advanced but has not: a "
            "group that moves to the target now re-reads many records.",
        ),
    )


def _certificates(mirror: str) -> tuple[Alert, ...]:
    left = f"{least(metrics.CERTIFICATE_EXPIRY, mirror, 'certificate')} - time()"
    margin = f"{most(metrics.CERTIFICATE_MARGIN, mirror)} + {7 * _DAY}"
    summary = "{{ $labels.certificate }} expires in {{ $value | humanizeDuration }}"
    return (
        Alert(
            "MirrorCertificateExpires",
            "critical",
            f"{left} < {3 * _DAY}",
            "5m",
            summary,
            f"After it has expired, mirror {mirror} or its clients can no longer log in.",
        ),
        Alert(
            "MirrorCertificateExpires",
            "warning",
            _beyond(left, "<", margin),
            "1h",
            summary,
            f"It should have been renewed by now: within a week the verification of mirror {mirror} will "
            "fail.",
        ),
    )


def _verification(mirror: str) -> tuple[Alert, ...]:
    passed = least(metrics.CHECK_PASSED, mirror, "check", where=f'check!="{RUNNING}"')
    return (
        Alert(
            "MirrorVerificationFailed",
            "warning",
            f"{passed} == 0",
            "15m",
            f"Verification of mirror {mirror} fails: {{{{ $labels.check }}}}",
            "The check {{ $labels.check }} fails or cannot be evaluated. Move no consumer to the target "
            "until it passes.",
        ),
    )


def _exporter(mirror: str) -> tuple[Alert, ...]:
    """Alerts for a missing or failing exporter, without which other alerts cannot fire."""
    silent = f"time() - {most(metrics.LOOK_LAST_SUCCESS, mirror)}"
    patience = f"5 * {most(metrics.LOOK_INTERVAL, mirror)} + 5 * {most(metrics.LOOK_DURATION, mirror)}"
    return (
        Alert(
            "MirrorExporterBlind",
            "warning",
            f"{most(metrics.LOOK_SUCCESS, mirror)} == 0\nor\n{_beyond(silent, '>', patience)}",
            "10m",
            f"State of mirror {mirror} unknown: the exporter's looks fail or do not end",
            "A cluster or the Kubernetes API does not answer, or a credential fails: this may be an outage. "
            "Until a look succeeds, only MirrorFailoverWouldMiss can fire. The other alerts of this mirror "
            "resolve, although their cause may remain.",
        ),
        Alert(
            "MirrorExporterAbsent",
            "warning",
            f"absent({series(metrics.LOOK_SUCCESS, mirror)})",
            "10m",
            f"State of mirror {mirror} unknown: no exporter is scraped",
            "Prometheus scrapes no exporter of this mirror. Until it does, no other alert of this mirror can "
            "fire, and those that fired resolve, although their cause may remain.",
        ),
    )
