"""The register of the checks, in the order in which a person wants to read them: what runs, what is there,
how far behind, whether the content is the same, whether consumers can move, and what all of it stands on.

A new check is a module in `mirror/verify/checks/` with its NAME and its pure judgement, a part in
`mirror/verify/reading/` where it looks at something that no other check does, and its line here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from mirror.problems import Finding
from mirror.verify.checks import (
    certificates_valid,
    connectors_running,
    groups_idle_on_target,
    groups_translated,
    internal_topics_safe,
    lag,
    records_match,
    source_unbroken,
    tail_matches,
    topic_configs_match,
    topics_present,
    users_work,
)
from mirror.verify.reading import active_groups, certificates, configs, parts, source_state, users, windows
from mirror.verify.reading.look import Look
from mirror.verify.report import CheckResult
from settings.patterns import matches


def _connectors_running(look: Look) -> CheckResult:
    return connectors_running.judge(
        look.resource,
        look.names,
        topics_match=bool(look.topics.matched),
        declared_state=look.settings.mirror.state,
    )


def _topics_present(look: Look) -> CheckResult:
    topics, mirror = look.topics, look.settings.mirror
    return topics_present.judge(
        topics.matched,
        topics.source,
        topics.target,
        replication_factor=mirror.replication_factor,
        unmatched_patterns=[
            pattern
            for pattern in mirror.topics
            if not any(matches((pattern,), topic) for topic in topics.source)
        ],
    )


def _topic_configs_match(look: Look) -> CheckResult:
    source, target = look.of(configs.both_configs)
    there = {name: remote for name, remote in look.topics.matched.items() if remote in target}
    return _with_absent(topic_configs_match.judge(there, source, target, configs.rules(look.settings)), look)


def _source_unbroken(look: Look) -> CheckResult:
    return source_unbroken.judge(look.of(source_state.baseline), look.of(source_state.source_now))


def _lag(look: Look) -> CheckResult:
    lags, at = look.of(parts.lags), look.of(parts.committed).at
    return lag.judge(lags, max_lag_seconds=look.settings.verification.max_lag_seconds, at=at)


def _tail_matches(look: Look) -> CheckResult:
    return _with_absent(tail_matches.judge(look.of(parts.tails), now=look.now()), look)


def _records_match(look: Look) -> CheckResult:
    seen = look.of(windows.windows)
    return _with_absent(
        records_match.judge(
            seen.probes,
            seen.sample,
            exactly_once=look.settings.mirror.exactly_once,
            ends_elsewhere=tail_matches.NAME in look.asked,
        ),
        look,
    )


def _groups_translated(look: Look) -> CheckResult:
    groups = look.of(parts.groups)
    return _with_absent(groups_translated.judge(groups.partitions, groups.unreadable, groups.blind), look)


def _groups_idle_on_target(look: Look) -> CheckResult:
    return groups_idle_on_target.judge(
        look.of(parts.source_groups),
        look.of(active_groups.groups_on_target),
        groups_idle_on_target.not_synced(look.resource, look.settings.source.alias),
    )


def _users_work(look: Look) -> CheckResult:
    seen = look.of(users.users)
    return users_work.judge(
        seen.users,
        namespace=look.settings.target.namespace,
        missing=seen.missing,
        not_compared=seen.not_compared,
        trust=seen.trust,
    )


def _certificates_valid(look: Look) -> CheckResult:
    seen = look.of(certificates.certificates)
    return certificates_valid.judge(
        seen.trusts,
        seen.clients,
        seen.presented,
        margin=timedelta(days=look.settings.verification.certificate_margin_days),
        now=datetime.fromtimestamp(look.now(), UTC),
    )


CHECKS: dict[str, Callable[[Look], CheckResult]] = {
    connectors_running.NAME: _connectors_running,
    topics_present.NAME: _topics_present,
    topic_configs_match.NAME: _topic_configs_match,
    source_unbroken.NAME: _source_unbroken,
    lag.NAME: _lag,
    tail_matches.NAME: _tail_matches,
    records_match.NAME: _records_match,
    groups_translated.NAME: _groups_translated,
    groups_idle_on_target.NAME: _groups_idle_on_target,
    users_work.NAME: _users_work,
    certificates_valid.NAME: _certificates_valid,
    internal_topics_safe.NAME: lambda look: internal_topics_safe.judge(look.of(configs.internal_topics)),
}


def _with_absent(result: CheckResult, look: Look) -> CheckResult:
    """Partitions without a copy: topics-present says so; where it is not asked for, this check must."""
    absent = look.topics.absent
    if not absent:
        return result
    topics = sorted({one.topic for one in absent})
    summary = f"{result.summary}; not looked at: {len(absent)} partitions that are not on the target"
    findings = list(result.findings)
    if topics_present.NAME not in look.asked:
        findings += [
            Finding(topic, "it is not, or not whole, on the target", "run the check topics-present")
            for topic in topics
        ]
    return CheckResult.of(result.name, summary, findings, result.facts)
