"""The alerts on one mirror. Each links to its section of docs/alerts.md, which says what to do.

Expressions aggregate by what an alert is about: an exporter that moves to another pod (`instance`, `pod`)
starts no alert anew, and two exporters of one mirror make one alert. Where a look fails, figures are
withdrawn and their alerts end: `MirrorExporterBlind` says then that nobody knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from manifests.monitoring import metrics
from manifests.monitoring.metrics import MIRROR, Metric

Severity = Literal["critical", "warning"]

RUNNING = "connectors-running"
"""The check by which a mirror is down: it has an alert of its own."""
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
        """Of its section in docs/alerts.md, as GitHub makes it from a heading."""
        return self.name.lower()


def alerts(mirror: str) -> tuple[Alert, ...]:
    """All alerts of one mirror."""
    return (
        *_running(mirror),
        *_retention(mirror),
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


def most(metric: Metric, mirror: str, *by: str, where: str = "") -> str:
    """Render the largest value, by the mirror and the labels `by`."""
    return _folded("max", metric, mirror, by, where)


def _folded(operator: str, metric: Metric, mirror: str, by: tuple[str, ...], where: str) -> str:
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
            f"Mirror {mirror} does not run",
            "The KafkaMirrorMaker2 is not Ready, or a connector or task of it is not RUNNING. Records wait "
            "on the source, where retention goes on.",
        ),
    )


def _retention(mirror: str) -> tuple[Alert, ...]:
    """A topic that nobody writes to, and of which all is mirrored, has used nothing up."""
    used = most(metrics.TOPIC_RETENTION_USED, mirror, "topic")
    losing = most(metrics.TOPIC_LOSING, mirror, "topic")
    late = _beyond(most(metrics.TOPIC_LAG_SECONDS, mirror, "topic"), ">", most(metrics.LAG_LIMIT, mirror))
    return (
        Alert(
            "MirrorLagAgainstRetention",
            "critical",
            f"{losing} > 0\nor\n({used} > {RETENTION_CRITICAL}\nand\n{late})",
            "1m",
            f"Mirror {mirror} loses records of {{{{ $labels.topic }}}}, or soon will",
            "The source removes records of {{ $labels.topic }} before they are mirrored, has removed some, "
            "or the topic was made anew. Raise its retention.ms on the source now.",
        ),
        Alert(
            "MirrorLagAgainstRetention",
            "warning",
            f"{used} > {RETENTION_WARNING}\nand\n{late}",
            "15m",
            f"Mirror {mirror} is far behind on {{{{ $labels.topic }}}}",
            "{{ $value | humanizePercentage }} of the source's retention has gone by since the oldest "
            "unmirrored record of {{ $labels.topic }}. When all has, the source removes it unmirrored.",
        ),
    )


def _checkpoints(mirror: str) -> tuple[Alert, ...]:
    return (
        Alert(
            "MirrorCheckpointsStale",
            "warning",
            f"{most(metrics.CHECKPOINTS_OVERDUE, mirror)} > 0",
            "10m",
            f"Mirror {mirror} no longer translates the offsets of consumer groups",
            "On {{ $value }} partitions of groups a translation ought to have moved and has not: a group "
            "that moves to the target now reads many records again.",
        ),
    )


def _certificates(mirror: str) -> tuple[Alert, ...]:
    left = f"{least(metrics.CERTIFICATE_EXPIRY, mirror, 'certificate')} - time()"
    margin = f"{most(metrics.CERTIFICATE_MARGIN, mirror)} + {7 * _DAY}"
    summary = "{{ $labels.certificate }} ends in {{ $value | humanizeDuration }}"
    return (
        Alert(
            "MirrorCertificateExpires",
            "critical",
            f"{left} < {3 * _DAY}",
            "5m",
            summary,
            f"When it has ended, mirror {mirror} or its clients can no longer log in.",
        ),
        Alert(
            "MirrorCertificateExpires",
            "warning",
            _beyond(left, "<", margin),
            "1h",
            summary,
            f"It should have been renewed by now: in a week mirror {mirror} no longer passes verification.",
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
            f"Mirror {mirror} is not proven: {{{{ $labels.check }}}} fails",
            "The check {{ $labels.check }} finds something, or cannot be judged. Move no consumer until it "
            "passes.",
        ),
    )


def _exporter(mirror: str) -> tuple[Alert, ...]:
    """Where nobody looks, no other alert can fire."""
    silent = f"time() - {most(metrics.LOOK_LAST_SUCCESS, mirror)}"
    patience = f"5 * {most(metrics.LOOK_INTERVAL, mirror)} + 5 * {most(metrics.LOOK_DURATION, mirror)}"
    return (
        Alert(
            "MirrorExporterBlind",
            "warning",
            f"{most(metrics.LOOK_SUCCESS, mirror)} == 0\nor\n{_beyond(silent, '>', patience)}",
            "10m",
            f"Nobody knows how mirror {mirror} does: its exporter cannot look",
            "The exporter answers, but a cluster, the Kubernetes API or a credential keeps it from looking. "
            "No other alert of this mirror can fire meanwhile.",
        ),
        Alert(
            "MirrorExporterAbsent",
            "warning",
            f"absent({series(metrics.LOOK_SUCCESS, mirror)})",
            "10m",
            f"Nobody knows how mirror {mirror} does: there is no exporter",
            "Prometheus scrapes no exporter of this mirror. No other alert of it can fire meanwhile.",
        ),
    )
