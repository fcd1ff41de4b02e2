"""The alerts for one mirror. Each links to its section in docs/alerts.md, which describes what to do.

Expressions aggregate by the subject of the alert, without `instance` and `pod`: an exporter that moves to
another pod does not restart an alert, and two exporters of one mirror cause one alert. If looks fail, their
metrics are withdrawn and their alerts resolve; `MirrorExporterBlind` then reports that the state is unknown.
Only the metrics of the last look at the source remain (`MirrorSourceSilent`, `MirrorFailoverWouldMiss`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from manifests.monitoring import metrics
from manifests.monitoring.queries import Queries, beyond, held_minutes, series
from settings.model.monitoring import EVERY_SECONDS

Severity = Literal["critical", "warning"]

RUNNING = "connectors-running"
"""The check that has an alert of its own, `MirrorDown`; one that cannot be evaluated says nothing of that."""
_CHECK_RUNS = f'check="{RUNNING}"'
RETENTION_WARNING = 0.25
RETENTION_CRITICAL = 0.5
"""Shares of the source's retention."""
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Alert:
    """One alerting rule. `hold` is Prometheus' `for`, in minutes; Prometheus fills in `{{ ... }}` of its
    texts. `by_looks`: whether it is about what the exporter's looks say."""

    name: str
    severity: Severity
    expression: str
    hold: int
    summary: str
    description: str
    by_looks: bool = True

    @property
    def anchor(self) -> str:
        """The anchor of its section in docs/alerts.md, as GitHub derives it from the heading."""
        return self.name.lower()


def alerts(mirror: str, every: int = EVERY_SECONDS) -> tuple[Alert, ...]:
    """Return all alerts for one mirror. `every`: seconds between two looks of its exporter."""
    ask = Queries(mirror, every)
    found = (
        *_running(ask),
        *_retention(ask),
        *_failover(ask),
        *_checkpoints(ask),
        *_certificates(ask),
        *_verification(ask),
        *_exporter(ask),
    )
    least = held_minutes(every)
    return tuple(replace(one, hold=max(one.hold, least)) if one.by_looks else one for one in found)


def _running(ask: Queries) -> tuple[Alert, ...]:
    running = ask.least(metrics.CHECK_PASSED, where=_CHECK_RUNS, unless=metrics.CHECK_JUDGED)
    reconciling = f"{ask.most(metrics.RECONCILING)} == 1"
    return (
        Alert(
            "MirrorDown",
            "critical",
            f"{running} == 0\nunless\n{reconciling}",
            5,
            f"Mirror {ask.mirror} is not running",
            "The KafkaMirrorMaker2 is not Ready or does not exist, or one of its connectors or tasks is not "
            "RUNNING. New records stay on the source until its retention deletes them.",
        ),
        Alert(
            "MirrorDown",
            "warning",
            reconciling,
            60,
            f"A change of mirror {ask.mirror} has not been applied for an hour",
            "The operator has not finished the newest change of the KafkaMirrorMaker2. Connectors and tasks "
            "are RUNNING, perhaps as they were before.",
        ),
    )


def _retention(ask: Queries) -> tuple[Alert, ...]:
    """Alerts for records that the source may delete before they are mirrored."""
    used = ask.most(metrics.TOPIC_RETENTION_USED, "topic")
    losing = ask.most(metrics.TOPIC_LOSING, "topic")
    late = beyond(ask.most(metrics.TOPIC_LAG_SECONDS, "topic"), ">", ask.most(metrics.LAG_LIMIT))
    return (
        Alert(
            "MirrorLagAgainstRetention",
            "critical",
            f"{losing} > 0\nor\n({used} > {RETENTION_CRITICAL}\nand\n{late})",
            5,
            f"Mirror {ask.mirror} is losing or will soon lose records of {{{{ $labels.topic }}}}",
            "The source deletes records of {{ $labels.topic }} before they are mirrored, has already deleted "
            "some, or the topic was recreated. Raise its retention.ms on the source now.",
        ),
        Alert(
            "MirrorLagAgainstRetention",
            "warning",
            f"{used} > {RETENTION_WARNING}\nand\n{late}",
            15,
            f"Mirror {ask.mirror} is far behind on {{{{ $labels.topic }}}}",
            "The oldest record of {{ $labels.topic }} that is not mirrored yet has reached "
            "{{ $value | humanizePercentage }} of the source's retention. At 100% the source deletes it.",
        ),
    )


