"""Verifies a mirror: looks, judges, and while something is found, looks again until the deadline."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mirror.checks import connectors_running, groups_translated, lag, tail_matches, topics_present
from mirror.deployed import DeployedResource
from mirror.observe.model import TopicPartition
from mirror.observe.observer import Observation, Observer
from mirror.observe.sides import Sides
from mirror.problems import CouldNotRead, CouldNotRun, one_line
from mirror.report import CHECKS, CheckResult, Finding, Report
from settings.model import Settings
from settings.names import Names
from settings.patterns import matches

PAUSE_SECONDS = 2.0
# With a deadline: how long a first look may fail before it is said. Secrets and users that were declared a
# moment ago may still be on their way; an address that is wrong stays wrong.
GRACE_SECONDS = 15.0


def verify(
    settings: Settings,
    *,
    root: Path,
    deadline_seconds: float = 0,
    progress: Callable[[Report], None] | None = None,
    only: Collection[str] = frozenset(),
) -> Report:
    """The report of the last look: the first one that passes, or the one at the deadline.

    `root` is the folder that kubeconfig paths start from; `only` names the checks to run (none: all five);
    `progress` gets each look's report. Raises CouldNotRun when nothing can be looked at: soon when no look
    has succeeded yet, at the deadline otherwise (a broker or API that restarts must not end a long wait).
    """
    names = tuple(name for name in CHECKS if not only or name in only)
    if unknown := sorted(set(only) - set(CHECKS)):
        raise CouldNotRun(
            "choosing the checks",
            f"there is no check {', '.join(unknown)}",
            f"known are: {', '.join(CHECKS)}",
        )
    began = time.monotonic()
    deadline = began + deadline_seconds
    give_up = began + min(deadline_seconds, GRACE_SECONDS)
    looks = 0
    with ExitStack() as stack:
        session: _Session | None = None
        while True:
            try:
                if session is None:
                    session = _Session(settings, root, stack)
                looks += 1
                report = session.look(names, looks)
                give_up = deadline
            except CouldNotRun:
                if time.monotonic() + PAUSE_SECONDS > give_up:
                    raise
                # New connections: credentials may have been renewed meanwhile.
                stack.close()
                session = None
            else:
                if progress is not None:
                    progress(report)
                if report.passed or time.monotonic() + PAUSE_SECONDS > deadline:
                    return report
            time.sleep(PAUSE_SECONDS)


class _Session:
    """The connections of one verification."""

    def __init__(self, settings: Settings, root: Path, stack: ExitStack) -> None:
        self._settings = settings
        self._names = Names.of(settings)
        self._resource = DeployedResource(settings, root)
        self._unused: dict[str, Any] | None = self._resource.read()
        deployed = self._resource.access(self._unused)
        sides = stack.enter_context(Sides(deployed.source, deployed.target))
        self._observer = Observer(settings, sides)

    def look(self, names: Collection[str], looks: int) -> Report:
        at, began = datetime.now(UTC), time.monotonic()
        resource = self._unused or self._resource.read()
        self._unused = None
        seen = self._observer.look(names)
        results = judge(self._settings, names, resource, seen, time.time())
        return Report(
            self._names.mirror,
            self._settings.source.alias,
            self._settings.target.alias,
            at,
            time.monotonic() - began,
            results,
            looks,
        )


def judge(
    settings: Settings,
    names: Collection[str],
    resource: Mapping[str, Any],
    seen: Observation,
    now: float,
) -> tuple[CheckResult, ...]:
    """Every check that is asked for, over one observation; `now` in seconds since the epoch."""
    judgements: dict[str, Callable[[], CheckResult]] = {
        connectors_running.NAME: lambda: connectors_running.judge(
            resource,
            Names.of(settings),
            topics_match=bool(seen.matched),
            declared_state=settings.mirror.state,
        ),
        topics_present.NAME: lambda: topics_present.judge(
            seen.matched,
            seen.source_topics,
            seen.target_topics,
            replication_factor=settings.mirror.replication_factor,
            unmatched_patterns=[
                pattern
                for pattern in settings.mirror.topics
                if not any(matches((pattern,), topic) for topic in seen.source_topics)
            ],
        ),
        lag.NAME: lambda: lag.judge(
            _had(seen.lags), max_lag_seconds=settings.verification.max_lag_seconds, at=seen.positions_at
        ),
        tail_matches.NAME: lambda: _with_absent(
            tail_matches.judge(_had(seen.tails), now=now), seen.absent, names
        ),
        groups_translated.NAME: lambda: _with_absent(
            groups_translated.judge(_had(seen.groups), seen.unreadable_groups), seen.absent, names
        ),
    }
    return tuple(_guarded(name, judgements[name]) for name in CHECKS if name in names)


def _had(part: Any) -> Any:
    if isinstance(part, CouldNotRead):
        raise part
    return part


def _guarded(name: str, judgement: Callable[[], CheckResult]) -> CheckResult:
    """A check that cannot be judged fails with its reason, and the others go on."""
    try:
        return judgement()
    except CouldNotRead as error:
        return CheckResult.could_not_judge(name, f"{error.tried}: {error.happened}", error.way_out)
    except Exception as error:
        reason = f"an error in the check itself ({type(error).__name__}: {one_line(error)})"
        return CheckResult.could_not_judge(name, reason, "report it as a bug of region-mirror")


def _with_absent(
    result: CheckResult, absent: Collection[TopicPartition], names: Collection[str]
) -> CheckResult:
    """Partitions without a copy: topics-present says so; where it is not asked for, this check must."""
    if not absent:
        return result
    topics = sorted({one.topic for one in absent})
    summary = f"{result.summary}; not looked at: {len(absent)} partitions that are not on the target"
    findings = list(result.findings)
    if topics_present.NAME not in names:
        findings += [
            Finding(topic, "it is not, or not whole, on the target", "run the check topics-present")
            for topic in topics
        ]
    return CheckResult.of(result.name, summary, findings, result.facts)