def _failover(ask: Queries) -> tuple[Alert, ...]:
    """The alerts for the disaster, and for what it would cost. Their metrics stay while the source does not
    answer.
    """
    silent = ask.least(metrics.SOURCE_SILENT)
    records = ask.most(metrics.FAILOVER_MISSING_RECORDS)
    too_many = beyond(records, ">", ask.most(metrics.FAILOVER_LIMIT_RECORDS))
    seconds = f"time() - {ask.most(metrics.FAILOVER_COVERED_UNTIL)}"
    too_old = beyond(seconds, ">", ask.most(metrics.FAILOVER_LIMIT_SECONDS))
    # The limits are there from the exporter's start until the promotion.
    limit = ask.most(metrics.FAILOVER_LIMIT_RECORDS)
    not_kept = f"{limit}\n  unless on ({metrics.MIRROR}) ({ask.most(metrics.LAST_LOOK)})"
    return (
        Alert(
            "MirrorSourceSilent",
            "critical",
            f"{silent} == 1",
            5,
            f"No broker of the source of mirror {ask.mirror} answers",
            "The source is down, or the target's region cannot reach it. Nothing is mirrored, although "
            "connectors and tasks may be RUNNING. Decide whether to wait or to fail over.",
            by_looks=False,
        ),
        Alert(
            "MirrorFailoverWouldMiss",
            "warning",
            f"{too_many}\nor\n{too_old}\nor\n{not_kept}",
            5,
            f"A failover of mirror {ask.mirror} now would miss more records than the limits allow",
            "By the last look at the source, the target lacks more records than "
            "`monitoring.failover_limit_records`, or the records of more than "
            "`monitoring.failover_limit_seconds` seconds; or no look at the source has been kept.",
            by_looks=False,
        ),
    )


def _checkpoints(ask: Queries) -> tuple[Alert, ...]:
    return (
        Alert(
            "MirrorCheckpointsStale",
            "warning",
            f"{ask.most(metrics.CHECKPOINTS_OVERDUE)} > 0",
            10,
            f"Mirror {ask.mirror} no longer translates consumer group offsets",
            "On {{ $value }} partitions of groups the translated offset should have advanced but has not: a "
            "group that moves to the target now re-reads many records.",
        ),
    )


def _certificates(ask: Queries) -> tuple[Alert, ...]:
    """Days before the expiry, but fewer where `certificate_margin_days` says that certificates are renewed
    late: of some that last for three days each would be about to expire for ever.
    """
    left = f"{ask.least(metrics.CERTIFICATE_EXPIRY, 'certificate')} - time()"
    margin = ask.most(metrics.CERTIFICATE_MARGIN)
    summary = "{{ $labels.certificate }} expires in {{ $value | humanizeDuration }}"
    return (
        Alert(
            "MirrorCertificateExpires",
            "critical",
            beyond(left, "<", f"clamp_max({margin} / 2, {3 * _DAY})"),
            5,
            summary,
            f"After it has expired, mirror {ask.mirror} or its clients can no longer log in.",
        ),
        Alert(
            "MirrorCertificateExpires",
            "warning",
            beyond(left, "<", f"{margin} + clamp_max({margin} / 2, {7 * _DAY})"),
            60,
            summary,
            f"It should have been renewed by now: soon the verification of mirror {ask.mirror} will fail.",
        ),
    )


def _verification(ask: Queries) -> tuple[Alert, ...]:
    passed = ask.least(metrics.CHECK_PASSED, "check", where=f'check!="{RUNNING}"')
    running = ask.least(metrics.CHECK_JUDGED, "check", where=_CHECK_RUNS)
    return (
        Alert(
            "MirrorVerificationFailed",
            "warning",
            f"{passed} == 0\nor\n{running} == 0",
            15,
            f"Verification of mirror {ask.mirror} does not pass: {{{{ $labels.check }}}}",
            "The check {{ $labels.check }} fails or cannot be evaluated. Move no consumer to the target "
            "until it passes.",
        ),
    )


def _exporter(ask: Queries) -> tuple[Alert, ...]:
    """Alerts for a missing or failing exporter, without which other alerts cannot fire."""
    silent = f"time() - {ask.most(metrics.LOOK_LAST_SUCCESS)}"
    patience = f"5 * {ask.most(metrics.LOOK_INTERVAL)} + 5 * {ask.most(metrics.LOOK_DURATION)}"
    return (
        Alert(
            "MirrorExporterBlind",
            "warning",
            f"{ask.most(metrics.LOOK_SUCCESS)} == 0\nor\n{beyond(silent, '>', patience)}",
            10,
            f"State of mirror {ask.mirror} unknown: the exporter's looks fail or do not end",
            "A cluster or the Kubernetes API does not answer, or a credential fails: this may be an outage. "
            "Until a look succeeds, only MirrorSourceSilent and MirrorFailoverWouldMiss can fire. The other "
            "alerts of this mirror resolve, although their cause may remain.",
        ),
        Alert(
            "MirrorExporterAbsent",
            "warning",
            f"absent({series(metrics.LOOK_SUCCESS, ask.mirror)})",
            10,
            f"State of mirror {ask.mirror} unknown: no exporter is scraped",
            "Prometheus scrapes no exporter of this mirror. Until it does, no other alert of this mirror can "
            "fire, and those that fired resolve, although their cause may remain.",
            by_looks=False,
        ),
    )
